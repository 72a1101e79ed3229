// The seven export tables as typed rows: turns a view of a lab into flat records, whose keys are the column names of
// `export --format json`. The order of rows and columns is fixed.

import type { Family } from '../model/family.js'
import type { LabView, LinkState, LinkView, Namespaces, NodeStatus, NodeView, RouteView } from '../model/lab-view.js'
import type { NodeKind } from '../model/resolved.js'
import { NAMESPACE_KINDS } from '../namespace-kinds.js'
import { directionText } from '../topology/emulation/impairment-text.js'

export const TABLES = ['nodes', 'links', 'interfaces', 'addresses', 'routes', 'neighbours', 'namespaces'] as const
export type TableName = (typeof TABLES)[number]

/** The value of a cell. Lists keep nulls, so that the entries of two lists in a row correspond. */
export type Cell = string | number | null | (string | number | null)[]

/** The columns of each table. A type and not an interface, so that a row is assignable to a record of cells. */
export type Rows = {
  nodes: {
    node: string
    kind: NodeKind
    status: NodeStatus
    pid: number | null
    hostname: string
    /** Number of interfaces, lo included. */
    interfaces: number
    /** What people call the node; null without. */
    title: string | null
  }
  links: {
    a: string
    b: string
    type: string
    state: LinkState
    mtu: number
    /** What impairs frames; null for a veth pair alone. */
    emulation: string | null
    /** The impairments of the frames that `a` sends, in the words of tc(8), and of those that `b` sends; null for none. */
    from_a: string | null
    from_b: string | null
  }
  interfaces: {
    node: string
    interface: string
    type: string
    state: LinkState
    mac: string | null
    mtu: number
    master: string | null
    peer: string | null
  }
  addresses: { node: string; interface: string; family: Family; address: string; scope: string }
  routes: {
    node: string
    family: Family
    destination: string
    /** null for an on-link route, and for one that refuses packets. With several next hops (multipath), this and `interface` are lists of the same length. */
    gateway: string | null | (string | null)[]
    interface: string | null | string[]
    metric: number | null
    table: string
    protocol: string
    /** `unicast`, or how the route refuses packets. */
    type: string
    /** The share of each next hop; null where there is only one. */
    weight: number[] | null
  }
  neighbours: {
    node: string
    interface: string
    family: Family
    address: string
    mac: string | null
    state: string
  }
  namespaces: { node: string } & { [Kind in keyof Namespaces]: number | null }
}

/** Every table's columns, in order. */
export const COLUMNS: { readonly [Table in TableName]: readonly (keyof Rows[Table] & string)[] } = {
  nodes: ['node', 'kind', 'status', 'pid', 'hostname', 'interfaces', 'title'],
  links: ['a', 'b', 'type', 'state', 'mtu', 'emulation', 'from_a', 'from_b'],
  interfaces: ['node', 'interface', 'type', 'state', 'mac', 'mtu', 'master', 'peer'],
  addresses: ['node', 'interface', 'family', 'address', 'scope'],
  routes: ['node', 'family', 'destination', 'gateway', 'interface', 'metric', 'table', 'protocol', 'type', 'weight'],
  neighbours: ['node', 'interface', 'family', 'address', 'mac', 'state'],
  namespaces: ['node', ...NAMESPACE_KINDS],
}

const BUILDERS: { [Table in TableName]: (view: LabView) => Rows[Table][] } = {
  nodes: ({ nodes }) =>
    nodes.map(({ name, kind, status, pid, hostname, interfaces, title = null }) => ({
      node: name,
      kind,
      status,
      pid,
      hostname,
      interfaces: interfaces.length,
      title,
    })),
  links: ({ links }) => links.map(linkRow),
  interfaces: ({ nodes }) =>
    nodes.flatMap((node) =>
      node.interfaces.map(({ name, type, state, mac, mtu, master, peer }) => ({
        node: node.name,
        interface: name,
        type,
        state,
        mac,
        mtu,
        master,
        peer,
      })),
    ),
  addresses: ({ nodes }) =>
    nodes.flatMap((node) =>
      node.interfaces.flatMap(({ name, addresses }) =>
        addresses.map(({ family, address, scope }) => ({ node: node.name, interface: name, family, address, scope })),
      ),
    ),
  routes: ({ nodes }) => nodes.flatMap((node) => node.routes.map((route) => routeRow(node.name, route))),
  neighbours: ({ nodes }) =>
    nodes.flatMap((node) =>
      node.neighbours.map(({ interface: name, family, address, mac, state }) => ({
        node: node.name,
        interface: name,
        family,
        address,
        mac,
        state,
      })),
    ),
  namespaces: ({ nodes }) => nodes.map(namespaceRow),
}

/** The rows of one table, in the view's order. */
export const rowsOf = <Table extends TableName>(view: LabView, table: Table): Rows[Table][] => BUILDERS[table](view)

function linkRow({ a, b, type, state, mtu, emulation }: LinkView): Rows['links'] {
  const [fromA = null, fromB = null] = emulation?.directions.map(directionText) ?? []
  return { a, b, type, state, mtu, emulation: emulation?.backend ?? null, from_a: fromA, from_b: fromB }
}

function routeRow(node: string, route: RouteView): Rows['routes'] {
  const { family, destination, gateways, interfaces, weights, metric, table, protocol, type } = route
  const hops =
    interfaces.length > 1
      ? { gateway: gateways, interface: interfaces }
      : { gateway: gateways[0] ?? null, interface: interfaces[0] ?? null }
  const weight = interfaces.length > 1 ? weights : null
  return { node, family, destination, ...hops, metric, table, protocol, type, weight }
}

const namespaceRow = ({ name, namespaces }: NodeView): Rows['namespaces'] => ({
  node: name,
  user: namespaces?.user ?? null,
  pid: namespaces?.pid ?? null,
  mnt: namespaces?.mnt ?? null,
  uts: namespaces?.uts ?? null,
  ipc: namespaces?.ipc ?? null,
  net: namespaces?.net ?? null,
  cgroup: namespaces?.cgroup ?? null,
  time: namespaces?.time ?? null,
})
