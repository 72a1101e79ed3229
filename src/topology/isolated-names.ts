// What is said of a node with unusual namespaces: its host name, and what the user should know.
import { type Isolation, type Isolations, isRootOutside, sharing } from './isolation.js'
import type { Topology } from './parse.js'
import type { ResolvedNode } from './resolved.js'
import type { TopologyNode } from './schema.js'

/** Nodes that share a UTS namespace have one name: the one that is written for any of them, else the lab's. */
export function hostNames(
  topology: Topology,
  isolations: Isolations,
  name: string,
  node: TopologyNode,
): Pick<ResolvedNode, 'hostname' | 'domainname'> {
  if (isolations.get(name)?.namespaces.uts !== 'shared') {
    return { hostname: node.hostname ?? name, domainname: node.domainname ?? null }
  }
  const members = sharing(isolations, 'uts').map((each) => topology.nodes.get(each))
  return {
    hostname: members.find((each) => each?.hostname !== undefined)?.hostname ?? topology.name,
    domainname: members.find((each) => each?.domainname !== undefined)?.domainname ?? null,
  }
}

export const isolationWarnings = (name: string, isolation: Isolation): string[] =>
  isRootOutside(isolation)
    ? [
        `root in ${name} is not confined: outside it is the user who runs nslab, and as root can read /etc/shadow and change the host's settings`,
      ]
    : []
