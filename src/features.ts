// What the kernel may or may not have been built with: what each thing is called, what cannot be done without it, and how
// to get it. One table, so that an error says the same as `nslab doctor`. Pure data and words.

import { TRAITS } from './model/interface-kinds.js'
import type { KernelSupport } from './model/interface-traits.js'

export interface Feature extends KernelSupport {
  /** The kernel's own name, with what it is a name of: `link kind vlan`. */
  kernelName: string
}

/** Kinds of interfaces that a kernel may lack. */
export type { KernelLinkKind } from './model/interface-kinds.js'

/** Which table of the kernel a kind's name is looked up in. */
export type KindTable = 'link' | 'qdisc'

/** What may be missing of a kind that is there. */
export type KindOption = 'vlan_filtering'

/** Built into their kinds' modules. */
const OPTIONS: Record<KindOption, { title: string; kernelName: string; config: string }> = {
  vlan_filtering: {
    title: 'VLAN filtering on bridges',
    kernelName: 'vlan_filtering of link kind bridge',
    config: 'CONFIG_BRIDGE_VLAN_FILTERING',
  },
}

/** By TCA_KIND (linux/rtnetlink.h). */
const QDISCS: Record<string, [title: string, cost: string, config: string, module: string]> = {
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

const named = (table: KindTable, kind: string, words: KernelSupport): [string, Feature] => [
  kind,
  { ...words, kernelName: `${KERNEL_NAMES[table]} ${kind}` },
]

/** Every kind that nslab knows by name. A link kind is called by IFLA_INFO_KIND (linux/if_link.h). */
export const KINDS: Readonly<Record<KindTable, ReadonlyMap<string, Feature>>> = {
  link: new Map(Object.entries(TRAITS).flatMap(([kind, { kernel }]) => (kernel ? [named('link', kind, kernel)] : []))),
  qdisc: new Map(
    Object.entries(QDISCS).map(([kind, [title, cost, config, module]]) =>
      named('qdisc', kind, { title, cost, config, module }),
    ),
  ),
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
