// The kind of namespace that each key of a node describes. A namespace that several nodes share can be described only once, so the
// checks of shared namespaces take their keys from this table.
import type { NamespaceKind } from '../../namespace-kinds.js'
import type { TopologyNode } from '../schema/topology.js'

type NodeKey = keyof TopologyNode

/** null: the key describes the node itself, or its processes, and each node can have it whatever it shares. */
const NAMESPACE_OF = {
  kind: 'net',
  title: null,
  labels: null,
  position: null,
  hostname: 'uts',
  domainname: 'uts',
  addresses: 'net',
  loopback: 'net',
  anycast: 'net',
  families: 'net',
  mac: 'net',
  mtu: 'net',
  // Each sysctl has a namespace of its own (machine-sysctls.ts).
  sysctls: null,
  interfaces: 'net',
  routes: 'net',
  nexthops: 'net',
  rules: 'net',
  neighbours: 'net',
  env: null,
  hosts: 'mnt',
  dns: 'mnt',
  files: 'mnt',
  mounts: 'mnt',
  home: 'mnt',
  exec: null,
  namespaces: null,
  users: 'user',
  time: 'time',
  repeat: null,
} satisfies Record<NodeKey, NamespaceKind | null>

/** The keys of a node that describe its namespace of one kind, but `sysctls`. */
export const keysDescribing = (kind: NamespaceKind): NodeKey[] =>
  (Object.keys(NAMESPACE_OF) as NodeKey[]).filter((key) => NAMESPACE_OF[key] === kind)

/** Whether a node says anything under a key. The schema's defaults are empty maps and lists, and `kind: host`. */
export function isWritten(node: TopologyNode, key: NodeKey): boolean {
  const value = node[key]
  if (key === 'kind') return value !== 'host'
  // `false` and an empty list take the loopback addresses away.
  if (key === 'loopback') return value !== undefined
  return value !== undefined && (typeof value !== 'object' || Object.keys(value).length > 0)
}
