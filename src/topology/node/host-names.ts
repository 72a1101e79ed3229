// The host names of a lab. In /etc/hosts, the names NODE and NODE-INTERFACE of all nodes must differ, and upper and lower case are
// the same.
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import type { Topology } from '../source/topology.js'
import { nameFault } from '../values/values.js'
import type { WiredLink } from '../wiring/wire-links.js'

const LOCAL_NAMES = ['localhost', 'ip6-localhost', 'ip6-loopback', 'ip6-allnodes', 'ip6-allrouters']

/** Refuses a wrong name of the lab, and host names that would stand for two things. */
export function refuseBadNames(topology: Topology, links: readonly WiredLink[], faults: Faults): void {
  const fault = nameFault(topology.name)
  if (fault !== null) faults.add(['name'], `${topology.name}: ${fault}`)
  const owners = new Map(LOCAL_NAMES.map((name) => [name, "every node's own loopback"]))
  const claim = (name: string, owner: string, path: Path, part: 'key' | 'value') => {
    const other = owners.get(name.toLowerCase())
    if (other === undefined) owners.set(name.toLowerCase(), owner)
    else if (other !== owner) faults.add(path, `the host name ${name} would stand for ${other} and for ${owner}`, part)
  }
  for (const end of links.flatMap(({ ends }) => ends)) {
    if (topology.nodes.get(end.node)?.kind === 'switch') continue
    claim(`${end.node}-${end.interface}`, `the interface ${end.node}:${end.interface}`, end.path, 'value')
  }
  for (const [node, { interfaces = {} }] of topology.nodes) {
    for (const name of Object.keys(interfaces)) {
      claim(`${node}-${name}`, `the interface ${node}:${name}`, ['nodes', node, 'interfaces', name], 'key')
    }
  }
  for (const name of topology.nodes.keys()) claim(name, `the node ${name}`, ['nodes', name], 'key')
  for (const [node, { hosts }] of topology.nodes) {
    for (const name of Object.keys(hosts)) {
      const owner = owners.get(name.toLowerCase())
      if (owner !== undefined) faults.add(['nodes', node, 'hosts', name], `${name} stands for ${owner} already`, 'key')
    }
  }
}

/** What inet_aton(3) takes for an IPv4 address before any program looks into /etc/hosts: one number. */
const NUMBER = /^(?:0x[0-9a-f]+|[0-9]+)$/i

/** Warns of nodes whose names programs take for addresses. */
export function nameWarnings(topology: Topology): string[] {
  const names = [...topology.nodes.keys()].filter((name) => NUMBER.test(name))
  const [first] = names
  if (first === undefined) return []
  const which =
    names.length === 1 ? `the name ${first} is` : `the names of ${names.length} nodes, such as ${first}, are`
  return [`${which} a number, which programs in nodes take for an IPv4 address; a letter makes it a name: n${first}`]
}
