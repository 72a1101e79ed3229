// Compares what the kernel has in the nodes of a lab with the operations of the plan that made it, one by one.
import { isDeepStrictEqual } from 'node:util'
import type { SysctlRequest } from '../../src/lab/read/observe.js'
import { referencesOf } from '../../src/model/interfaces/kinds.js'
import type { ObservedEntry, ObservedInterface, ObservedNode } from '../../src/plan/change/observed.js'
import { WIRE_NODE } from '../../src/plan/emulation/links.js'
import type { LinkAdd, Op } from '../../src/plan/op.js'

/** The sysctls that a plan writes, by node. */
export function sysctlsOf(ops: readonly Op[]): Record<string, SysctlRequest> {
  const asked: Record<string, { node: string[]; interfaces: { index: number; name: string; keys: string[] }[] }> = {}
  for (const op of ops) {
    if (op.op === 'node.add') asked[op.node] = { node: Object.keys(op.sysctls), interfaces: [] }
    const interfaces = asked[op.node]?.interfaces
    if (op.op !== 'sysctl.set' || !interfaces) continue
    const known = interfaces.find(({ index }) => index === op.index)
    if (known) known.keys.push(op.key)
    else interfaces.push({ index: op.index, name: op.interface, keys: [op.key] })
  }
  return asked
}

/** A line for each operation that the kernel does not have as it is written, and for each thing it has that is in no operation. */
export function differences(ops: readonly Op[], nodes: readonly ObservedNode[]): string[] {
  const comparison = new Comparison(nodes)
  for (const op of ops) comparison.check(op)
  return [...comparison.missing, ...comparison.extra()]
}

class Comparison {
  readonly missing: string[] = []
  private readonly explained = new Set<ObservedEntry>()
  private readonly made = new Set<string>()
  private readonly guests = new Set<string>()

  constructor(private readonly nodes: readonly ObservedNode[]) {}

  /** The wire is no node of the lab: of its ends, what their peers say is compared. */
  check(op: Op): void {
    if (op.node === WIRE_NODE && op.op !== 'veth.add') return
    switch (op.op) {
      case 'node.add':
        if (op.network !== undefined) this.guests.add(op.node)
        this.expect(op, this.node(op.node)?.sysctls, op.sysctls)
        return
      case 'sysctl.set':
        this.expect(op, this.link(op)?.sysctls, { [op.key]: op.value })
        return
      case 'veth.add':
        if (op.node !== WIRE_NODE) this.veth(op, { index: op.peer.index, node: op.peer.node })
        if (op.peer.node !== WIRE_NODE) this.veth({ ...op.peer, op: op.op }, { index: op.index, node: op.node })
        return
      case 'bridge.add':
        this.device(op, 'bridge', op.settings ?? {})
        return
      case 'tun.add':
        this.device(op, op.mode, {})
        return
      case 'device.move':
        this.device(op, 'device', {})
        return
      case 'link.add':
        this.device(op, op.settings.kind, indexed(op))
        return
      case 'link.up':
        this.expect(op, this.link(op), { up: true, ...(op.carrier === false ? {} : { running: true }) })
        return
      case 'link.enslave':
        this.expect(op, this.link(op), { master: op.master.index })
        return
      case 'wireguard.set': {
        const found = this.link(op)?.wireguard
        const { peers, key, port, fwmark } = op.settings
        this.expect(op, found, { key, ...(port === undefined ? {} : { port }), ...(fwmark ? { fwmark } : {}) })
        for (const peer of peers) {
          const own = found?.peers.find((each) => each.key === peer.key)
          this.expect(op, own && { ...own, allowed: own.allowed.toSorted() }, { allowed: peer.allowed.toSorted() })
        }
        return
      }
      case 'wireguard.start':
        for (const { key, endpoint, keepaliveSeconds } of op.peers) {
          const own = this.link(op)?.wireguard?.peers.find((each) => each.key === key)
          this.expect(op, own, { ...(endpoint ? { endpoint } : {}), ...(keepaliveSeconds ? { keepaliveSeconds } : {}) })
        }
        return
      case 'qdisc.add': {
        const parent = op.parent === 'root' ? 0xffff_ffff : op.parent.major * 0x10000 + op.parent.minor
        this.discipline(op, { kind: op.qdisc.kind, parent, handle: op.major * 0x10000 })
        return
      }
      case 'class.add': {
        const parent = op.parent.minor === 0 ? 0xffff_ffff : op.parent.major * 0x10000 + op.parent.minor
        this.discipline(op, { kind: 'htb', parent, handle: op.id.major * 0x10000 + op.id.minor })
        return
      }
      case 'bridge-vlan.delete': {
        const { op: _, ...vlan } = op
        const there = this.entries(op.node).some((each) => isSubset({ ...vlan, op: 'bridge-vlan.add' }, each))
        if (there) this.missing.push(`still there: ${JSON.stringify(op)}`)
        return
      }
      case 'bridge-port.set':
      case 'route.add':
      case 'address.add':
      case 'nexthop.add':
      case 'rule.add':
      case 'neighbour.add':
      case 'flood.add':
      case 'bridge-vlan.add':
        this.entry(op)
        return
      case 'remove':
      case 'replace':
      case 'node-sysctl.set':
      case 'filter.add':
      case 'wire.link':
      case 'command.run':
        return
    }
  }

