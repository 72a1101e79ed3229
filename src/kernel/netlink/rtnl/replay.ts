// Gives a device its addresses and routes again: from the messages in which the kernel reported them, makes requests with
// the same attributes. The device may have another ifindex by then. Equals `ip address restore` and `ip route restore`.
import { addressFlags, IFADDRMSG_LENGTH } from './address.js'
import {
  AF_INET6,
  IFA_ADDRESS,
  IFA_F_NODAD,
  IFA_F_PERMANENT,
  IFA_FLAGS,
  IFA_LOCAL,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTA_DST,
  RTA_GATEWAY,
  RTA_MULTIPATH,
  RTA_NH_ID,
  RTA_OIF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_TABLE,
  RTA_VIA,
  RTM_NEWADDR,
  RTM_NEWROUTE,
} from './constants.js'
import { Attributes, u32Of } from './reader.js'
import type { Request } from './request.js'
import { RTMSG_LENGTH } from './route.js'

/** An address or a route to make again. */
export interface Replay {
  /** The device, for errors. */
  target: string
  /** The ifindex that the device has now. */
  index: number
  /** Body of the RTM_NEWADDR or RTM_NEWROUTE. */
  payload: Buffer
}

/** linux/if_addr.h */
const IFA_LABEL = 3
const IFA_BROADCAST = 4
const IFA_CACHEINFO = 6
const IFA_RT_PRIORITY = 9
const IFA_PROTO = 11
const IFAPROT_KERNEL_LL = 3
/** Flag of an IPv6 privacy address, which the kernel derives from another address (RFC 8981). */
const IFA_F_TEMPORARY = 0x01
/** Flags that a request may set: NODAD, HOMEADDRESS, MANAGETEMPADDR, NOPREFIXROUTE, MCAUTOJOIN. */
const IFA_F_ASKED = IFA_F_NODAD | 0x10 | 0x100 | 0x200 | 0x400
/** struct ifa_cacheinfo begins with the preferred and the valid lifetime, in seconds. */
const FOR_EVER = 0xffff_ffff

/** linux/rtnetlink.h */
export const RTA_SRC = 2
export const RTA_METRICS = 8
export const RTA_FLOW = 11
export const RTA_PREF = 20
export const RTA_ENCAP_TYPE = 21
export const RTA_ENCAP = 22
const RTNH_F_ONLINK = 4
const RTM_F_CLONED = 0x200
/** RTPROT_REDIRECT, _KERNEL and _RA: protocols of routes that the kernel makes by itself. */
const KERNELS_PROTOCOLS: readonly number[] = [1, 2, 9]

/**
 * Whether the kernel forgets an address when its interface goes down: an IPv6 address that has a lifetime or is link-local, since
 * keep_addr_on_down keeps the others alone (ip-sysctl.rst). The link-local one that the kernel makes by itself it makes again.
 */
export const isForgottenAddress = (payload: Buffer): boolean =>
  payload[0] === AF_INET6 &&
  ((addressFlags(payload) & IFA_F_PERMANENT) === 0 || isAddedLinkLocal(new Attributes(payload, IFADDRMSG_LENGTH)))

/** RFC 4291, section 2.5.6: fe80::/10. */
function isAddedLinkLocal(attributes: Attributes): boolean {
  if (attributes.u8(IFA_PROTO) === IFAPROT_KERNEL_LL) return false
  const address = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS)
  return address !== undefined && address.length === 16 && (address.readUInt16BE(0) & 0xffc0) === 0xfe80
}

/** A text that is the same for the same address, whatever its lifetime is. */
export function addressKey(payload: Buffer): string {
  const attributes = new Attributes(payload, IFADDRMSG_LENGTH)
  const parts = [attributes.get(IFA_LOCAL), attributes.get(IFA_ADDRESS)].map((part) => part?.toString('hex') ?? '')
  return [payload[0], payload[1], payload.readUInt32LE(4), ...parts].join()
}

