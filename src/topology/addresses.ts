// Every interface's addresses: what is written stands; what is not is taken from the segment's prefix, and the prefix
// from a pool.
import type { Faults, Path } from './fault.js'
import type { Topology } from './parse.js'
import { type PoolKind, Pools } from './pools.js'
import { bitsOf, contains, formatAddress, overlaps, type Prefix, parsePrefix, sizeOf } from './prefix.js'
import type { Family } from './resolved.js'
import type { Segment } from './segments.js'
import { suggestion } from './suggest.js'

/** Prefixes with their address, by node and interface. */
export class AddressPlan {
  private readonly byInterface = new Map<string, Prefix[]>()

  add(node: string, name: string, prefix: Prefix): void {
    const list = this.byInterface.get(`${node}:${name}`)
    if (list) list.push(prefix)
    else this.byInterface.set(`${node}:${name}`, [prefix])
  }

  /** Addresses of an interface, IPv4 first, in the order they were given. */
  of(node: string, name: string): Prefix[] {
    return this.byInterface.get(`${node}:${name}`) ?? []
  }

  /** The first address of a family on an interface. */
  first(node: string, name: string, family: Family): Prefix | undefined {
    return this.of(node, name).find((prefix) => prefix.family === family)
  }
}

interface Written {
  prefix: Prefix
  path: Path
}

/** Gives every interface its addresses. */
export function assignAddresses(topology: Topology, segments: readonly Segment[], faults: Faults): AddressPlan {
  const plan = new AddressPlan()
  const known = interfacesOf(topology, segments)
  const written = readWritten(topology, known, plan, faults)
  const subnets = segments.map((segment) => subnetsOf(topology, segment, written, faults))
  refuseOverlaps(subnets, faults)
  const pools = new Pools([
    ...subnets.flat().map(({ prefix }) => prefix),
    ...[...written.values()].flat().map(({ prefix }) => prefix),
  ])
  segments.forEach((segment, index) => {
    for (const family of topology.families) {
      const own = subnets[index]?.find(({ prefix }) => prefix.family === family)?.prefix
      assignFamily(segment, family, own ?? null, pools, plan, faults)
    }
  })
  assignLoopbacks(topology, pools, plan, faults)
  return plan
}

/** All interface names a node has, loopback included. */
function interfacesOf(topology: Topology, segments: readonly Segment[]): Map<string, Set<string>> {
  const names = new Map(Object.keys(topology.nodes).map((node) => [node, new Set(['lo'])]))
  for (const segment of segments) for (const member of segment.members) names.get(member.node)?.add(member.interface)
  return names
}

/** What the user wrote under `addresses:`, put into the plan. Keys are `NODE:INTERFACE`. */
function readWritten(
  topology: Topology,
  known: Map<string, Set<string>>,
  plan: AddressPlan,
  faults: Faults,
): Map<string, Written[]> {
  const written = new Map<string, Written[]>()
  const seen = new Map<string, string>()
  for (const [node, { addresses }] of Object.entries(topology.nodes)) {
    for (const [name, texts] of Object.entries(addresses)) {
      const names = known.get(node) ?? new Set()
      if (!names.has(name)) {
        faults.add(
          ['nodes', node, 'addresses', name],
          `${node} has no interface ${name} for addresses${suggestion(name, names)}`,
          'key',
        )
        continue
      }
      texts.forEach((text, index) => {
        const path = ['nodes', node, 'addresses', name, index]
        const prefix = parsePrefix(text) as Prefix
        const fault = addressFault(prefix, name, seen.get(formatAddress(prefix.family, prefix.address)))
        if (fault !== null) faults.add(path, `${text} ${fault}`)
        seen.set(formatAddress(prefix.family, prefix.address), `${node}:${name}`)
        plan.add(node, name, prefix)
        written.set(`${node}:${name}`, [...(written.get(`${node}:${name}`) ?? []), { prefix, path }])
      })
    }
  }
  return written
}

function addressFault(
  { family, address, network, length }: Prefix,
  name: string,
  owner: string | undefined,
): string | null {
  if (owner !== undefined) return `is an address of ${owner} already`
  const hostBits = bitsOf(family) - length
  if (name === 'lo' || hostBits < 2) return null
  if (address === network)
    return family === 4 ? 'is the address of the network itself' : 'is the routers’ anycast address'
  return family === 4 && address === network + (1n << BigInt(hostBits)) - 1n ? 'is the broadcast address' : null
}

