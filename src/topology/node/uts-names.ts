// The host name and the domain name of a node, which belong to its UTS namespace (uts_namespaces(7)).

import type { ResolvedNode } from '../../model/resolved.js'
import type { TopologyNode } from '../schema/topology.js'
import type { Topology } from '../source/topology.js'
import { type Isolations, sharing } from './isolation.js'

/** Nodes that share a UTS namespace have one host name: the one that is written for any of them, else the lab's. */
export function utsNames(
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
