// Who the peers of WireGuard interfaces are, with which keys, where they are, and what they may send from.
import type { AddressPlan } from '../addresses.js'
import { type Duration, parseDuration } from '../duration.js'
import type { Faults, Path } from '../fault.js'
import { nodeAddress } from '../names.js'
import type { Topology } from '../parse.js'
import { bitsOf, contains, formatAddress, isLinkLocal, type Prefix, parsePrefix } from '../prefix.js'
import type { Family, ResolvedInterface } from '../resolved.js'
import { suggestion } from '../suggest.js'
import { type Endpoint, parseEndpoint, type WrittenEndpoint } from './endpoint.js'
import type { Device } from './schema.js'
import type { Stacks } from './stack.js'
import { clamped, labKey, publicKey } from './wireguard-keys.js'
import type { WireguardPeer, WireguardSettings } from './wireguard-settings.js'

type Written = Device<'wireguard'>
type WrittenPeer = Written['peers'][string]

/** A WireGuard interface of the lab. */
interface Own {
  node: string
  name: string
  device: Written
  /** Private. */
  key: string
  publicKey: string
}

const textOf = ({ node, name }: Own): string => `${node}:${name}`

export class WireguardPeers {
  /** By node. */
  private readonly all = new Map<string, Own[]>()

  constructor(
    private readonly topology: Topology,
    stacks: Stacks,
    private readonly plan: AddressPlan,
    /** With their addresses, by node. */
    private readonly interfaces: ReadonlyMap<string, readonly ResolvedInterface[]>,
    private readonly faults: Faults,
  ) {
    for (const [node, { devices }] of stacks) {
      const own = [...devices].flatMap(([name, device]) => (device.kind === 'wireguard' ? [{ name, device }] : []))
      if (own.length > 0)
        this.all.set(
          node,
          own.map(({ name, device }) => this.withKeys(node, name, device)),
        )
    }
  }

  settingsOf(node: string, name: string): WireguardSettings {
    const own = this.all.get(node)?.find((each) => each.name === name) as Own
    const { port, fwmark, peers } = own.device
    const path = ['nodes', node, 'interfaces', name, 'peers']
    const claims = new Claims(own, this.faults)
    return {
      kind: 'wireguard',
      key: own.key,
      publicKey: own.publicKey,
      ...(port === undefined ? {} : { port }),
      ...(fwmark === undefined ? {} : { fwmark }),
      peers: Object.entries(peers).flatMap(([text, peer]) => this.peer(own, text, peer, [...path, text], claims) ?? []),
    }
  }

  private withKeys(node: string, name: string, device: Written): Own {
    const key = device.key === undefined ? labKey(this.topology.name, node, name) : clamped(device.key)
    return { node, name, device, key, publicKey: publicKey(key) }
  }

  private peer(own: Own, text: string, written: WrittenPeer, path: Path, claims: Claims): WireguardPeer | null {
    const other = this.find(own, text, written, path)
    if (other === null || !claims.key(text, other === undefined ? (written.key as string) : other.publicKey, path)) {
      return null
    }
    const keepaliveSeconds = secondsOf(written.keepalive)
    return {
      name: text,
      key: other?.publicKey ?? (written.key as string),
      endpoint: this.endpoint(own, other, written, path),
      allowed: this.allowed(text, other, written, path, claims),
      ...(keepaliveSeconds === undefined ? {} : { keepaliveSeconds }),
    }
  }

  /** The interface that a peer's name stands for; undefined for a peer outside, null where there is a fault. */
  private find(own: Own, text: string, { key }: WrittenPeer, path: Path): Own | undefined | null {
    const refuse = (message: string, at: Path = path, part: 'key' | 'value' = 'key'): null => {
      this.faults.add(at, message, part)
      return null
    }
    const [node = '', name] = text.split(':')
    if (!this.topology.nodes.has(node)) {
      if (key !== undefined && name === undefined) return undefined
      const help = suggestion(node, this.topology.nodes.keys())
      return refuse(`there is no node ${node}${help || '; a peer outside the lab needs its `key`'}`)
    }
    if (key !== undefined) {
      return refuse(`${node} is a node of this lab, and its public key is computed`, [...path, 'key'], 'value')
    }
    const candidates = this.all.get(node) ?? []
    const names = candidates.map((each) => each.name)
    if (name === undefined) {
      if (node === own.node) return refuse(`${node} is the node itself; a peer is another one`)
      if (names.length === 0) return refuse(`${node} has no interface of kind wireguard`)
      if (names.length > 1)
        return refuse(`${node} has ${names.join(' and ')}: write which, such as ${node}:${names[0]}`)
      return candidates[0]
    }
    const found = candidates.find((each) => each.name === name)
    if (found === own) return refuse(`${text} is the interface itself; a peer is another one`)
    const help = suggestion(name, names) || (names.length === 0 ? '' : `; it has ${names.join(', ')}`)
    return found ?? refuse(`${node} has no interface ${name} of kind wireguard${help}`)
  }