/** Whether an address belongs to the device and is no privacy address, which the kernel derives again by itself. */
export const isKeptAddress = (payload: Buffer, index: number): boolean =>
  payload.readUInt32LE(4) === index && !(payload[0] === AF_INET6 && (addressFlags(payload) & IFA_F_TEMPORARY) !== 0)

/** @returns null when the lifetime of the address ended in the `elapsedSeconds` since the kernel reported it */
export function replayAddress({ target, index, payload }: Replay, elapsedSeconds: number): Request | null {
  const attributes = new Attributes(payload, IFADDRMSG_LENGTH)
  const lifetimes = Buffer.from(attributes.get(IFA_CACHEINFO) ?? Buffer.alloc(0))
  for (let at = 0; at < lifetimes.length && at < 8; at += 4) {
    const seconds = lifetimes.readUInt32LE(at)
    if (seconds !== FOR_EVER) lifetimes.writeUInt32LE(Math.max(0, seconds - elapsedSeconds), at)
  }
  if (lifetimes.length >= 8 && lifetimes.readUInt32LE(4) === 0) return null
  return {
    operation: 'give back address',
    target,
    type: RTM_NEWADDR,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    encode: (writer) => {
      const start = writer.header(IFADDRMSG_LENGTH)
      payload.copy(writer.buffer, start, 0, 4)
      const flags = addressFlags(payload) & IFA_F_ASKED
      writer.buffer.writeUInt8(flags & 0xff, start + 2)
      writer.buffer.writeUInt32LE(index, start + 4)
      for (const type of [IFA_LOCAL, IFA_ADDRESS, IFA_BROADCAST, IFA_LABEL, IFA_RT_PRIORITY, IFA_PROTO]) {
        const value = attributes.get(type)
        if (value) writer.bytes(type, value)
      }
      if (lifetimes.length > 0) writer.bytes(IFA_CACHEINFO, lifetimes)
      writer.u32(IFA_FLAGS, flags)
    },
  }
}

/** Whether a route leads over this device alone and was not made by the kernel itself. */
export function isKeptRoute(payload: Buffer, index: number): boolean {
  const attributes = new Attributes(payload, RTMSG_LENGTH)
  const isShared = attributes.get(RTA_MULTIPATH) !== undefined || attributes.get(RTA_NH_ID) !== undefined
  return u32Of(attributes.get(RTA_OIF)) === index && !isKernels(payload) && !isShared
}

/** Whether the kernel made a route by itself, and makes it again. */
export const isKernels = (payload: Buffer): boolean =>
  KERNELS_PROTOCOLS.includes(payload.readUInt8(5)) || isCloned(payload)

/** Whether a route is an entry of the kernel's cache, such as of a redirect. */
export const isCloned = (payload: Buffer): boolean => (payload.readUInt32LE(8) & RTM_F_CLONED) !== 0

/** Whether a route has a gateway, to which another route must lead first. */
export function hasGateway(payload: Buffer): boolean {
  const attributes = new Attributes(payload, RTMSG_LENGTH)
  return attributes.get(RTA_GATEWAY) !== undefined || attributes.get(RTA_VIA) !== undefined
}

export function replayRoute({ target, index, payload }: Replay): Request {
  const attributes = new Attributes(payload, RTMSG_LENGTH)
  const ends = [RTA_DST, RTA_SRC, RTA_GATEWAY, RTA_VIA, RTA_PREFSRC, RTA_TABLE, RTA_PRIORITY]
  const rest = [RTA_METRICS, RTA_FLOW, RTA_PREF, RTA_ENCAP_TYPE, RTA_ENCAP]
  return {
    operation: 'give back route',
    target,
    type: RTM_NEWROUTE,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    encode: (writer) => {
      const start = writer.header(RTMSG_LENGTH)
      payload.copy(writer.buffer, start, 0, 8)
      writer.buffer.writeUInt32LE(payload.readUInt32LE(8) & RTNH_F_ONLINK, start + 8)
      for (const type of [...ends, ...rest]) {
        const value = attributes.get(type)
        if (value) writer.bytes(type, value)
      }
      writer.u32(RTA_OIF, index)
    },
  }
}
