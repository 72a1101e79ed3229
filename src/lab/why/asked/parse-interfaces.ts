// Reads what `ip -j -d addr` prints.
import { LabError } from '../../../errors.js'
import type { ExecResult } from '../../run/exec-result.js'
import { documents } from './documents.js'
import type { InterfaceFacts } from './facts.js'

interface Link {
  ifname: string
  address?: string
  flags: string[]
  mtu: number
  master?: string
  link?: string
  linkinfo?: {
    info_kind?: string
    info_data?: { id?: number; vlan_filtering?: number }
    info_slave_kind?: string
    info_slave_data?: { state?: string; isolated?: boolean }
  }
  addr_info?: { local?: string; prefixlen?: number }[]
}

/** @throws LabError FEATURE_MISSING when ip(8) cannot be run in the node */
export function parseInterfaces({ exitCode, stdout, stderr }: ExecResult): Map<string, InterfaceFacts> {
  if (exitCode !== 0) {
    const said = stderr.trim().split('\n')[0] ?? ''
    throw new LabError('FEATURE_MISSING', `ip(8) failed in the node: ${said || `exit status ${exitCode}`}`, {
      hint: 'why asks the kernel by iproute2, which the node must have',
    })
  }
  return new Map(documents<Link>(stdout).map((link) => [link.ifname, factsOf(link)]))
}

function factsOf(link: Link): InterfaceFacts {
  const { ifname: name, address, flags, mtu, master, linkinfo = {}, addr_info = [] } = link
  const { info_kind: kind, info_data: data = {}, info_slave_kind, info_slave_data: slave = {} } = linkinfo
  return {
    name,
    mac: address ?? null,
    up: flags.includes('UP'),
    carrier: flags.includes('LOWER_UP'),
    mtu,
    kind: kind ?? null,
    noArp: flags.includes('NOARP'),
    master: master ?? null,
    // The other end of a veth pair is named as its `link` too.
    parent: kind === 'veth' ? null : (link.link ?? null),
    vlanId: kind === 'vlan' ? (data.id ?? null) : null,
    filtersVlans: data.vlan_filtering === 1,
    port:
      info_slave_kind === 'bridge' ? { state: slave.state ?? 'forwarding', isolated: slave.isolated === true } : null,
    addresses: addr_info.flatMap(({ local }) => local ?? []),
    prefixes: addr_info.flatMap(({ local, prefixlen }) => (local === undefined ? [] : `${local}/${prefixlen}`)),
  }
}