  private allowed(
    text: string,
    other: Own | undefined,
    { allowed }: WrittenPeer,
    path: Path,
    claims: Claims,
  ): string[] {
    if (allowed) {
      const prefixes = allowed.map((each) => (parsePrefix(each) as Prefix).networkText)
      for (const [index, each] of prefixes.entries()) claims.prefix(text, each, [...path, 'allowed', index], 'value')
      return prefixes
    }
    const own = other ? this.plan.of(other.node, other.name) : []
    const addresses = own.filter(({ family, address }) => !isLinkLocal(family, address))
    const prefixes = addresses.map(({ family, address }) => `${formatAddress(family, address)}/${bitsOf(family)}`)
    if (prefixes.length === 0) {
      const reason = other ? `${textOf(other)} has no addresses` : `${text} is outside the lab`
      this.faults.add(path, `${reason}: write what it may send from as \`allowed\``, 'key')
    }
    for (const each of prefixes) claims.prefix(text, each, path, 'key')
    return prefixes
  }

  private endpoint(own: Own, other: Own | undefined, { endpoint }: WrittenPeer, path: Path): Endpoint | null {
    const port = other?.device.port
    if (endpoint === undefined) {
      const address = other && port !== undefined ? this.nearest(own.node, other.node) : null
      return address && port !== undefined ? { address, port } : null
    }
    const refuse = (message: string): null => {
      this.faults.add([...path, 'endpoint'], message)
      return null
    }
    const written = parseEndpoint(endpoint) as WrittenEndpoint
    if ('port' in written) return { address: canonical(written.address), port: written.port }
    if (!other) return refuse(`of a peer outside the lab, write ADDRESS:PORT, such as 192.0.2.1:51820`)
    if (port === undefined) return refuse(`${textOf(other)} has no \`port\`; give it one, or write ADDRESS:PORT`)
    if ('address' in written) return { address: canonical(written.address), port }
    const names = (this.interfaces.get(other.node) ?? []).map(({ name }) => name)
    if (!names.includes(written.interface)) {
      return refuse(`${other.node} has no interface ${written.interface}${suggestion(written.interface, names)}`)
    }
    const found = FAMILIES.map((family) => this.plan.first(other.node, written.interface, family)).find((each) => each)
    return found
      ? { address: formatAddress(found.family, found.address), port }
      : refuse(`${other.node}:${written.interface} has no address`)
  }

  /** On a subnet of both, else what the other node's name stands for; IPv4 where both have it. */
  private nearest(node: string, other: string): string | null {
    for (const family of FAMILIES) {
      const own = this.outer(node).flatMap(({ name }) => this.plan.of(node, name))
      const theirs = this.outer(other).flatMap(({ name }) => this.plan.of(other, name))
      const shared = theirs.find(
        (each) =>
          each.family === family &&
          !isLinkLocal(family, each.address) &&
          own.some((prefix) => contains(prefix, family, each.address)),
      )
      if (shared) return formatAddress(family, shared.address)
      const isPossible = own.some((each) => each.family === family && !isLinkLocal(family, each.address))
      const main = isPossible ? this.main(other, family) : null
      if (main !== null) return main
    }
    return null
  }

  private main(node: string, family: Family): string | null {
    const kind = this.topology.nodes.get(node)?.kind ?? 'host'
    return nodeAddress({ kind, interfaces: this.outer(node) }, family)
  }

  /** A tunnel does not go through itself. */
  private outer(node: string): ResolvedInterface[] {
    return (this.interfaces.get(node) ?? []).filter(({ kind }) => kind !== 'wireguard')
  }
}

const FAMILIES: readonly Family[] = [4, 6]

const secondsOf = (written: number | string | undefined): number | undefined =>
  typeof written === 'string' ? (parseDuration(written) as Duration).seconds : written

function canonical(text: string): string {
  const { family, address } = parsePrefix(text) as Prefix
  return formatAddress(family, address)
}

/** What one interface has given to its peers: the kernel would silently take it from the first and give it to the last. */
class Claims {
  private readonly keys = new Map<string, string>()
  private readonly prefixes = new Map<string, string>()

  constructor(
    private readonly own: Own,
    private readonly faults: Faults,
  ) {}

  /** Whether the peer is a new one. */
  key(peer: string, key: string, path: Path): boolean {
    const other = this.keys.get(key)
    if (key === this.own.publicKey) this.faults.add(path, `${peer} has the key of ${textOf(this.own)} itself`, 'key')
    else if (other !== undefined)
      this.faults.add(path, `${peer} is the same peer as ${other}: they have one key`, 'key')
    else this.keys.set(key, peer)
    return other === undefined && key !== this.own.publicKey
  }

  prefix(peer: string, prefix: string, path: Path, part: 'key' | 'value'): void {
    const other = this.prefixes.get(prefix)
    if (other === undefined) this.prefixes.set(prefix, peer)
    else this.faults.add(path, `${prefix} is allowed to ${other} already, and can be to one peer alone`, part)
  }
}
