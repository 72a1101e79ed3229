// Makes a lab's nodes: writes the files they are given, has the shim create all of them in one call.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { attempt } from '../kernel/attempt.js'
import { FIRST_FD, runShim } from '../kernel/shim.js'
import type { NodeAdd } from '../plan/op.js'
import { isDispensable } from '../topology/sysctls.js'
import { callerOf } from './caller.js'
import { nodeCgroup } from './cgroup.js'
import { contentsWords } from './contents.js'
import { IdMaps } from './id-map.js'
import { isolationWords } from './isolation-words.js'
import { type FreshKeeper, keeperArguments } from './keeper.js'
import { makeNetnsDirectory, netnsName } from './netns-names.js'
import type { ProcessIdentity } from './process.js'
import { onceEach, warningWords } from './shim-warnings.js'
import { writeFile } from './state.js'

/** A node as it came to life. */
export interface FreshNode extends ProcessIdentity {
  name: string
  netnsFd: number
}

export interface NodesRequest {
  lab: string
  /** The lab's directory; the nodes' /etc/hosts is a file in it. */
  directory: string
  keeper: FreshKeeper
  /** Directory of the lab's cgroup; null for none. */
  cgroup: string | null
  /** Text of /etc/hosts. */
  hosts: string
  onNode: (node: FreshNode) => void
  onWarning: (warning: string) => void
  signal: AbortSignal | undefined
}

/** What it means that root's own id is all there is. */
export const SINGLE_ID =
  'nodes have one user only, root: daemons that change user or groups will fail; to have 65536, install newuidmap ' +
  '(apt-get install uidmap) and give yourself a range in /etc/subuid and /etc/subgid'

/**
 * Creates all nodes; each is set up completely but for its network when the promise resolves.
 *
 * @throws KernelError naming the node and the step that failed. Nodes made so far live until their keeper is killed.
 */
export async function createNodes(nodes: readonly NodeAdd[], request: NodesRequest): Promise<void> {
  const { lab, directory, keeper } = request
  const hostsFile = writeHosts(request)
  const caller = callerOf()
  const hasNetnsNames = !caller.rootless && makeNetnsDirectory()
  const idMaps = new IdMaps(caller)
  if (idMaps.single) request.onWarning(SINGLE_ID)
  const shm = sharedShm(nodes, directory)
  await runShim({
    verb: 'spawn',
    args: [...keeperArguments(keeper), '--creator', String(FIRST_FD)],
    fds: [keeper.creatorFd],
    spec: nodes.flatMap((node) => [
      ...['node', node.node, 'title', `nslab: ${lab}/${node.node}`],
      ...idMaps.words(node),
      ...hostnameWords(node),
      ...(node.isolation ? isolationWords(node.isolation, shm) : []),
      ...cgroupWords(request.cgroup, node),
      ...contentsWords(node),
      ...hostsWords(node, request.hosts, hostsFile),
      ...(hasNetnsNames ? ['netns', netnsName(lab, node.node)] : []),
      ...Object.entries(node.sysctls).flatMap(([key, value]) => [
        isDispensable(node.kind, key, value) ? 'try-sysctl' : 'sysctl',
        ...[key, value],
      ]),
      'end',
    ]),
    onReport: (report) => request.onNode(report.node as FreshNode),
    onWarning: onceEach((warning) => request.onWarning(warningWords(warning))),
    signal: request.signal,
  })
}

/**
 * Whoever is in a node may read it, whatever user that is outside, and nobody else on the machine: the directory is its
 * owner's, who binds it over the nodes' own. It is later rewritten in place, never renamed.
 */
function writeHosts({ directory, hosts }: NodesRequest): string {
  const place = join(directory, 'private')
  attempt('make', place, () => mkdirSync(place, { mode: 0o700 }))
  const file = join(place, 'hosts')
  writeFile(file, hosts, 0o644)
  return file
}

/** The lab's, which is one file; a node with names of its own has a copy. */
const hostsWords = ({ contents }: NodeAdd, hosts: string, hostsFile: string): string[] =>
  contents?.hosts ? ['file', '/etc/hosts', `${hosts}${contents.hosts}`] : ['bind', hostsFile, '/etc/hosts']

/** The host's name is left alone, and its file with it. */
function hostnameWords({ hostname, domainname, isolation }: NodeAdd): string[] {
  if (isolation?.namespaces.uts === 'host') return []
  const domain = domainname === null ? [] : ['domainname', domainname]
  return ['hostname', hostname, ...domain, 'file', '/etc/hostname', `${hostname}\n`]
}

function cgroupWords(labCgroup: string | null, { node, isolation }: NodeAdd): string[] {
  const cgroup = labCgroup && nodeCgroup(labCgroup, { name: node, ...(isolation ? { isolation } : {}) })
  return cgroup === null ? [] : ['cgroup', cgroup]
}

/** Where the shim mounts the /dev/shm of nodes that share an IPC namespace; made when there are any. */
function sharedShm(nodes: readonly NodeAdd[], directory: string): string {
  const path = join(directory, 'shm')
  if (nodes.some(({ isolation }) => isolation?.namespaces.ipc === 'shared')) {
    attempt('make', path, () => mkdirSync(path, { recursive: true, mode: 0o711 }))
  }
  return path
}
