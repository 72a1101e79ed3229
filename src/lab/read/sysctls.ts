// Reads the sysctls of a node, in the namespaces that own them.
import { interfaceSysctlPath, SysctlTree, sysctlPath } from '../../kernel/sysctl.js'
import { inNamespaceOf } from '../../kernel/visit-namespaces.js'
import { GROUP_RANGE, groupRangeIn } from './group-range.js'
import type { LinkTable } from './links.js'

/** Which sysctls are read of a node. */
export interface SysctlRequest {
  /** Keys of the node, as in sysctl(8): `net.ipv4.ip_forward`. */
  node: readonly string[]
  interfaces: readonly InterfaceSysctls[]
}

/** Sysctls of one interface, which may have another name by now. */
export interface InterfaceSysctls {
  index: number
  /** The name that the keys have in its place. A slash stands for a dot of it where dots separate the parts of a key (sysctl(8)). */
  name: string
  keys: readonly string[]
}

/** Values by key, without those that the node does not have. */
export interface SysctlValues {
  node: Record<string, string>
  /** By ifindex. */
  interfaces: ReadonlyMap<number, Record<string, string>>
}

/**
 * Reads sysctls. The thread must be in the node's network namespace.
 *
 * @param files shared by the nodes that are read
 * @param pid of the node's first process; null for a dead node, of which nothing but the network namespace is left
 * @throws KernelError
 */
export function readSysctls(
  pid: number | null,
  { node, interfaces }: SysctlRequest,
  links: LinkTable,
  files: SysctlFiles,
): SysctlValues {
  if (node.length === 0 && interfaces.length === 0) return { node: {}, interfaces: new Map() }
  using tree = SysctlTree.open(pid)
  const ofKind = (kind: ReturnType<typeof namespaceOf>) => node.filter((key) => files.of(key).namespace === kind)
  const valuesOf = (keys: readonly string[]) => valuesIn(keys, (key) => readValue(files.of(key).path, tree, pid))
  const within = (kind: 'ipc' | 'uts') => {
    const keys = ofKind(kind)
    return pid === null || keys.length === 0 ? {} : inNamespaceOf(pid, kind, () => valuesOf(keys))
  }
  return {
    node: inOrder(node, { ...valuesOf([...ofKind('net'), ...ofKind(null)]), ...within('ipc'), ...within('uts') }),
    interfaces: new Map(interfaces.map((each) => [each.index, interfaceValues(each, tree, links)])),
  }
}

/** Where sysctls are, by key: the nodes of a lab have the same ones. */
export class SysctlFiles {
  private readonly known = new Map<string, { path: string; namespace: ReturnType<typeof namespaceOf> }>()

  of(key: string): { path: string; namespace: ReturnType<typeof namespaceOf> } {
    const known = this.known.get(key)
    if (known) return known
    const file = { path: sysctlPath(key), namespace: namespaceOf(key) }
    this.known.set(key, file)
    return file
  }
}

function readValue(path: string, tree: SysctlTree, pid: number | null): string | null {
  const value = tree.read(path)
  return value !== null && path === GROUP_RANGE ? groupRangeIn(pid, value) : value
}

function interfaceValues({ index, name, keys }: InterfaceSysctls, tree: SysctlTree, { links }: LinkTable) {
  const present = links.get(index)?.name
  return present === undefined ? {} : valuesIn(keys, (key) => tree.read(interfaceSysctlPath(key, name, present)))
}

function valuesIn(keys: readonly string[], read: (key: string) => string | null): Record<string, string> {
  const values: Record<string, string> = {}
  for (const key of keys) {
    const value = read(key)
    if (value !== null) values[key] = value
  }
  return values
}

const inOrder = (keys: readonly string[], values: Record<string, string>): Record<string, string> =>
  valuesIn(keys, (key) => values[key] ?? null)

/** The kind of namespace that a sysctl belongs to (ipc_namespaces(7), uts_namespaces(7)); null if it is the machine's. */
export function namespaceOf(key: string): 'net' | 'ipc' | 'uts' | null {
  const path = sysctlPath(key).slice('/proc/sys/'.length)
  if (path.startsWith('net/')) return 'net'
  if (/^fs\/mqueue\/|^kernel\/(?:msg|sem|shm|auto_msgmni)/.test(path)) return 'ipc'
  return /^kernel\/(?:hostname|domainname)$/.test(path) ? 'uts' : null
}
