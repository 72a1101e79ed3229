// Random topologies and random edits of them, in a model of the kernel: a change makes what a new lab would have, a second one does
// nothing, and taking a change back leaves what was there.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planLab } from '../../../../src/plan/build.js'
import type { ChangePlan } from '../../../../src/plan/change/change-plan.js'
import { inverseOf } from '../../../../src/plan/change/inverse.js'
import type { ConfigOp, DeviceOp } from '../../../../src/plan/op.js'
import { explain } from '../../../../src/plan/say/explain.js'
import { ModelLab } from '../../../support/kernel-model/lab.js'
import { pictureOf } from '../../../support/kernel-model/picture.js'
import { resolve } from '../../topology/support.js'

const NODES = ['a', 'b', 'c', 'd', 'e']

/** A topology as data: which nodes there are, how they are linked, and what they have beside. */
interface Sketch {
  routers: boolean[]
  links: [number, number][]
  mtu: number
  dummies: number[]
  bridge: { stp: boolean; ageing: number }
  vlan: number
  names: boolean
  sysctl: number
  remote: number
  extra: number
}

const index = fc.integer({ min: 0, max: NODES.length - 1 })
const sketch: fc.Arbitrary<Sketch> = fc.record({
  routers: fc.array(fc.boolean(), { minLength: 2, maxLength: NODES.length }),
  links: fc.array(fc.tuple(index, index), { maxLength: 7 }),
  mtu: fc.constantFrom(1500, 1400, 9000),
  dummies: fc.array(index, { maxLength: 3 }),
  bridge: fc.record({ stp: fc.boolean(), ageing: fc.constantFrom(300, 60) }),
  vlan: fc.constantFrom(10, 20),
  names: fc.boolean(),
  sysctl: fc.constantFrom(0, 1, 2),
  remote: fc.constantFrom(7, 8),
  extra: fc.constantFrom(0, 1, 2),
})

function textOf({ routers, links, mtu, dummies, bridge, vlan, names, sysctl, remote, extra }: Sketch): string {
  const used = NODES.slice(0, routers.length)
  const nodes = used.map((name, at) => {
    const own = [
      ...(dummies.includes(at) ? [`dum${extra}: { kind: dummy, addresses: [192.0.2.${at + 1}/32] }`] : []),
      ...(at === 0
        ? [
            `br9: { kind: bridge, stp: ${bridge.stp}, ageing: ${bridge.ageing} }`,
            `vl9: { kind: vlan, parent: br9, id: ${vlan}, addresses: [198.51.100.1/24${extra === 1 ? ', 198.51.100.9/24' : ''}] }`,
            `gre9: { kind: gre, remote: 203.0.113.${remote}, ttl: ${remote} }`,
          ]
        : []),
    ]
    const rest = [
      ...(routers[at] ? ['kind: router'] : []),
      ...(own.length === 0 ? [] : [`interfaces: { ${own.join(', ')} }`]),
      ...(sysctl === 0
        ? []
        : [`sysctls: { net.ipv4.conf.default.arp_ignore: ${sysctl}, net.ipv4.conf.all.arp_announce: 1 }`]),
      ...(at === 0 && extra === 2
        ? [
            'rules: [{ priority: 100, from: 198.51.100.0/24, table: 7 }]',
            'routes: [{ to: 192.0.2.128/25, type: blackhole, table: 7 }]',
          ]
        : []),
    ]
    return `  ${name}: { ${rest.join(', ')} }`
  })
  const counts = new Map<number, number>()
  const wired = links.flatMap(([a, b]) => {
    if (a === b || a >= used.length || b >= used.length) return []
    const end = (at: number) => {
      const number = counts.get(at) ?? 0
      counts.set(at, number + 1)
      return names ? `"${used[at]}:w${number}"` : `"${used[at]}:eth${number}"`
    }
    return [`  - { endpoints: [${end(a)}, ${end(b)}], mtu: ${mtu} }`]
  })
  return `name: lab\nnodes:\n${nodes.join('\n')}\nlinks:${wired.length === 0 ? ' []' : `\n${wired.join('\n')}`}\n`
}

const opsOf = ({ first }: ChangePlan): (DeviceOp | ConfigOp)[] =>
  first.nodes.flatMap((node) => [
    ...node.remove,
    ...node.devices,
    ...node.interfaces.flatMap(({ config }) => config),
    ...node.whole,
  ])

test('a change makes what a new lab has, once, and can be taken back', () => {
  fc.assert(
    fc.property(sketch, sketch, (one, other) => {
      const [from, to] = [resolve(textOf(one)), resolve(textOf(other))]
      const lab = new ModelLab(from)
      const before = pictureOf(lab.kernel)
      const plan = lab.change(to)
      for (const op of opsOf(plan)) if (op.op !== 'neighbours.add') expect(explain([op])[0]?.command).toMatch(/\S/)
      lab.rollBack(plan)
      expect(pictureOf(lab.kernel)).toEqual(before)
      lab.apply(plan)
      expect(pictureOf(lab.kernel)).toEqual(pictureOf(new ModelLab(to).kernel))
      const again = lab.change(to)
      expect([again.change.differences, again.first.nodes, again.last]).toEqual([[], [], []])
    }),
    { numRuns: 150 },
  )
}, 60_000)

test('such changes have operations of every kind', () => {
  // The same ones each time, so that none is missing by chance.
  const changes = fc.sample(fc.tuple(sketch, sketch), { numRuns: 150, seed: 7 })
  const kinds = new Set<string>()
  for (const [one, other] of changes) {
    for (const op of opsOf(new ModelLab(resolve(textOf(one))).change(resolve(textOf(other)))))
      kinds.add(op.op === 'remove' ? `- ${op.what.op}` : op.op === 'replace' ? `~ ${op.to.op}` : op.op)
  }
  expect([...kinds]).toEqual(
    expect.arrayContaining([
      ...['veth.add', 'link.add', 'link.up', 'address.add', 'route.add', 'rule.add'],
      ...['- veth.add', '- link.add', '- link.up', '- address.add', '- route.add'],
      ...['~ veth.add', '~ bridge.add', '~ link.add', '~ route.add', '~ node-sysctl.set', '~ sysctl.set'],
    ]),
  )
})

test('the inverse of an inverse is the operation', () => {
  fc.assert(
    fc.property(sketch, (one) => {
      for (const op of planLab(resolve(textOf(one)))) {
        if (['node.add', 'command.run', 'wire.link', 'wireguard.start', 'neighbour.add'].includes(op.op)) continue
        const made = op as DeviceOp | ConfigOp
        expect(inverseOf(inverseOf(made))).toEqual(made)
      }
    }),
    { numRuns: 20 },
  )
})
