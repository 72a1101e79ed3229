// What a picture of a lab shows, before anything has a place. Pure data, JSON-safe.
import type { LabStatus, LinkState, NodeStatus } from '../lab-view.js'
import type { NodeKind } from '../resolved.js'
import type { Point } from './point.js'

/** The nodes and lines of a picture, in the order of the lab. */
export interface PictureGraph {
  lab: string
  status: LabStatus
  nodes: PictureNode[]
  edges: PictureEdge[]
  /** Groups in order of appearance; empty without `groupBy`. */
  groups: PictureGroup[]
  /** The IP subnets of the lab that more than one interface is in, in order of appearance. */
  networks: PictureNetwork[]
}

export interface PictureNode {
  /** Unique in the picture: the name of the node, or `group:NAME` of a group that is drawn as one box. */
  id: string
  kind: NodeKind | 'summary'
  /** Lines of text in the box: the name or title first. */
  lines: string[]
  status: NodeStatus
  /** Switches without addresses, which are drawn as a bus: a bar to which the nodes of a LAN are connected. */
  isBus: boolean
  /** Id of its group; null: none. */
  group: string | null
  /** Where the user put it, in units of the sheet from its left and upper edge, the centre of the box. */
  position?: Point
  /** The number of nodes that it stands for; 1 but for `summary`. */
  count: number
}

export interface PictureEdge {
  /** Unique: `h1:eth0--r1:eth0`. */
  id: string
  ends: [PictureEnd, PictureEnd]
  /** `underlay`: a link. `overlay`: a tunnel between two nodes, drawn dashed above the links. */
  layer: PictureLayer
  /** `veth`, or the kind of the tunnel: `vxlan`, `gre`, `wireguard`, … */
  type: string
  state: LinkState
  /** Text at its middle, one line each: impairments, VLANs, the number of links that it stands for. */
  labels: string[]
  /** Place in `networks` of the subnet that a link carries; null: none or several, and for tunnels. */
  network: number | null
}

export type PictureLayer = 'underlay' | 'overlay'

export interface PictureEnd {
  /** Id of a node of the picture. */
  node: string
  interface: string
  /** `ADDRESS/LENGTH` */
  addresses: string[]
  state: LinkState
  /** VRF or bond that the interface is a member of; null: none, or a bridge. */
  master: string | null
}

export interface PictureGroup {
  id: string
  label: string
}

export interface PictureNetwork {
  /** `PREFIX/LENGTH` */
  prefix: string
}
