// The features that a kernel may have been built without: the name of each, what a user cannot do without it, and how to get
// it. One table, so that an error and `nslab doctor` use the same words. Pure data and text.
export type { KernelLinkKind } from './model/interfaces/kinds.js'

import { TRAITS } from './model/interfaces/kinds.js'
import type { KernelSupport } from './model/interfaces/traits.js'

export interface Feature extends KernelSupport {
  /** The kernel's name, with the table that has it: `link kind vlan`. */
  kernelName: string
}

/** The kernel's table in which the name of a kind is looked up. */
export type KindTable = 'link' | 'qdisc' | 'filter'

/** Build options that may be missing although the kernel has the kind. */
export type KindOption = 'vlan_filtering'

/** Options that are part of the module of their kind. */
const OPTIONS: Record<KindOption, { title: string; kernelName: string; config: string }> = {
  vlan_filtering: {
    title: 'VLAN filtering on bridges',
    kernelName: 'vlan_filtering of link kind bridge',
    config: 'CONFIG_BRIDGE_VLAN_FILTERING',
  },
}

/** By TCA_KIND (linux/rtnetlink.h). They are probed in this order: a filter needs one with classes, the last at the root of a device. */
const QDISCS: Record<string, [title: string, cost: string, config: string, module: string | null]> = {
  netem: [
    'netem',
    'links with delay, jitter, loss or reordering are carried by nslab’s own wire, not by the kernel',
    'CONFIG_NET_SCH_NETEM',
    'sch_netem',
  ],
  pfifo: [
    'queue of packets',
    'links with a queue in packets are carried by nslab’s own wire',
    'CONFIG_NET_SCHED',
    null,
  ],
  bfifo: ['queue of bytes', 'links with a queue in bytes are carried by nslab’s own wire', 'CONFIG_NET_SCHED', null],
  tbf: [
    'token bucket filter',
    'links with a rate are carried by nslab’s own wire, not by the kernel',
    'CONFIG_NET_SCH_TBF',
    'sch_tbf',
  ],
  codel: ['CoDel', 'links with the queue codel are carried by nslab’s own wire', 'CONFIG_NET_SCH_CODEL', 'sch_codel'],
  fq: ['fair queue', 'no pacing of TCP by the queue, as BBR likes it', 'CONFIG_NET_SCH_FQ', 'sch_fq'],
  fq_codel: [
    'fair queue with CoDel',
    'links with the queue fq_codel are carried by nslab’s own wire',
    'CONFIG_NET_SCH_FQ_CODEL',
    'sch_fq_codel',
  ],
  red: [
    'random early detection',
    'links with the queue red are carried by nslab’s own wire',
    'CONFIG_NET_SCH_RED',
    'sch_red',
  ],
  cake: ['CAKE', 'no CAKE shaper', 'CONFIG_NET_SCH_CAKE', 'sch_cake'],
  sfq: ['stochastic fairness queueing', 'no fair queue by flow', 'CONFIG_NET_SCH_SFQ', 'sch_sfq'],
  prio: ['priority queueing', 'no queues by priority', 'CONFIG_NET_SCH_PRIO', 'sch_prio'],
  htb: [
    'hierarchical token bucket',
    'LANs with impairments by pair are carried by nslab’s own wire, not by the kernel',
    'CONFIG_NET_SCH_HTB',
    'sch_htb',
  ],
  clsact: [
    'classifier for both directions',
    'no filters on what an interface receives',
    'CONFIG_NET_CLS_ACT',
    'sch_ingress',
  ],
}

/** Classifiers, by TCA_KIND. */
const FILTERS: typeof QDISCS = {
  u32: [
    'matching of header bytes',
    'LANs with impairments by pair are carried by nslab’s own wire, not by the kernel',
    'CONFIG_NET_CLS_U32',
    'cls_u32',
  ],
}

const KERNEL_NAMES: Record<KindTable, string> = {
  link: 'link kind',
  qdisc: 'queueing discipline',
  filter: 'classifier',
}

const named = (table: KindTable, kind: string, words: KernelSupport): [string, Feature] => [
  kind,
  { ...words, kernelName: `${KERNEL_NAMES[table]} ${kind}` },
]

/** Every kind that nslab knows by name. A link kind is called by IFLA_INFO_KIND (linux/if_link.h). */
export const KINDS: Readonly<Record<KindTable, ReadonlyMap<string, Feature>>> = {
  link: new Map(Object.entries(TRAITS).flatMap(([kind, { kernel }]) => (kernel ? [named('link', kind, kernel)] : []))),
  qdisc: tableOf('qdisc', QDISCS),
  filter: tableOf('filter', FILTERS),
}

function tableOf(table: KindTable, kinds: typeof QDISCS): ReadonlyMap<string, Feature> {
  const features = Object.entries(kinds).map(([kind, [title, cost, config, module]]) =>
    named(table, kind, { title, cost, config, module }),
  )
  return new Map(features)
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
