// Floods an Ethernet frame through a resolved topology, through bridges with their VLANs and through VXLAN: an independent reading
// of which interfaces hear which.
import type { ResolvedInterface, ResolvedNode, ResolvedTopology } from '../../../../src/model/resolved.js'

/** Whether the network of a topology is more than links and switches. */
export const isLayered = ({ nodes }: ResolvedTopology): boolean =>
  nodes.some(({ interfaces }) => interfaces.some(({ kind, vlans }) => kind === 'vlan' || kind === 'vxlan' || vlans))

export class Ethernet {
  private readonly nodes: ReadonlyMap<string, ResolvedNode>

  constructor(topology: ResolvedTopology) {
    this.nodes = new Map(topology.nodes.map((node) => [node.name, node]))
  }

  /** The interfaces, `NODE:INTERFACE`, that a broadcast frame of an interface arrives at without a tag. */
  heardFrom(node: string, name: string): Set<string> {
    const heard = new Set<string>()
    this.send(node, name, null, { heard, seen: new Set() })
    return heard
  }

  private interface(node: string, name: string): ResolvedInterface {
    const found = this.nodes.get(node)?.interfaces.find((each) => each.name === name)
    if (!found) throw new Error(`no ${node}:${name}`)
    return found
  }

  private send(node: string, name: string, tag: number | null, flood: Flood): void {
    const own = this.interface(node, name)
    const { settings, peer } = own
    if (!isNew(flood, `${node}:${name} ${tag} out`)) return
    if (own.kind === 'bridge') this.forward(node, own, own, tag, flood)
    else if (own.kind === 'bond') {
      const members = this.nodes.get(node)?.interfaces.filter(({ master }) => master === name) ?? []
      for (const member of members.slice(0, 1)) this.send(node, member.name, tag, flood)
    } else if (settings?.kind === 'vlan') this.send(node, settings.parent, settings.id, flood)
    else if (settings?.kind === 'vxlan') {
      for (const other of this.nodes.values()) {
        const isRemote = other.interfaces.some(({ addresses }) =>
          addresses.some((address) => settings.remote.includes(address.slice(0, address.indexOf('/')))),
        )
        for (const each of isRemote ? other.interfaces : []) {
          if (each.settings?.kind === 'vxlan' && each.settings.id === settings.id)
            this.receive(other.name, each.name, tag, flood)
        }
      }
    } else if (peer) this.receive(peer.node, peer.interface, tag, flood)
  }

  private receive(node: string, name: string, tag: number | null, flood: Flood): void {
    const own = this.interface(node, name)
    if (!isNew(flood, `${node}:${name} ${tag} in`)) return
    for (const { name: vlan, settings } of this.nodes.get(node)?.interfaces ?? []) {
      if (settings?.kind === 'vlan' && settings.parent === name && settings.id === tag)
        this.receive(node, vlan, null, flood)
    }
    const master = own.master === null ? null : this.interface(node, own.master)
    if (master?.kind === 'bond') this.receive(node, master.name, tag, flood)
    else if (master?.kind === 'bridge') this.forward(node, master, own, tag, flood)
    else if (tag === null) flood.heard.add(`${node}:${name}`)
  }

  /** From one port of a bridge, or the bridge itself, to all others in the VLAN. */
  private forward(
    node: string,
    bridge: ResolvedInterface,
    from: ResolvedInterface,
    tag: number | null,
    flood: Flood,
  ): void {
    const isFiltering = bridge.settings?.kind === 'bridge' && bridge.settings.vlan_filtering === true
    const vlansOf = (port: ResolvedInterface) => {
      const written = bridge.vlans?.find((each) => each.interface === port.name)
      const pvid = (bridge.settings?.kind === 'bridge' && bridge.settings.default_pvid) || 1
      return written ?? { untagged: pvid, tagged: [] as number[] }
    }
    const vlan = tag ?? vlansOf(from).untagged
    const isAllowed = tag === null ? vlan !== null : vlansOf(from).tagged.includes(tag)
    if (isFiltering && !isAllowed) return
    const ports = (this.nodes.get(node)?.interfaces ?? []).filter(({ master }) => master === bridge.name)
    for (const port of [...ports, bridge]) {
      if (port === from) continue
      const { untagged, tagged } = vlansOf(port)
      const out = !isFiltering ? tag : vlan === untagged ? null : vlan
      if (isFiltering && vlan !== untagged && !tagged.includes(vlan as number)) continue
      if (port === bridge) this.receive(node, bridge.name, out, flood)
      else this.send(node, port.name, out, flood)
    }
  }
}

interface Flood {
  heard: Set<string>
  seen: Set<string>
}

function isNew({ seen }: Flood, step: string): boolean {
  if (seen.has(step)) return false
  seen.add(step)
  return true
}
