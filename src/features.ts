// The features that a kernel may have been built without: the name of each, what a user cannot do without it, and how to get
// it. One table, so that an error and `nslab doctor` use the same words. Pure data and text.

export interface Feature {
  /** The name that users know. */
  title: string
  /** The kernel's name, with the table that has it: `link kind vlan`. */
  kernelName: string
  /** What a user cannot do without the feature. */
  cost: string
  /** The kernel's build option. */
  config: string
  /** The kernel module, if the feature is built as a module. */
  module: string
}

/** The kernel's table in which the name of a kind is looked up. */
export type KindTable = 'link' | 'qdisc'

type Words = [title: string, cost: string, config: string, module: string]

/** Build options that may be missing although the kernel has the kind. */
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

/** Options that are part of the module of their kind. */
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

/** `this kernel lacks 802.1Q VLANs (link kind vlan)`; a kind that is not in the tables above gets a text without a title. */
export function lackText(table: KindTable, kind: string, option?: KindOption): string {
  const feature = option === undefined ? KINDS[table].get(kind) : OPTIONS[option]
  return feature
    ? `this kernel lacks ${feature.title} (${feature.kernelName})`
    : `this kernel lacks the ${KERNEL_NAMES[table]} ${kind}`
}

/** How to get a kind or its option: one sentence without a full stop. */
export function remedyText(table: KindTable, kind: string, option?: KindOption): string {
  if (option !== undefined) return kernelRemedy(OPTIONS[option].config, null)
  const feature = KINDS[table].get(kind)
  return feature ? kernelRemedy(feature.config, feature.module) : 'use a kernel that has it'
}

/** How to get a feature, by its build option and, if it can be a module, its module. */
export const kernelRemedy = (config: string, module: string | null): string =>
  `use a kernel with ${config}${module === null ? '' : ` (module ${module})`}, such as Debian's ${debianKernel()}`

/** The Debian package of a kernel that has everything in the tables. */
const debianKernel = (): string => (process.arch === 'arm64' ? 'linux-image-arm64' : 'linux-image-amd64')
