import type { QdiscSettings } from '../../src/kernel/netlink/rtnl/tc/qdisc-kinds.js'

export const QDISCS: Record<string, { settings: QdiscSettings; shown: object }>
export const MACS: [string, string]
export function differences(reported: unknown, settings: object): string[]
