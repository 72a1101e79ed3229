// The peers of WireGuard interfaces: their keys, endpoints and allowed prefixes.

import type { WireguardPeer, WireguardSettings } from '../../model/interfaces/wireguard.js'
import type { ResolvedInterface } from '../../model/resolved.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import type { Device } from '../schema/interfaces/interfaces.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import type { Topology } from '../source/topology.js'
import { type Duration, parseDuration } from '../values/duration.js'
import { bitsOf, formatAddress, isLinkLocal, type Prefix, parsePrefix } from '../values/prefix.js'
import { suggestion } from '../values/suggest.js'
import { clamped, labKey, publicKey } from '../values/wireguard-keys.js'
import type { Stacks } from '../wiring/node-stack.js'
import { PeerClaims } from './wireguard-claims.js'
import { EndpointFinder } from './wireguard-endpoints.js'

type WrittenWireguard = Device<'wireguard'>
type WrittenPeer = WrittenWireguard['peers'][string]

/** A WireGuard interface of the lab. */
interface WireguardInterface {
  node: string
  name: string
  device: WrittenWireguard
  /** Private key. */
  key: string
  publicKey: string
}

const textOf = ({ node, name }: WireguardInterface): string => `${node}:${name}`

export class WireguardPeers {
  /** By node. */
  private readonly all = new Map<string, WireguardInterface[]>()
  private readonly endpoints: EndpointFinder

  constructor(
    private readonly topology: Topology,
    stacks: Stacks,
    private readonly addresses: InterfaceAddresses,
    interfaces: ReadonlyMap<string, readonly ResolvedInterface[]>,
    private readonly faults: Faults,
  ) {
    this.endpoints = new EndpointFinder(topology, addresses, interfaces, faults)
    for (const [node, { devices }] of stacks) {
      const own = [...devices].flatMap(([name, device]) => (device.kind === 'wireguard' ? [{ name, device }] : []))
      const withKeys = own.map(({ name, device }) => this.withKeys(node, name, device))
      if (withKeys.length > 0) this.all.set(node, withKeys)
    }
  }

  settingsOf(node: string, name: string): WireguardSettings {
    const own = this.all.get(node)?.find((each) => each.name === name) as WireguardInterface
    const { port, fwmark, peers } = own.device
    const path = ['nodes', node, 'interfaces', name, 'peers']
    const claims = new PeerClaims({ text: textOf(own), publicKey: own.publicKey }, this.faults)
    return {
      kind: 'wireguard',
      key: own.key,
      publicKey: own.publicKey,
      ...(port === undefined ? {} : { port }),
      ...(fwmark === undefined ? {} : { fwmark }),
      peers: Object.entries(peers).flatMap(([text, peer]) => this.peer(own, text, peer, [...path, text], claims) ?? []),
    }
  }

  private withKeys(node: string, name: string, device: WrittenWireguard): WireguardInterface {
    const key = device.key === undefined ? labKey(this.topology.name, node, name) : clamped(device.key)
    return { node, name, device, key, publicKey: publicKey(key) }
  }

  private peer(
    own: WireguardInterface,
    text: string,
    written: WrittenPeer,
    path: Path,
    claims: PeerClaims,
  ): WireguardPeer | null {
    const other = this.find(own, text, written, path)
    if (other === null) return null
    const key = other?.publicKey ?? (written.key as string)
    if (!claims.key(text, key, path)) return null
    const keepaliveSeconds = secondsOf(written.keepalive)
    return {
      name: text,
      interface: other ? { node: other.node, interface: other.name } : null,
      key,
      endpoint: this.endpoints.of(own.node, other && { ...other, port: other.device.port }, written.endpoint, path),
      allowed: this.allowed(text, other, written, path, claims),
      ...(keepaliveSeconds === undefined ? {} : { keepaliveSeconds }),
    }
  }

  /** The interface that the name of a peer stands for; undefined for a peer outside the lab, null after a fault. */
  private find(
    own: WireguardInterface,
    text: string,
    { key }: WrittenPeer,
    path: Path,
  ): WireguardInterface | undefined | null {
    const refuse = (message: string, at: Path = path, part: 'key' | 'value' = 'key'): null => {
      this.faults.add(at, message, part)
      return null
    }
    const [node = '', name] = text.split(':')
    if (!this.topology.nodes.has(node)) {
      if (key !== undefined && name === undefined) return undefined
      const others = [...this.topology.nodes.keys()].filter((each) => each !== own.node)
      const help = suggestion(node, others)
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
    other: WireguardInterface | undefined,
    { allowed }: WrittenPeer,
    path: Path,
    claims: PeerClaims,
  ): string[] {
    if (allowed) {
      const prefixes = allowed.map((each) => (parsePrefix(each) as Prefix).networkText)
      for (const [index, each] of prefixes.entries()) claims.prefix(text, each, [...path, 'allowed', index], 'value')
      return prefixes
    }
    const own = other ? this.addresses.of(other.node, other.name) : []
    const addresses = own.filter(({ family, address }) => !isLinkLocal(family, address))
    const prefixes = addresses.map(({ family, address }) => `${formatAddress(family, address)}/${bitsOf(family)}`)
    if (prefixes.length === 0) {
      const reason = other ? `${textOf(other)} has no addresses` : `${text} is outside the lab`
      this.faults.add(path, `${reason}: write the prefixes that it may send from as \`allowed\``, 'key')
    }
    for (const each of prefixes) claims.prefix(text, each, path, 'key')
    return prefixes
  }
}

/** A keepalive in seconds, which is written as a number or as a duration. */
const secondsOf = (written: number | string | undefined): number | undefined =>
  typeof written === 'string' ? (parseDuration(written) as Duration).seconds : written
