// What the kernel makes by itself in a network namespace, and makes again: no file has it, and nobody added it. Pure.

import { IFADDRMSG_LENGTH } from '../../kernel/netlink/rtnl/address.js'
import { AF_INET6, IFA_ADDRESS, IFA_LOCAL } from '../../kernel/netlink/rtnl/constants.js'
import { addressText } from '../../kernel/netlink/rtnl/ip.js'
import { Attributes } from '../../kernel/netlink/rtnl/reader.js'
import { isKernels } from '../../kernel/netlink/rtnl/replay.js'
import { isIpRoute, isLocalRoute } from '../../kernel/netlink/rtnl/route.js'
import type { RuleInfo } from '../../kernel/netlink/rtnl/rule.js'
import type { ReadLink } from './interfaces.js'

/** IFA_PROTO (linux/if_addr.h, Linux 5.18) of loopback addresses and of link-local ones of IPv6 that the kernel made. */
const IFA_PROTO = 11
const IFAPROT_KERNEL_LO = 1
const IFAPROT_KERNEL_LL = 3
/** What the kernel gives `lo` when it comes up. */
const LOOPBACK_ADDRESSES = ['127.0.0.1/8', '::1/128']

/**
 * Whether the kernel has given an interface this address: those of `lo`, and the link-local one of IPv6, which it makes of the MAC
 * address, or of the local address of a tunnel (addrconf_dev_config, add_v4_addrs in net/ipv6/addrconf.c).
 *
 * @param payload of an RTM_NEWADDR
 * @param address `ADDRESS/LENGTH`
 */
export function isKernelsAddress(payload: Buffer, address: string, link: ReadLink | undefined): boolean {
  if (link?.kind === 'loopback') return LOOPBACK_ADDRESSES.includes(address)
  const attributes = new Attributes(payload, IFADDRMSG_LENGTH)
  const protocol = attributes.u8(IFA_PROTO)
  if (protocol === IFAPROT_KERNEL_LL || protocol === IFAPROT_KERNEL_LO) return true
  const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS)
  if (payload[0] !== AF_INET6 || bytes?.length !== 16 || (bytes.readUInt16BE(0) & 0xffc0) !== 0xfe80) return false
  return isOfMac(bytes, link?.mac ?? null) || isOfTunnel(bytes, link)
}

/** The modified EUI-64 of a MAC address (RFC 4291, appendix A). */
function isOfMac(address: Buffer, mac: string | null): boolean {
  if (mac === null) return false
  const [first = 0, ...rest] = mac.split(':').map((part) => Number.parseInt(part, 16))
  const eui = Buffer.from([first ^ 2, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)])
  return address.subarray(8).equals(eui)
}

function isOfTunnel(address: Buffer, link: ReadLink | undefined): boolean {
  return link?.settings?.local === addressText(address.subarray(12))
}

/** Whether a route is one that the kernel made by itself, or of the table `local`, or of another family than IP. */
export const isKernelsRoute = (payload: Buffer): boolean =>
  !isIpRoute(payload) || isLocalRoute(payload) || isKernels(payload)

/** Whether a rule is one of a new namespace, or that of VRFs, which the kernel makes with the first one. */
export const isKernelsRule = ({ protocol }: RuleInfo): boolean => protocol === 'kernel'
