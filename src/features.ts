// What the kernel may or may not have been built with: what each thing is called, what cannot be done without it, and how
// to get it. One table, so that an error says the same as `nslab doctor`. Pure data and words.

export interface Feature {
  /** As people call it. */
  title: string
  /** The kernel's own name, with what it is a name of: `link kind vlan`. */
  kernelName: string
  /** What a user cannot do without it. */
  cost: string
  /** The build option. */
  config: string
  /** The module that holds it, where it is built as one. */
  module: string
}

/** Which table of the kernel a kind's name is looked up in. */
export type KindTable = 'link' | 'qdisc'

type Words = [title: string, cost: string, config: string, module: string]

/** What may be missing of a kind that is there. */
export type KindOption = 'vlan_filtering'

/** By IFLA_INFO_KIND (linux/if_link.h). */
const LINKS: Record<string, Words> = {
  veth: ['virtual Ethernet pairs', 'no links between nodes', 'CONFIG_VETH', 'veth'],
  bridge: ['bridges', 'no switches and no LANs of three nodes or more', 'CONFIG_BRIDGE', 'bridge'],
  vlan: ['802.1Q VLANs', 'no VLAN interfaces', 'CONFIG_VLAN_8021Q', '8021q'],
  vxlan: ['VXLAN', 'no VXLAN overlays', 'CONFIG_VXLAN', 'vxlan'],
  macvlan: ['macvlan', 'no macvlan interfaces', 'CONFIG_MACVLAN', 'macvlan'],
  ipvlan: ['ipvlan', 'no ipvlan interfaces', 'CONFIG_IPVLAN', 'ipvlan'],
  dummy: ['dummy interfaces', 'no dummy interfaces; put addresses on lo instead', 'CONFIG_DUMMY', 'dummy'],
  vrf: ['VRF', 'no VRFs; a node has one set of interfaces and routes', 'CONFIG_NET_VRF', 'vrf'],
  bond: ['bonding', 'no bonds', 'CONFIG_BONDING', 'bonding'],
  wireguard: ['WireGuard', 'no WireGuard tunnels', 'CONFIG_WIREGUARD', 'wireguard'],
  gre: ['GRE', 'no GRE tunnels over IPv4', 'CONFIG_NET_IPGRE', 'ip_gre'],
  gretap: ['GRE for Ethernet', 'no Ethernet over GRE over IPv4', 'CONFIG_NET_IPGRE', 'ip_gre'],
  ip6gre: ['GRE over IPv6', 'no GRE tunnels over IPv6', 'CONFIG_IPV6_GRE', 'ip6_gre'],
  ip6gretap: ['GRE for Ethernet over IPv6', 'no Ethernet over GRE over IPv6', 'CONFIG_IPV6_GRE', 'ip6_gre'],
  ipip: ['IP in IP', 'no IPv4-in-IPv4 tunnels', 'CONFIG_NET_IPIP', 'ipip'],
  sit: ['SIT', 'no IPv6-in-IPv4 tunnels', 'CONFIG_IPV6_SIT', 'sit'],
  ip6tnl: ['IPv6 tunnels', 'no tunnels over IPv6', 'CONFIG_IPV6_TUNNEL', 'ip6_tunnel'],
  geneve: ['Geneve', 'no Geneve overlays', 'CONFIG_GENEVE', 'geneve'],
  ifb: ['intermediate functional blocks', 'no shaping of what an interface receives', 'CONFIG_IFB', 'ifb'],
}

/** Built into their kinds' modules. */
const OPTIONS: Record<KindOption, { title: string; kernelName: string; config: string }> = {
  vlan_filtering: {
    title: 'VLAN filtering on bridges',
    kernelName: 'vlan_filtering of link kind bridge',
    config: 'CONFIG_BRIDGE_VLAN_FILTERING',
  },
}

/** By TCA_KIND (linux/rtnetlink.h). */
const QDISCS: Record<string, Words> = {
  netem: ['netem', 'no delay, jitter, loss or reordering by netem', 'CONFIG_NET_SCH_NETEM', 'sch_netem'],
  tbf: ['token bucket filter', 'no rate limit by tbf', 'CONFIG_NET_SCH_TBF', 'sch_tbf'],
  htb: ['hierarchical token bucket', 'no rate limits by class', 'CONFIG_NET_SCH_HTB', 'sch_htb'],
  fq: ['fair queue', 'no pacing of TCP by the queue, as BBR likes it', 'CONFIG_NET_SCH_FQ', 'sch_fq'],
  fq_codel: ['fair queue with CoDel', 'no CoDel queue management', 'CONFIG_NET_SCH_FQ_CODEL', 'sch_fq_codel'],
  cake: ['CAKE', 'no CAKE shaper', 'CONFIG_NET_SCH_CAKE', 'sch_cake'],
  sfq: ['stochastic fairness queueing', 'no fair queue by flow', 'CONFIG_NET_SCH_SFQ', 'sch_sfq'],
  prio: ['priority queueing', 'no queues by priority', 'CONFIG_NET_SCH_PRIO', 'sch_prio'],
  clsact: [
    'classifier for both directions',
    'no filters on what an interface receives',
    'CONFIG_NET_CLS_ACT',
    'sch_ingress',
  ],
}

const KERNEL_NAMES: Record<KindTable, string> = { link: 'link kind', qdisc: 'queueing discipline' }

const featureOf = (table: KindTable, kind: string, [title, cost, config, module]: Words): Feature => ({
  title,
  kernelName: `${KERNEL_NAMES[table]} ${kind}`,
  cost,
  config,
  module,
})

const featuresOf = (table: KindTable, words: Record<string, Words>): ReadonlyMap<string, Feature> =>
  new Map(Object.entries(words).map(([kind, each]) => [kind, featureOf(table, kind, each)]))

/** Every kind that nslab knows by name. */
export const KINDS: Readonly<Record<KindTable, ReadonlyMap<string, Feature>>> = {
  link: featuresOf('link', LINKS),
  qdisc: featuresOf('qdisc', QDISCS),
}

/** `this kernel lacks 802.1Q VLANs (link kind vlan)`; also for a kind that is in no table of ours. */
export function lackText(table: KindTable, kind: string, option?: KindOption): string {
  const feature = option === undefined ? KINDS[table].get(kind) : OPTIONS[option]
  return feature
    ? `this kernel lacks ${feature.title} (${feature.kernelName})`
    : `this kernel lacks the ${KERNEL_NAMES[table]} ${kind}`
}

/** How to get it, one sentence without a full stop. */
export function remedyText(table: KindTable, kind: string, option?: KindOption): string {
  if (option !== undefined) return kernelRemedy(OPTIONS[option].config, null)
  const feature = KINDS[table].get(kind)
  return feature ? kernelRemedy(feature.config, feature.module) : 'use a kernel that has it'
}

/** The same for any build option of the kernel. */
export const kernelRemedy = (config: string, module: string | null): string =>
  `use a kernel with ${config}${module === null ? '' : ` (module ${module})`}, such as Debian's ${debianKernel()}`

/** The package of Debian's that holds a kernel with everything in the table. */
const debianKernel = (): string => (process.arch === 'arm64' ? 'linux-image-arm64' : 'linux-image-amd64')
