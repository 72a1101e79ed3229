// Any campus: interfaces share a subnet exactly when a frame of one reaches the other.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../../support/effort.js'
import { Ethernet } from '../routes/ethernet.js'
import { resolve } from '../support.js'

const VLANS = [10, 20, 30]
const vlan = fc.constantFrom(...VLANS)
const some = fc.subarray(VLANS, { minLength: 0 })
const port = fc.record({ untagged: fc.option(vlan, { nil: undefined }), tagged: some }).map(({ untagged, tagged }) => ({
  untagged,
  tagged: tagged.filter((each) => each !== untagged),
}))

/** Switches in a row, and on each some hosts without a tag and routers with one. */
const campus = fc.record({
  isFiltering: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
  trunks: fc.array(fc.tuple(port, port), { minLength: 3, maxLength: 3 }),
  hosts: fc.array(fc.record({ at: fc.nat(), port, vlans: some }), { minLength: 1, maxLength: 6 }),
})

type Campus = typeof campus extends fc.Arbitrary<infer T> ? T : never

function textOf({ isFiltering, trunks, hosts }: Campus): string {
  const ports = isFiltering.map((): string[] => [])
  const links: string[] = []
  const plug = (at: number, settings: { untagged: number | undefined; tagged: number[] }) => {
    const own = ports[at] as string[]
    const untagged = settings.untagged === undefined ? '' : `untagged: ${settings.untagged}, `
    own.push(`eth${own.length}: {${untagged}tagged: [${settings.tagged}]}`)
  }
  isFiltering.slice(1).forEach((_, at) => {
    const [left, right] = trunks[at] as Campus['trunks'][number]
    plug(at, left)
    plug(at + 1, right)
    links.push(`[s${at}, s${at + 1}]`)
  })
  const nodes = hosts.map(({ at, port: settings, vlans }, number) => {
    const place = at % isFiltering.length
    plug(place, settings)
    links.push(`[h${number}, s${place}]`)
    const own = vlans.map((id) => `v${id}: {kind: vlan, parent: eth0, id: ${id}}`)
    return `h${number}: {kind: router, loopback: false, interfaces: {${own}}}`
  })
  const switches = isFiltering.map((filters, at) =>
    filters
      ? `s${at}: {kind: switch, interfaces: {br0: {kind: bridge, vlan_filtering: true, vlans: {${ports[at]}}}}}`
      : `s${at}: {kind: switch}`,
  )
  return `families: [4]\nrouting: none\nnodes: {${[...nodes, ...switches].join(', ')}}\nlinks: [${links}]`
}

test('interfaces share a subnet exactly when they hear each other', () => {
  fc.assert(
    fc.property(campus, (shape) => {
      const lab = resolve(textOf(shape))
      const ethernet = new Ethernet(lab)
      const addressed = lab.nodes.flatMap(({ name: node, interfaces }) =>
        interfaces.flatMap(({ name, addresses: [first] }) =>
          name === 'lo' || first === undefined ? [] : [{ node, name, subnet: first.replace(/\.\d+\/.*/, '') }],
        ),
      )
      for (const from of addressed) {
        const heard = ethernet.heardFrom(from.node, from.name)
        for (const to of addressed) {
          if (to === from) continue
          const [a, b] = [`${from.node}:${from.name}`, `${to.node}:${to.name}`]
          expect([a, b, heard.has(b)]).toEqual([a, b, from.subnet === to.subnet])
        }
      }
    }),
    runs(200),
  )
})
