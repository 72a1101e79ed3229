// Makes a lab's nodes: writes the files they are given, has the shim create all of them in one call.
import { join } from 'node:path'
import { FIRST_FD, runShim } from '../kernel/shim.js'
import type { NodeAdd } from '../plan/op.js'
import { callerOf } from './caller.js'
import { isSingleId, nodeIdMaps } from './id-map.js'
import type { FreshKeeper } from './keeper.js'
import { makeNetnsDirectory, netnsName } from './netns-names.js'
import type { ProcessIdentity } from './process.js'
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
  /** Text of /etc/hosts. */
  hosts: string
  onNode: (node: FreshNode) => void
  onWarning: (warning: string) => void
  signal: AbortSignal | undefined
}

const SINGLE_ID =
  'nodes have one user only, root: daemons that change user or groups will fail; to have 65536, install newuidmap ' +
  '(apt-get install uidmap) and give yourself a range in /etc/subuid and /etc/subgid'

/**
 * Creates all nodes; each is set up completely but for its network when the promise resolves.
 *
 * @throws KernelError naming the node and the step that failed. Nodes made so far live until their keeper is killed.
 */
export async function createNodes(nodes: readonly NodeAdd[], request: NodesRequest): Promise<void> {
  const { lab, directory, keeper } = request
  const hostsFile = join(directory, 'hosts')
  // World-readable: in the node, root is another user. Bind-mounted, it is later rewritten in place, never renamed.
  writeFile(hostsFile, request.hosts, 0o644)
  const caller = callerOf()
  if (!caller.rootless) makeNetnsDirectory()
  const maps = nodeIdMaps(caller)
  if (isSingleId(maps)) request.onWarning(SINGLE_ID)
  await runShim({
    verb: 'spawn',
    args: ['--keeper', String(keeper.pid), '--creator', String(FIRST_FD)],
    fds: [keeper.creatorFd],
    spec: nodes.flatMap((node) => [
      ...['node', node.node, 'title', `nslab: ${lab}/${node.node}`],
      ...maps.uid.flatMap((line) => ['uidmap', line]),
      ...maps.gid.flatMap((line) => ['gidmap', line]),
      ...(isSingleId(maps) ? ['setgroups', 'deny'] : []),
      ...['hostname', node.hostname, ...(node.domainname === null ? [] : ['domainname', node.domainname])],
      ...['bind', hostsFile, '/etc/hosts'],
      ...['file', '/etc/hostname', `${node.hostname}\n`],
      ...(caller.rootless ? [] : ['netns', netnsName(lab, node.node)]),
      ...Object.entries(node.sysctls).flatMap(([key, value]) => ['sysctl', key, value]),
      'end',
    ]),
    onReport: (report) => request.onNode(report.node as FreshNode),
    onWarning: request.onWarning,
    signal: request.signal,
  })
}
