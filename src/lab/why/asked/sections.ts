// One shell script that reads all tables of a node, and its output taken apart: a process for each table would take most of the time.
import type { Family } from '../../../model/family.js'

const SYSCTLS =
  'grep -s . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding /proc/sys/net/ipv4/conf/*/rp_filter ' +
  '/proc/sys/net/ipv4/icmp_echo_ignore_all /proc/sys/net/ipv6/icmp/echo_ignore_all /proc/sys/net/ipv4/ip_default_ttl /proc/sys/net/ipv6/conf/*/hop_limit /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv6/conf/*/disable_ipv6'

export type SectionName =
  | 'neighbours'
  | 'sysctls'
  | 'rules'
  | 'rule-texts'
  | 'routes'
  | 'vlans'
  | 'nft'
  | 'nft-text'
  | 'iptables-nft'
  | 'iptables-legacy'

/** The words of a section; null if its command failed or is not there. */
export type Sections = (name: SectionName) => string | null

/** A script for sh(1). Its `$0` is a word that no table has in it. */
export function readingScript(family: Family): string {
  const ip = `ip -${family}`
  const iptables = family === 4 ? 'iptables' : 'ip6tables'
  const commands: Record<SectionName, string> = {
    neighbours: `${ip} -j neigh`,
    // grep(1) fails when one of the files is not there.
    sysctls: `sh -c '${SYSCTLS}; true'`,
    rules: `${ip} -j rule`,
    'rule-texts': `${ip} rule`,
    routes: `${ip} -o route show table all`,
    vlans: 'bridge -j vlan show',
    nft: 'nft -j list ruleset',
    'nft-text': 'nft -a list ruleset',
    'iptables-nft': `${iptables}-nft-save`,
    // A node's root may not read the list of tables (/proc/net/ip_tables_names). A table that is not there is made by this, empty.
    'iptables-legacy': `${iptables}-legacy-save -t filter`,
  }
  const words = Object.entries(commands).map(([name, command]) => `section ${name} ${command}`)
  return [
    'exec 2>/dev/null',
    'section() { name=$1; shift; echo "$0 $name"; command -v "$1" >/dev/null && "$@" && echo "$0 ok"; }',
    ...words,
    '',
  ].join('\n')
}

export function sectionsOf(output: string, mark: string): Sections {
  const parts = output.split(`${mark} `)
  return (name) => {
    const at = parts.findIndex((part) => part.startsWith(`${name}\n`))
    return at >= 0 && parts[at + 1]?.startsWith('ok\n') ? (parts[at] ?? '').slice(name.length + 1) : null
  }
}
