// Bonds: IFLA_BOND_* (linux/if_link.h), see the kernel's bonding documentation. Equals `ip link add … type bond`.
import { createLink, type NewLink } from './new-link.js'
import type { Attributes } from './reader.js'
import type { Reported, UnknownWord } from './reported.js'
import type { Request } from './request.js'

const BOND_MODE = 1
const BOND_MIIMON = 3
const BOND_UPDELAY = 4
const BOND_DOWNDELAY = 5
const BOND_PRIMARY = 11
const BOND_XMIT_HASH_POLICY = 14
const BOND_MIN_LINKS = 18
const BOND_AD_LACP_RATE = 21

/** BOND_MODE_*, BOND_XMIT_POLICY_* and LACP rates (linux/if_bonding.h), in the order of their numbers. */
const MODES = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
] as const
const HASH_POLICIES = ['layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4', 'vlan+srcmac'] as const
const LACP_RATES = ['slow', 'fast'] as const

/** A setting that is left out has the kernel's default. */
export interface BondSettings {
  mode: (typeof MODES)[number]
  /** Interval at which the carrier of members is checked. */
  miimonMs: number
  /** The kernel rounds both delays down to a multiple of `miimonMs`. */
  updelayMs?: number | undefined
  downdelayMs?: number | undefined
  /** ifindex of the preferred member. The kernel reports it only while it is a member. */
  primary?: number | undefined
  xmitHashPolicy?: (typeof HASH_POLICIES)[number] | undefined
  minLinks?: number | undefined
  lacpRate?: (typeof LACP_RATES)[number] | undefined
}

export function createBond(bond: NewLink & BondSettings): Request {
  const { mode, miimonMs, updelayMs, downdelayMs, primary, xmitHashPolicy, minLinks, lacpRate } = bond
  return createLink('bond', bond, (writer) => {
    writer.u8(BOND_MODE, MODES.indexOf(mode))
    writer.u32(BOND_MIIMON, miimonMs)
    if (updelayMs !== undefined) writer.u32(BOND_UPDELAY, updelayMs)
    if (downdelayMs !== undefined) writer.u32(BOND_DOWNDELAY, downdelayMs)
    if (primary !== undefined) writer.u32(BOND_PRIMARY, primary)
    if (xmitHashPolicy !== undefined) writer.u8(BOND_XMIT_HASH_POLICY, HASH_POLICIES.indexOf(xmitHashPolicy))
    if (minLinks !== undefined) writer.u32(BOND_MIN_LINKS, minLinks)
    if (lacpRate !== undefined) writer.u8(BOND_AD_LACP_RATE, LACP_RATES.indexOf(lacpRate))
  })
}

const wordAt = <W extends string>(words: readonly W[], number: number): W | UnknownWord => words[number] ?? `${number}`

export const readBond = (data: Attributes): Reported<BondSettings, 'primary'> => ({
  mode: wordAt(MODES, data.u8(BOND_MODE)),
  miimonMs: data.u32(BOND_MIIMON),
  updelayMs: data.u32(BOND_UPDELAY),
  downdelayMs: data.u32(BOND_DOWNDELAY),
  primary: data.u32(BOND_PRIMARY) || undefined,
  xmitHashPolicy: wordAt(HASH_POLICIES, data.u8(BOND_XMIT_HASH_POLICY)),
  minLinks: data.u32(BOND_MIN_LINKS),
  lacpRate: wordAt(LACP_RATES, data.u8(BOND_AD_LACP_RATE)),
})
