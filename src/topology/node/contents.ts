// The contents of a node beside its network: environment, files, mounts, commands at its start.

import type { NodeContents, ResolvedFile, ResolvedMount } from '../../model/contents.js'
import type { ResolvedNode } from '../../model/resolved.js'
import { nodeAddress } from '../addresses/node-address.js'
import type { TopologyNode } from '../schema/topology.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import type { Topology } from '../source/topology.js'
import { suggestion } from '../values/suggest.js'
import { isAddress } from '../values/values.js'
import { type Isolations, sharing } from './isolation.js'
import { isWritten, keysDescribing } from './key-namespaces.js'

/**
 * Finds a file or directory that a topology names.
 *
 * @param from the file that names it; undefined for text without a name
 * @returns its path from the working directory
 * @throws Error whose message says why it cannot be used.
 */
export type FindSource = (path: string, from: string | undefined, kind: 'file' | 'any') => string

/** The part of an owner, `USER` or `USER:GROUP`, that the machine does not have, such as `user web`; null if it has both. */
export type FindOwnerFault = (owner: string) => string | null

/** Looks up files and users of the machine. Without `findSource`, a topology cannot put files of the machine into nodes. */
export interface MachineFiles {
  findSource?: FindSource
  /** Without it, owners of files are looked up when the nodes are made. */
  findOwnerFault?: FindOwnerFault
}

/** Files that nslab writes itself, and why `files` cannot have them. */
const OWN_FILES: Record<string, string> = {
  '/etc/hosts': '/etc/hosts is the lab’s own; `hosts` adds names to it',
  '/etc/hostname': '/etc/hostname is the node’s own; `hostname` says what is in it',
}
const RESOLV_CONF = '/etc/resolv.conf'

/** What gives the name of a node its addresses. */
type NamedNode = Pick<ResolvedNode, 'name' | 'kind' | 'interfaces'>

/** Resolves the contents of the nodes that have any. */
export function resolveContents(
  topology: Topology,
  nodes: readonly NamedNode[],
  isolations: Isolations,
  machine: MachineFiles,
  faults: Faults,
): Map<string, NodeContents> {
  refuseSecondMounter(topology, isolations, faults)
  for (const [name, node] of topology.nodes) refuseBelowFiles(node, ['nodes', name], faults)
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const all = [...topology.nodes].map(([name, node]) => {
    const path = ['nodes', name]
    const contents: NodeContents = {
      env: node.env,
      hosts: Object.entries(node.hosts)
        .flatMap(([host, written]) =>
          [written].flat().flatMap((text, index) => {
            const at = [...path, 'hosts', host, ...(Array.isArray(written) ? [index] : [])]
            return addressesOf(text, byName, at, faults).map((address) => `${address}\t${host}\n`)
          }),
        )
        .join(''),
      mounts: mountsOf(topology, node, path, machine, faults),
      ...(node.home === 'private' ? { home: node.home } : {}),
      files: filesOf(topology, node, path, machine, faults),
      commands: node.exec.map((command) => (typeof command === 'string' ? ['sh', '-c', command] : command)),
    }
    if (node.dns) contents.files.unshift(resolvConf(node.dns, byName, [...path, 'dns'], faults))
    return [name, contents] as const
  })
  return new Map(all.filter(([, contents]) => hasAny(contents)))
}

const hasAny = (contents: NodeContents): boolean => Object.values(contents).some((part) => Object.keys(part).length > 0)

function mountsOf(
  topology: Topology,
  { mounts }: TopologyNode,
  path: Path,
  machine: MachineFiles,
  faults: Faults,
): ResolvedMount[] {
  const targets = new Set<string>()
  return mounts.flatMap(({ target, source, readonly = false, size = null, mode = '0755' }, index) => {
    const at = [...path, 'mounts', index]
    if (targets.has(target)) faults.add([...at, 'target'], `something is mounted at ${target} already`)
    targets.add(target)
    if (source !== undefined) {
      for (const key of ['size', 'mode'] as const)
        if (mounts[index]?.[key] !== undefined)
          faults.add([...at, key], `${key} is for a tmpfs; a mount with a \`source\` has that of the source`, 'key')
    } else if (readonly) {
      faults.add(
        [...at, 'readonly'],
        'this would be an empty directory that nobody can write to; give it a `source`',
        'key',
      )
    }
    const found = source === undefined ? null : find(topology, source, [...at, 'source'], 'any', machine, faults)
    return [{ target, source: found, readonly, size, mode }]
  })
}

