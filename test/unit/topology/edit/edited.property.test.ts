// What edits leave as it is, on random topologies: everything that has a name or an address keeps it.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ResolvedInterface, ResolvedNode, ResolvedTopology } from '../../../../src/model/resolved.js'
import type { TopologyEdit } from '../../../../src/model/source/topology-edit.js'
import { linkAddition, linkRemovals, nodeAddition, nodeRemovals } from '../../../../src/topology/edit/ask.js'
import { resolveEdited } from '../../../../src/topology/edited.js'
import { resolveTopology } from '../../../../src/topology/resolve.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'
import { runs } from '../../../support/effort.js'

interface Shape {
  text: string
  nodes: string[]
}

const HOSTS = [
  '{}',
  '{ addresses: { eth0: [192.0.2.1/24] } }',
  '{ loopback: [198.51.100.7/32] }',
  '{ anycast: [203.0.113.9/32, "2001:db8:9::9/128"] }',
  '{ families: [4] }',
  '{ interfaces: { bond0: { kind: bond, members: [eth0] } } }',
]
const LINKS = ['', ', mtu: 1400', ', families: [6]', ', unnumbered: true', ', cost: 7']

/** A tree of routers, switches and hosts, with LANs, parallel links, written names and addresses; some with over 64 nodes. */
const shapes = fc
  .record({
    routers: fc.array(fc.nat(), { minLength: 2, maxLength: 6 }),
    many: fc.constantFrom(0, 0, 0, 66),
    extra: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 4 }),
    hosts: fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 6 }),
    lans: fc.array(fc.array(fc.nat(), { minLength: 3, maxLength: 4 }), { maxLength: 2 }),
  })
  .map(({ routers, many, extra, hosts, lans }): Shape => {
    const count = routers.length + many
    const router = (number: number) => `r${number % count}`
    const addressed = new Set<number>()
    const nodes = [
      ...Array.from({ length: count }, (_, at) => `  r${at}: { kind: router }`),
      ...hosts.map(([, kind], at) => {
        // An address and a bond are of one host each.
        const which = kind % HOSTS.length
        const text = [1, 2].includes(which) && addressed.has(which) ? '{}' : HOSTS[which]
        addressed.add(which)
        return `  h${at}: ${text}`
      }),
    ]
    const linked = Array.from({ length: count - 1 }, (_, at): [string, string, number] => [
      router((routers[(at + 1) % routers.length] as number) % (at + 1)),
      `r${at + 1}`,
      0,
    ])
    const more = extra.map(([a, b, kind]): [string, string, number] => [router(a), router(b), kind])
    const ends = hosts.map(([number], at): [string, string, number] => [`h${at}`, router(number), 0])
    const links = [...linked, ...more, ...ends]
      .filter(([a, b]) => a !== b)
      .map(([a, b, kind]) => `  - { endpoints: [${a}, ${b}]${LINKS[kind % LINKS.length]} }`)
    const shared = lans.map((members) => `  - [${[...new Set(members.map(router))].join(', ')}]`)
    const text = ['name: lab', 'nodes:', ...nodes, 'links:', ...links, ...shared].join('\n')
    return { text, nodes: [...Array.from({ length: count }, (_, at) => `r${at}`), ...hosts.map((_, at) => `h${at}`)] }
  })

/** Numbers that choose what an edit is about. */
const choices = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat(), fc.nat()), { minLength: 1, maxLength: 4 })

function chosen(present: ResolvedTopology, [kind, a, b]: [number, number, number]): TopologyEdit[] {
  const names = present.nodes.filter((node) => node.kind !== 'switch').map(({ name }) => name)
  const pick = (number: number) => names[number % names.length] as string
  switch (kind) {
    case 0:
      return nodeAddition(present, `new${present.nodes.length}-${a % 1000}`, a % 2 === 0 ? { kind: 'router' } : {})
    case 1:
      return pick(a) === pick(b) ? [] : linkAddition(present, [pick(a), pick(b)], {})
    case 2:
      return linkRemovals(present, [a % present.links.length])
    default:
      return names.length < 2 ? [] : nodeRemovals(present, [pick(a)])
  }
}

