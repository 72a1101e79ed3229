// Reads what ip(8) and bridge(8) print with -j, what grep(1) prints of files below /proc/sys/net, and firewalls.
import type { Family } from '../../../model/family.js'
import type { ExecResult } from '../../run/exec-result.js'
import { parseIptables } from '../firewall/iptables.js'
import { parseNft } from '../firewall/nft.js'
import { merged, type Ruleset } from '../firewall/ruleset.js'
import { documents } from './documents.js'
import type { NodeFacts, PolicyRule, PortVlan, RouteAnswer } from './facts.js'
import type { Sections } from './sections.js'

export function parseNeighbours(text: string | null): NodeFacts['neighbours'] {
  const entries = documents<{ dst: string; dev: string; lladdr?: string; state?: string[] }>(text)
  return entries.map(({ dst, dev, lladdr, state = [] }) => ({
    address: dst,
    interface: dev,
    mac: lladdr ?? null,
    permanent: state.includes('PERMANENT'),
  }))
}

interface Route {
  type?: string
  table?: string
  dst: string
  dev?: string
  gateway?: string
  via?: { host: string }
  prefsrc?: string
  metrics?: { mtu?: number }[]
}

/** A refused look-up is an answer: the kernel's error. */
export function parseRoute({ exitCode, stdout, stderr }: ExecResult): RouteAnswer {
  if (exitCode !== 0) {
    const [, error = 'no answer'] = /(?:answers|Error): (.*)/.exec(stderr) ?? []
    return { error }
  }
  const [route] = documents<Route>(stdout)
  if (!route) return { error: 'no answer' }
  const gateway = route.gateway ?? route.via?.host ?? null
  const words = [
    ...[route.type ?? '', route.dst],
    ...(gateway === null ? [] : ['via', gateway]),
    ...['dev', route.dev ?? '?'],
    ...(route.prefsrc === undefined ? [] : ['src', route.prefsrc]),
  ]
  return {
    type: route.type ?? 'unicast',
    table: route.table ?? 'main',
    interface: route.dev ?? '',
    gateway,
    source: route.prefsrc ?? null,
    mtu: route.metrics?.find(({ mtu }) => mtu !== undefined)?.mtu ?? null,
    text: words.filter((word) => word !== '').join(' '),
  }
}

export const parseRules = (text: string | null): PolicyRule[] => documents<PolicyRule>(text)

export function parseSysctls(text: string): Map<string, string> {
  const lines = text.split('\n').flatMap((line) => {
    const [, path, value] = /^\/proc\/sys\/net\/(.*):(.*)$/.exec(line) ?? []
    return path === undefined || value === undefined ? [] : [[path, value] as const]
  })
  return new Map(lines)
}

/** Ranges of VLANs are taken apart. */
export function parseVlans(text: string | null): Map<string, PortVlan[]> {
  const ports = documents<{ ifname: string; vlans?: { vlan: number; vlanEnd?: number; flags?: string[] }[] }>(text)
  return new Map(
    ports.map(({ ifname, vlans = [] }) => [
      ifname,
      vlans.flatMap(({ vlan, vlanEnd = vlan, flags = [] }) =>
        Array.from({ length: vlanEnd - vlan + 1 }, (_, index) => ({
          id: vlan + index,
          isPvid: flags.includes('PVID'),
          isUntagged: flags.includes('Egress Untagged'),
        })),
      ),
    ]),
  )
}

/** Tables of iptables-nft are read from its own words: nft(8) does not know all of its matches. null without nft(8) and iptables(8). */
export function firewallOf(section: Sections, family: Family): Ruleset | null {
  const [nft, text] = [section('nft'), section('nft-text')]
  const tool = family === 4 ? 'iptables' : 'ip6tables'
  const saved = (['iptables-nft', 'iptables-legacy'] as const).flatMap((name) => {
    const words = section(name)
    return words === null ? [] : [parseIptables(words, name.replace('iptables', tool), family)]
  })
  if (nft === null && saved.length === 0) return null
  const own = nft === null ? [] : [parseNft(nft, text ?? '')]
  const managed = new Set(
    parseIptables(section('iptables-nft') ?? '', tool, family).chains.map((each) => `${each.family} ${each.table}`),
  )
  const natives = own.map(({ chains, sets }) => ({
    sets,
    chains: chains.filter((each) => !managed.has(`${each.family} ${each.table}`)),
  }))
  return merged([...natives, ...saved])
}
