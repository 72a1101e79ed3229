// Which faults may follow from others. A part that has a fault is left out, and a later fault is only reported if nothing that is
// left out could be its cause.
import { IMPAIRMENT_KEYS } from '../schema/impairments.js'
import type { TopologyNode } from '../schema/topology.js'
import type { LeftOut } from '../source/left-out.js'
import type { Path } from '../source/located.js'
import type { Topology } from '../source/topology.js'
import { Unknowns } from './unknowns.js'

/** What a fault of a key depends on beside the key. `named`: the addresses of nodes that the faulty part names. */
type Need = 'interfaces' | 'addresses' | 'claims' | 'mtus' | 'nexthops' | 'named'

/** A fault that says that two things which are there do not go together depends on nothing else. */
const NEEDS = {
  kind: [],
  title: [],
  labels: [],
  position: [],
  hostname: [],
  domainname: [],
  addresses: ['interfaces', 'addresses', 'claims'],
  loopback: ['addresses', 'claims'],
  anycast: ['interfaces', 'addresses', 'claims'],
  families: [],
  mac: ['interfaces'],
  mtu: ['interfaces', 'addresses'],
  sysctls: ['interfaces'],
  interfaces: ['interfaces', 'addresses', 'mtus', 'named'],
  routes: ['interfaces', 'addresses', 'nexthops', 'named'],
  nexthops: ['interfaces', 'addresses', 'named'],
  rules: ['interfaces', 'addresses', 'named'],
  neighbours: ['interfaces', 'addresses', 'named'],
  env: [],
  hosts: ['named'],
  dns: ['named'],
  files: [],
  mounts: [],
  home: [],
  exec: [],
  namespaces: [],
  users: [],
  time: [],
  repeat: [],
} satisfies Record<keyof TopologyNode, readonly Need[]>

/** Keys below `interfaces` that name interfaces of the node itself. */
const OF_STACK: readonly PropertyKey[] = ['kind', 'members', 'parent', 'ports', 'vlans']

/** Keys of rules that name interfaces and nodes. */
const OF_RULES: readonly PropertyKey[] = ['from', 'to', 'iif']

/** Keys of links, and of their ends, for the frames that they carry. */
const OF_FRAMES: readonly string[] = [...IMPAIRMENT_KEYS, 'pairs', 'emulation']

export class FollowUps {
  private readonly unknowns: Unknowns
  /** The parts that are left out, and those that they are in. */
  private readonly around = new Set<string>()
  private readonly parts = new Set<string>()

  constructor(
    private readonly topology: Topology,
    leftOut: readonly LeftOut[],
  ) {
    this.unknowns = new Unknowns(topology, leftOut)
    for (const { path } of leftOut) {
      this.parts.add(textOf(path))
      path.forEach((_, index) => {
        this.around.add(textOf(path.slice(0, index + 1)))
      })
    }
  }

  /** Whether a fault of a part may follow from a part that is left out. */
  has(path: Path): boolean {
    if (this.around.has(textOf(path)) || path.some((_, index) => this.parts.has(textOf(path.slice(0, index + 1)))))
      return true
    switch (path[0]) {
      case 'nodes':
        return this.ofNode(path)
      case 'links':
        return this.ofLink(path)
      case 'pools':
        return this.unknowns.addresses.size > 0
      default:
        return true
    }
  }

  private ofNode(path: Path): boolean {
    const [, which, key, , setting] = path
    const node = String(which)
    if (key === undefined) return this.unknowns.interfaces.has(node)
    return needsOf(key as keyof TopologyNode, setting).some((need) => this.lacks(need, node, path))
  }

  private lacks(need: Need, node: string, path: Path): boolean {
    switch (need) {
      case 'named':
        return this.namesUnknown(path)
      case 'claims':
        return this.unknowns.hasClaims
      default:
        return this.unknowns[need].has(node)
    }
  }

  private ofLink(path: Path): boolean {
    const [, index, key, , setting] = path
    if (OF_FRAMES.includes(String(key === 'endpoints' ? setting : key))) return this.ofFrames(Number(index), key)
    if (key === 'endpoints' && (setting === undefined || setting === 'node' || setting === 'interface'))
      return this.namesMissing(path)
    if (this.unknowns.hasClaims && (key === 'subnets' || setting === 'addresses')) return true
    const ends = this.unknowns.endsOf(Number(index))
    return ends.some((end) => this.unknowns.isUnknown(end))
  }

  /** What a link does to frames depends on its other keys and on the MTU of its ends; pairs depend on all links of a LAN. */
  private ofFrames(index: number, key: PropertyKey | undefined): boolean {
    if (key === 'pairs') return this.parts.size > 0
    const isOfLink = (part: string) => part.startsWith(`${textOf(['links', index])}\0`)
    const nodes = this.unknowns.endsOf(index).map((end) => end.split(':')[0] as string)
    return [...this.parts].some(isOfLink) || nodes.some((node) => this.unknowns.mtus.has(node))
  }

  /** Whether an end is at a node that is left out. Its interface is known all the same. */
  private namesMissing(path: Path): boolean {
    return this.textsAt(path).some((text) => this.unknowns.isMissing(text))
  }

  private namesUnknown(path: Path): boolean {
    const names = path.slice(3).filter((step) => typeof step === 'string')
    return [...names, ...this.textsAt(path)].some((text) => this.unknowns.isUnknown(text))
  }

  private textsAt([first, which, ...rest]: Path): string[] {
    const whole: unknown =
      first === 'nodes' ? this.topology.nodes.get(String(which)) : this.topology.links[Number(which)]
    const value = rest.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown> | undefined)?.[step], whole)
    return [value].flat().filter((each) => typeof each === 'string')
  }
}

function needsOf(key: keyof TopologyNode, setting: PropertyKey | undefined): readonly Need[] {
  if (key === 'interfaces' && setting !== undefined && OF_STACK.includes(setting)) return ['interfaces']
  if (key === 'interfaces' && setting === 'addresses') return NEEDS.addresses
  if (key === 'addresses' && setting === undefined) return ['interfaces']
  if (key === 'rules' && (setting === undefined || !OF_RULES.includes(setting))) return []
  return NEEDS[key]
}

const textOf = (path: Path): string => path.map(String).join('\0')