const interfacesOf = ({ nodes }: ResolvedTopology): Map<string, ResolvedInterface> =>
  new Map(nodes.flatMap((node) => node.interfaces.map((each) => [`${node.name}:${each.name}`, each] as const)))

/** Of an interface, what has nothing to do with the rest of the lab. */
const lasting = ({ name, kind, mac, master, peer, addresses, settings }: ResolvedInterface) => ({
  ...{ name, kind, mac, master, peer, addresses, settings },
})

const lastingOfNode = ({ name, kind, hostname, labels, sysctls, contents, isolation }: ResolvedNode) => ({
  ...{ name, kind, hostname, labels, sysctls, contents, isolation },
})

function resolved(text: string): ResolvedTopology | null {
  try {
    return resolveTopology(parseTopology(text))
  } catch {
    // Such as a second address on a bond's member: no topology.
    return null
  }
}

test('what is not edited keeps its name, addresses and all else that is its own, also after many edits', () => {
  let tried = 0
  fc.assert(
    fc.property(shapes, choices, ({ text }, all) => {
      let present = resolved(text)
      if (present === null) return
      const before: TopologyEdit[] = []
      for (const choice of all) {
        if (choice[0] === 2 && present.links.length === 0) continue
        const edits = chosen(present, choice)
        if (edits.length === 0) continue
        let next: ResolvedTopology
        try {
          next = resolveEdited({ text, options: {}, before, present, edits }, {})
        } catch (error) {
          // The file names what would be removed, such as the member of a bond.
          expect(error).toMatchObject({ code: 'TOPOLOGY_INVALID' })
          expect(
            edits.some(({ edit }) => edit.endsWith('remove')),
            String((error as Error).stack),
          ).toBe(true)
          continue
        }
        tried++
        const gone = new Set(edits.flatMap((each) => (each.edit === 'link.remove' ? each.ends : [])))
        const dropped = new Set(edits.flatMap((each) => (each.edit === 'node.remove' ? [each.node] : [])))
        const [had, has] = [interfacesOf(present), interfacesOf(next)]
        for (const [key, each] of had) {
          const isGone = gone.has(key) || dropped.has(key.replace(/:.*$/, ''))
          const after = has.get(key)
          if (isGone) expect(after, key).toBeUndefined()
          else expect(after && lasting(after), key).toEqual(lasting(each))
        }
        const nodes = new Map(next.nodes.map((node) => [node.name, node]))
        for (const node of present.nodes) {
          const after = nodes.get(node.name)
          if (dropped.has(node.name)) expect(after).toBeUndefined()
          else expect(after && lastingOfNode(after)).toEqual(lastingOfNode(node))
        }
        const added = edits.filter(({ edit }) => edit === 'link.add').length
        expect(next.links).toHaveLength(present.links.length + added - gone.size / 2)
        // The names of what is left are in the same order.
        const kept = present.links.filter(({ endpoints: [a] }) => !gone.has(`${a.node}:${a.interface}`))
        expect(next.links.slice(0, kept.length).map(({ endpoints }) => endpoints)).toEqual(
          kept.map(({ endpoints }) => endpoints),
        )
        before.push(...edits)
        present = next
      }
    }),
    runs(40),
  )
  expect(tried).toBeGreaterThan(20)
})

test('an edit that adds to a small lab gives byte for byte what the file gives with it', () => {
  const small = shapes.filter(({ text, nodes }) => nodes.length < 60 && !/^ {2}- \[/m.test(text))
  fc.assert(
    fc.property(small, ({ text, nodes }) => {
      const present = resolved(text)
      if (present === null) return
      const [a = ''] = nodes
      const edits: TopologyEdit[] = [
        { edit: 'node.add', node: 'extra', keys: { kind: 'router' } },
        { edit: 'link.add', ends: ['extra', a], keys: { mtu: '1400', delay: '5ms' } },
      ]
      const edited = resolveEdited({ text, options: {}, before: [], present, edits }, {})
      const withNode = text.replace('links:', '  extra: { kind: router }\nlinks:')
      expect(edited).toEqual(resolved(`${withNode}\n  - { endpoints: [extra, ${a}], mtu: 1400, delay: 5ms }`))
    }),
    runs(30),
  )
})