function filesOf(
  topology: Topology,
  { files, dns }: TopologyNode,
  path: Path,
  machine: MachineFiles,
  faults: Faults,
): ResolvedFile[] {
  return Object.entries(files).flatMap(([target, written]) => {
    const at = [...path, 'files', target]
    const own = OWN_FILES[target]
    if (own) faults.add(at, own, 'key')
    if (target === RESOLV_CONF && dns) faults.add(at, `\`dns\` says what is in ${RESOLV_CONF}`, 'key')
    const { content, source, mode = '0644', owner } = typeof written === 'string' ? { content: written } : written
    if ((content === undefined) === (source === undefined)) {
      faults.add(at, 'a file has either a `content` or a `source`', 'key')
      return []
    }
    const from = source === undefined ? null : find(topology, source, [...at, 'source'], 'file', machine, faults)
    const missing = owner === undefined ? null : machine.findOwnerFault?.(owner)
    if (missing) faults.add([...at, 'owner'], `there is no ${missing} on this machine; write the id as a number`)
    return [{ path: target, content: from === null ? (content ?? '') : { source: from }, mode, owner: owner ?? 'root' }]
  })
}

/** Refuses paths below a file, and a file at the path of a directory. */
function refuseBelowFiles({ files, mounts }: TopologyNode, path: Path, faults: Faults): void {
  const isFile = (target: string) => Object.hasOwn(files, target) || Object.hasOwn(OWN_FILES, target)
  const refuse = (target: string, at: Path, part: 'key' | 'value') => {
    const file = directoriesOf(target).find(isFile)
    if (file !== undefined) faults.add(at, `${file} is a file, so there can be nothing below it`, part)
  }
  for (const target of Object.keys(files)) refuse(target, [...path, 'files', target], 'key')
  for (const [index, { target, source }] of mounts.entries()) {
    refuse(target, [...path, 'mounts', index, 'target'], 'value')
    if (source === undefined && isFile(target))
      faults.add([...path, 'files', target], `${target} is a directory, which \`mounts\` puts there`, 'key')
  }
}

/** The directories that contain a path, without the root. */
const directoriesOf = (path: string): string[] =>
  [...path.matchAll(/(?<=.)\//g)].map(({ index }) => path.slice(0, index))

/** Finds a source. Its path is relative to the file that it is written in, which may be an included one. */
function find(
  topology: Topology,
  source: string,
  path: Path,
  kind: 'file' | 'any',
  machine: MachineFiles,
  faults: Faults,
): string {
  const from = topology.locate(path).origin.source.place
  try {
    if (machine.findSource) return machine.findSource(source, from, kind)
    faults.add(path, 'files of the machine can be put into a node only where `resolveTopology` is given `findSource`')
  } catch (error) {
    faults.add(path, error instanceof Error ? error.message : String(error))
  }
  return source
}

function resolvConf(
  dns: NonNullable<TopologyNode['dns']>,
  nodes: ReadonlyMap<string, NamedNode>,
  path: Path,
  faults: Faults,
): ResolvedFile {
  const { servers = [], search = [], options = [] } = Array.isArray(dns) ? { servers: dns } : dns
  const at = Array.isArray(dns) ? path : [...path, 'servers']
  const lines = servers.flatMap((server, index) => {
    return addressesOf(server, nodes, [...at, index], faults).map((address) => `nameserver ${address}`)
  })
  if (search.length > 0) lines.push(`search ${search.join(' ')}`)
  if (options.length > 0) lines.push(`options ${options.join(' ')}`)
  return { path: RESOLV_CONF, content: lines.map((line) => `${line}\n`).join(''), mode: '0644', owner: 'root' }
}

/** The addresses of `NODE` or `NODE:INTERFACE`, or the address itself. */
function addressesOf(text: string, nodes: ReadonlyMap<string, NamedNode>, path: Path, faults: Faults): string[] {
  if (isAddress(text)) return [text]
  const [name = '', interfaceName] = text.split(':')
  const node = nodes.get(name)
  const interfaces = node?.interfaces.filter((each) => (interfaceName ?? each.name) === each.name) ?? []
  const kind = node?.kind ?? 'host'
  const addresses = ([4, 6] as const).flatMap((family) => nodeAddress({ kind, interfaces }, family) ?? [])
  if (addresses.length > 0) return addresses
  const reason = !node
    ? `there is no node ${name}${suggestion(name, [...nodes.keys()])}`
    : interfaces.length === 0
      ? `${name} has no interface ${interfaceName}`
      : `${text} has no address`
  faults.add(path, reason)
  return []
}

/** Of nodes that share a mount namespace, only the first can say what is mounted. */
function refuseSecondMounter(topology: Topology, isolations: Isolations, faults: Faults): void {
  const [first, ...others] = sharing(isolations, 'mnt')
  for (const name of others) {
    const node = topology.nodes.get(name)
    for (const key of keysDescribing('mnt')) {
      if (!node || !isWritten(node, key)) continue
      faults.add(['nodes', name, key], `${name} shares mnt with ${first}: write \`${key}\` there`, 'key')
    }
  }
}
