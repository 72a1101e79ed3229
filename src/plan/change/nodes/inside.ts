// What changes in the mount and UTS namespace of nodes that go on running: names, /etc/hosts, files. Pure.
import type { ResolvedFile } from '../../../model/contents.js'
import type { ResolvedNode, ResolvedTopology } from '../../../model/resolved.js'
import type { InsideChange, NodeInside } from '../change-plan.js'
import type { ObservedNode } from '../observed.js'

/** How the kernel says that there is no NIS domain name. */
const NO_DOMAIN = '(none)'

/** null when nothing changes. @param before the node as it was applied */
export function insideChange(
  [before, old]: [ResolvedNode, ResolvedTopology],
  [after, next]: [ResolvedNode, ResolvedTopology],
  { sysctls }: ObservedNode,
): InsideChange | null {
  const [from, to]: [NodeInside, NodeInside] = [{}, {}]
  if (after.isolation?.namespaces.uts !== 'host') {
    const hostname = sysctls['kernel.hostname'] ?? before.hostname
    if (hostname !== after.hostname)
      Object.assign(from, { hostname }) && Object.assign(to, { hostname: after.hostname })
    const domain = sysctls['kernel.domainname'] ?? before.domainname
    const domainname = domain === NO_DOMAIN ? null : domain
    if (domainname !== after.domainname)
      Object.assign(from, { domainname }) && Object.assign(to, { domainname: after.domainname })
  }
  // A lab of a thousand nodes has as many copies of a long text.
  const isSameHosts = old.hosts === next.hosts && before.contents?.hosts === after.contents?.hosts
  const [oldHosts, hosts] = isSameHosts ? ['', ''] : [hostsOf(before, old), hostsOf(after, next)]
  if (oldHosts !== hosts) Object.assign(from, { hosts: oldHosts }) && Object.assign(to, { hosts })
  const [oldFiles, files] = changedFiles(before.contents?.files ?? [], after.contents?.files ?? [])
  if (oldFiles.length + files.length > 0) Object.assign(from, { files: oldFiles }) && Object.assign(to, { files })
  return Object.keys(to).length === 0 ? null : { node: after.name, from, to }
}

const hostsOf = ({ contents }: ResolvedNode, { hosts }: ResolvedTopology): string => `${hosts}${contents?.hosts ?? ''}`

/** Those that are gone or changed, and those that are new or changed. */
function changedFiles(
  before: readonly ResolvedFile[],
  after: readonly ResolvedFile[],
): [ResolvedFile[], ResolvedFile[]] {
  const lacks = (others: readonly ResolvedFile[]) => {
    const texts = new Set(others.map((file) => JSON.stringify(file)))
    return (file: ResolvedFile) => !texts.has(JSON.stringify(file))
  }
  return [before.filter(lacks(after)), after.filter(lacks(before))]
}