/** The subnets a segment is given: by its links, else by the first address of a family written on it. */
function subnetsOf(topology: Topology, segment: Segment, written: Map<string, Written[]>, faults: Faults): Written[] {
  const given: Written[] = []
  for (const link of segment.links) {
    topology.links[link.index]?.subnets.forEach((text, at) => {
      const prefix = parsePrefix(text) as Prefix
      const path = ['links', link.index, 'subnets', at]
      const same = given.find((other) => other.prefix.family === prefix.family)
      if (!same) given.push({ prefix, path })
      else if (same.prefix.networkText !== prefix.networkText) {
        faults.add(path, `${text}: this segment has ${same.prefix.networkText} already`)
      }
    })
  }
  const onSegment = segment.members.flatMap((member) => written.get(`${member.node}:${member.interface}`) ?? [])
  const fixed = new Set(given.map(({ prefix }) => prefix.family))
  for (const { prefix, path } of onSegment) {
    const subnet = given.find((other) => other.prefix.family === prefix.family)
    if (!subnet) given.push({ prefix: { ...prefix, address: prefix.network }, path })
    else if (fixed.has(prefix.family) && !contains(subnet.prefix, prefix.family, prefix.address)) {
      faults.add(
        path,
        `${formatAddress(prefix.family, prefix.address)} is outside its link's subnet ${subnet.prefix.networkText}`,
      )
    }
  }
  return given
}

function refuseOverlaps(subnets: readonly Written[][], faults: Faults): void {
  const seen: (Written & { segment: number })[] = []
  subnets.forEach((list, segment) => {
    for (const each of list) {
      const other = seen.find((before) => before.segment !== segment && overlaps(before.prefix, each.prefix))
      if (other)
        faults.add(each.path, `${each.prefix.networkText} overlaps ${other.prefix.networkText} of another link`)
      seen.push({ ...each, segment })
    }
  })
}

/** Gives each member without an address of the family the next free one of the segment's subnet. */
function assignFamily(
  segment: Segment,
  family: Family,
  subnet: Prefix | null,
  pools: Pools,
  plan: AddressPlan,
  faults: Faults,
): void {
  const bare = segment.members.filter((member) => !plan.first(member.node, member.interface, family))
  if (bare.length === 0) return
  const path = ['links', segment.links[0]?.index ?? 0]
  const kind: PoolKind = segment.isLan ? 'lan' : 'link'
  const prefix = subnet ?? pools.take(kind, family, computedLength(segment, family))
  if (!prefix) {
    faults.add(path, `the pool ${Pools.textOf(kind, family)} is used up`)
    return
  }
  const taken = new Set(
    segment.members
      .flatMap((member) => plan.of(member.node, member.interface))
      .map((each) => `${each.family}/${each.address}`),
  )
  const free = freeAddresses(prefix, taken)
  for (const member of bare) {
    const { value: address, done } = free.next()
    if (done) {
      faults.add(path, `${prefix.networkText} is too small for ${segment.members.length} interfaces`)
      return
    }
    plan.add(member.node, member.interface, { ...prefix, address })
  }
}

/** /31 and /127 between two; a /24, or as much larger as needed, and a /64 on a LAN. */
function computedLength(segment: Segment, family: Family): number {
  if (!segment.isLan) return family === 4 ? 31 : 127
  if (family === 6) return 64
  const needed = segment.members.length + 2
  return Math.min(24, 32 - Math.ceil(Math.log2(needed)))
}

function* freeAddresses(prefix: Prefix, taken: ReadonlySet<string>): Generator<bigint> {
  const isPair = bitsOf(prefix.family) - prefix.length <= 1
  const first = prefix.network + (isPair ? 0n : 1n)
  const end = prefix.network + sizeOf(prefix) - (isPair || prefix.family === 6 ? 0n : 1n)
  for (let address = first; address < end; address++) {
    if (!taken.has(`${prefix.family}/${address}`)) yield address
  }
}

/** Every router has a loopback address of each family, so that it can be named whatever link is down. */
function assignLoopbacks(topology: Topology, pools: Pools, plan: AddressPlan, faults: Faults): void {
  for (const [node, { kind }] of Object.entries(topology.nodes)) {
    if (kind !== 'router') continue
    for (const family of topology.families) {
      if (plan.first(node, 'lo', family)) continue
      const prefix = pools.take('loopback', family, bitsOf(family))
      if (prefix) plan.add(node, 'lo', prefix)
      else faults.add(['nodes', node], `the pool ${Pools.textOf('loopback', family)} is used up`)
    }
  }
}
