import type { LinkChecks, Quantity } from '../../src/model/link-check.js'

export type Impairments = Record<string, [keys: string, measured: Quantity[]]>
export const IMPAIRMENTS: Impairments
export const RATES: Impairments
export function pairsOfNodes(name: string, impairments: Impairments, backend: 'netem' | 'wire' | 'auto'): string
export function assertAsConfigured(checks: LinkChecks, impairments: Impairments): void
export function lanOfPairs(name: string, backend: 'netem' | 'wire' | 'auto'): string
export function assertPairs(checks: LinkChecks): void