  /** What is left: of interfaces, `lo` and the kernel's own ones; of entries, a port's settings and its VLANs by default. */
  extra(): string[] {
    return this.nodes
      .filter(({ name }) => !this.guests.has(name))
      .flatMap(({ name, interfaces, entries }) => [
        ...interfaces
          .filter(({ index }) => index > 15 && !this.made.has(`${name} ${index}`))
          .map((each) => `extra in ${name}: ${JSON.stringify(each)}`),
        ...entries
          .filter((entry) => !this.explained.has(entry) && !isByDefault(entry))
          .map((entry) => `extra: ${JSON.stringify(entry)}`),
      ])
  }

  private veth(
    op: {
      node: string
      interface: string
      index: number
      mac: string | null
      mtu: number
      op: string
      gsoMaxSegs?: number
    },
    peer: ObservedInterface['peer'],
  ): void {
    this.device(op, 'veth', {})
    this.expect(op, this.link(op), { peer, ...(op.gsoMaxSegs === undefined ? {} : { gsoMaxSegs: op.gsoMaxSegs }) })
  }

  private device(
    op: { op: string; node: string; interface: string; index: number; mac: string | null; mtu: number },
    kind: string,
    settings: object,
  ): void {
    this.made.add(`${op.node} ${op.index}`)
    const { mac, mtu, interface: name } = op
    this.expect(op, this.link(op), { kind, name, mtu, ...(mac === null ? {} : { mac }) })
    this.expect(op, this.link(op)?.settings ?? {}, settings)
  }

  private discipline(
    op: { node: string; index: number; op: string },
    wanted: ObservedInterface['disciplines'][number],
  ): void {
    const found = this.link(op)?.disciplines.some((each) => isDeepStrictEqual(each, wanted))
    if (!found) this.missing.push(`no ${JSON.stringify(wanted)}: ${JSON.stringify(op)}`)
  }

  private entry(op: ObservedEntry | Extract<Op, { op: 'route.add' }>): void {
    const wanted = op.op === 'route.add' ? { ...op, protocol: 'static' } : op
    const plain = JSON.parse(JSON.stringify(wanted))
    const found = this.entries(op.node).find((each) =>
      op.op === 'bridge-port.set' ? isSubset(plain, each) : isDeepStrictEqual(JSON.parse(JSON.stringify(each)), plain),
    )
    if (found) this.explained.add(found)
    else this.missing.push(`missing: ${JSON.stringify(op)}`)
  }

  private expect(op: { op: string }, found: object | undefined, wanted: object): void {
    if (found === undefined || !isSubset(wanted, found)) {
      this.missing.push(`${JSON.stringify(found)} is not ${JSON.stringify(wanted)}: ${JSON.stringify(op)}`)
    }
  }

  private node = (name: string): ObservedNode | undefined => this.nodes.find((node) => node.name === name)
  private entries = (node: string): ObservedEntry[] => this.node(node)?.entries ?? []
  private link = ({ node, index }: { node: string; index: number }): ObservedInterface | undefined =>
    this.node(node)?.interfaces.find((each) => each.index === index)
}

const isByDefault = (entry: ObservedEntry): boolean =>
  entry.op === 'bridge-port.set' || (entry.op === 'bridge-vlan.add' && entry.vid === 1 && entry.untagged)

/** The settings as the kernel has them: interfaces by ifindex, and the first remote of a VXLAN, whose others are entries. */
function indexed({ settings, indexes }: LinkAdd): object {
  const { kind: _, ...own } = settings
  const references = Object.fromEntries(referencesOf(settings).map(({ key, name }) => [key, indexes[name]]))
  const remote = settings.kind === 'vxlan' ? { remote: settings.remote.slice(0, 1) } : {}
  return settings.kind === 'wireguard' ? {} : JSON.parse(JSON.stringify({ ...own, ...references, ...remote }))
}

const isSubset = (wanted: object, found: object): boolean =>
  Object.entries(wanted).every(([key, value]) => isDeepStrictEqual((found as Record<string, unknown>)[key], value))
