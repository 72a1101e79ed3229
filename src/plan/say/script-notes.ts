// Comments at the head of the script: parts of the topology that the script leaves out, and devices that it moves. Pure text.

import type { ResolvedLink } from '../../model/resolved.js'
import { isOfNetwork } from '../../topology/node/sysctls.js'
import { configOf, devicesOf } from '../flatten.js'
import type { NodeAdd } from '../op.js'
import type { Plan } from '../plan.js'

/** Only names of keys and devices: a value could contain a line end, and its rest would be a command. */
export function notInScript(plan: Plan): string[] {
  const { nodes, commands } = plan
  // The script does not run `exec` commands: they would see the machine's files instead of the node's.
  const starting = new Set(commands.map(({ node }) => node))
  const missing = nodes.flatMap(({ add: node }) => {
    if (node === null) return []
    const what = [...missingOf(node), ...(starting.has(node.node) ? ['exec'] : [])]
    return what.length === 0 ? [] : [`#   ${node.node}: ${what.join(', ')}`]
  })
  const borrowed = devicesOf(plan).flatMap((op) =>
    op.op === 'device.move' ? [`#   ${op.node}: ${named(op.device)}`] : [],
  )
  return [
    '# Not in here: users, processes, mounts, host names and /etc/hosts, which `nslab up` gives each node of its own.',
    ...(missing.length === 0 ? [] : ['# Written in the topology, and not in here either:', ...missing]),
    ...(borrowed.length === 0
      ? []
      : [
          '# Devices of the machine go into nodes; a card comes back with the removal, called as in the node:',
          ...borrowed,
        ]),
  ]
}

/** Links that the script leaves as they are, or emulates with a difference. @param carried by nslab's wire */
export function notEmulated(plan: Plan, carried: readonly ResolvedLink[]): string[] {
  const tables = plan.nodes.flatMap(configOf).flatMap((op) => {
    const hasTable =
      op.op === 'qdisc.add' && op.qdisc.kind === 'netem' && typeof op.qdisc.jitter?.distribution === 'object'
    return hasTable ? [`#   ${op.node}: ${named(op.interface)}`] : []
  })
  return [
    ...(carried.length === 0
      ? []
      : [
          '# Only nslab’s own wire emulates these links; here they carry frames as they are:',
          ...carried.map(
            ({ endpoints }) => `#   ${endpoints.map((end) => `${end.node}: ${named(end.interface)}`).join(', ')}`,
          ),
        ]),
    ...(tables.length === 0
      ? []
      : ['# tc reads distributions only from its own directory; the jitter of these is uniform here:', ...tables]),
  ]
}

function missingOf({
  op,
  node,
  kind,
  hostname,
  domainname,
  sysctls,
  isolation,
  network,
  contents = { env: {}, hosts: '', mounts: [], files: [] },
  ...others
}: NodeAdd): string[] {
  const parameters = Object.keys(sysctls).filter((key) => !isOfNetwork(key))
  const choices = Object.entries(isolation?.namespaces ?? {}).filter(([space]) => space !== 'net')
  const unusual = choices.filter(([space, choice]) => choice !== (space === 'time' ? 'host' : 'own'))
  return [
    ...(hostname === node ? [] : ['hostname']),
    ...(domainname === null ? [] : ['domainname']),
    ...parameters.map((key) => `sysctl ${key}`),
    ...unusual.map(([space, choice]) => `${space}: ${choice}`),
    ...(isolation?.users ? ['users'] : []),
    ...(isolation && isolation.time.length > 0 ? ['clocks'] : []),
    ...Object.entries(contents).flatMap(([key, value]) => (Object.keys(value).length === 0 ? [] : [key])),
    ...Object.keys(others),
  ]
}

/** Quoted, since an interface name may have any character of Unicode but white space. */
const named = (device: string): string => JSON.stringify(device)
