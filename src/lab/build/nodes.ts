// Makes a lab's nodes: writes the files that they share, and creates all nodes with one call of the shim.

import { chownSync, renameSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { attempt, attemptIf } from '../../kernel/attempt.js'
import { makeDirectory } from '../../kernel/make-directory.js'
import { FIRST_FD, runShim } from '../../kernel/shim.js'
import type { NodeAdd } from '../../plan/op.js'
import { isDispensable } from '../../topology/node/sysctls.js'
import { nodeCgroupName } from '../record/cgroup.js'
import { makeNetnsDirectory, netnsName } from '../record/netns-names.js'
import { writeFile } from '../record/state.js'
import { callerOf } from '../who/caller.js'
import { DirectoryOwners } from '../who/directory-owners.js'
import { IdMaps, SINGLE_ID } from '../who/id-map.js'
import type { ProcessIdentity } from '../who/process-identity.js'
import { keeperArguments } from '../who/process-identity.js'
import { homesOf } from '../who/users.js'
import { contentsWords, fileOfRoot } from './contents.js'
import { isolationWords } from './isolation-words.js'
import type { FreshKeeper } from './keeper.js'
import { onceEach, warningWords } from './shim-warnings.js'

/** A node's first process, as the shim reports it. */
export interface FreshNode extends ProcessIdentity {
  name: string
}

/** The keeper's descriptor of a node's network namespace. */
export interface HeldNetns {
  netnsFd: number
  netnsInode: number
}

/** The input of the shim's verb `spawn`. */
export interface NodesSpec {
  words: readonly string[]
  /** The nodes have one user id, root's. */
  isSingleUser: boolean
  /** The id of this process's user namespace that root of a node has by default. */
  rootId: number
}

export interface NodesRequest {
  spec: NodesSpec
  keeper: FreshKeeper
  /** Directory of the lab's cgroup; null for none. */
  cgroup: string | null
  onNode: (node: FreshNode) => void
  onWarning: (warning: string) => void
  signal: AbortSignal | undefined
}

/**
 * Writes the files that nodes share into the lab's directory, and makes the words of the shim's spec.
 *
 * @param lab `directory` is the lab's, `hosts` the text of /etc/hosts, a file in it
 * @param kept by node, the keeper's descriptor of the network namespace that it keeps, with the user namespace that owns it; other
 * nodes get new ones
 * @throws LabError PRIVILEGE_MISSING and what `contentsWords` throws; KernelError for a file of the lab's.
 */
export function describeNodes(
  nodes: readonly NodeAdd[],
  lab: { name: string; directory: string; hosts: string },
  kept: ReadonlyMap<string, number> = new Map(),
): NodesSpec {
  const caller = callerOf()
  const idMaps = new IdMaps(caller)
  const owners = new DirectoryOwners(caller)
  const homes = homesOf(caller.uid)
  const hostsDirectory = writeHosts(lab, idMaps)
  const shm = sharedShm(nodes, lab.directory)
  const words = nodes.flatMap((node) => [
    ...['node', node.node, 'title', `nslab: ${lab.name}/${node.node}`],
    ...idMaps.words(node),
    ...hostnameWords(node),
    ...(node.isolation ? isolationWords(node.isolation, shm) : []),
    ...cgroupWords(node),
    ...contentsWords(node, owners, homes),
    ...hostsWords(node, lab.hosts, hostsDirectory),
    ...networkWords(lab.name, node.node, kept.get(node.node)),
    ...Object.entries(node.sysctls).flatMap(([key, value]) => [
      isDispensable(node.kind, key, value) ? 'try-sysctl' : 'sysctl',
      ...[key, value],
    ]),
    'end',
  ])
  return { words, isSingleUser: idMaps.single, rootId: idMaps.root.uid }
}

/**
 * Creates all nodes; each is set up completely but for its network when the promise resolves.
 *
 * @returns by node, what the keeper holds
 * @throws KernelError naming the node and the step that failed. Nodes made so far live until their keeper is killed.
 */
export async function createNodes(request: NodesRequest): Promise<Map<string, HeldNetns>> {
  const { spec, keeper, cgroup } = request
  if (spec.isSingleUser) request.onWarning(SINGLE_ID)
  if (!callerOf().rootless) makeNetnsDirectory()
  const held = new Map<string, HeldNetns>()
  await runShim({
    verb: 'spawn',
    args: [
      ...keeperArguments(keeper),
      ...['--creator', String(FIRST_FD)],
      ...(cgroup === null ? [] : ['--cgroup', cgroup]),
    ],
    fds: [keeper.creatorFd],
    spec: spec.words,
    onReport: (report) => {
      if ('node' in report) request.onNode(report.node as FreshNode)
      else {
        const { name, netnsFd, inode } = report.held as { name: string; netnsFd: number; inode: number }
        held.set(name, { netnsFd, netnsInode: inode })
      }
    },
    onWarning: onceEach((warning) => request.onWarning(warningWords(warning))),
    signal: request.signal,
  })
  return held
}

/**
 * Writes the lab's /etc/hosts, of which each node has a copy. Nobody outside may read it: only the owner may enter the directory
 * above its own. It belongs to the root of nodes with the default ids, who can then share the content of a large one.
 *
 * @returns the directory that it is in
 */
function writeHosts({ directory, hosts }: { directory: string; hosts: string }, { root }: IdMaps): string {
  const place = join(directory, 'private')
  makeOnce(place, 0o700)
  const etc = join(place, 'etc')
  makeOnce(etc, 0o711)
  // Nodes that run have the content of the old file, if it is a large one.
  const file = join(etc, 'hosts')
  const fresh = `${file}.new`
  writeFile(fresh, hosts, 0o644)
  attempt('change the owner of', fresh, () => chownSync(fresh, root.uid, root.gid))
  attempt('write', file, () => renameSync(fresh, file))
  return etc
}

/** A lab that runs has the directory already. @throws KernelError */
function makeOnce(path: string, mode: number): void {
  attemptIf([constants.errno.EEXIST], 'make', path, () => makeDirectory(path, mode))
}

/** A node with names of its own has another /etc/hosts than the lab's. */
const hostsWords = ({ contents }: NodeAdd, hosts: string, directory: string): string[] =>
  contents?.hosts ? fileOfRoot('/etc/hosts', `${hosts}${contents.hosts}`) : ['copy', directory, '/etc/hosts']

/** A node in the host's UTS namespace keeps the host's name and /etc/hostname. */
function hostnameWords({ hostname, domainname, isolation }: NodeAdd): string[] {
  if (isolation?.namespaces.uts === 'host') return []
  const domain = domainname === null ? [] : ['domainname', domainname]
  return ['hostname', hostname, ...domain, ...fileOfRoot('/etc/hostname', `${hostname}\n`)]
}

/** A network that a node keeps has its name in /run/netns already. */
function networkWords(lab: string, node: string, kept: number | undefined): string[] {
  if (kept !== undefined) return ['keep', String(kept)]
  return callerOf().rootless ? [] : ['netns', netnsName(lab, node)]
}

function cgroupWords({ node, isolation }: NodeAdd): string[] {
  const cgroup = nodeCgroupName({ name: node, ...(isolation ? { isolation } : {}) })
  return cgroup === null ? [] : ['cgroup', cgroup]
}

/** The directory in which the shim mounts the /dev/shm of nodes that share an IPC namespace; made only when some do. */
function sharedShm(nodes: readonly NodeAdd[], directory: string): string {
  const path = join(directory, 'shm')
  if (nodes.some(({ isolation }) => isolation?.namespaces.ipc === 'shared')) {
    makeOnce(path, 0o711)
  }
  return path
}
