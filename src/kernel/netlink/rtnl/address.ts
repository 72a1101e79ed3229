// Addresses: RTM_*ADDR with struct ifaddrmsg (rtnetlink(7), linux/if_addr.h). Equals `ip address`.
import {
  AF_INET,
  AF_INET6,
  IFA_ADDRESS,
  IFA_F_DADFAILED,
  IFA_F_NODAD,
  IFA_F_PERMANENT,
  IFA_F_TENTATIVE,
  IFA_FLAGS,
  IFA_LOCAL,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  RTM_DELADDR,
  RTM_GETADDR,
  RTM_NEWADDR,
} from './constants.js'
import { addressText, prefixBytes } from './ip.js'
import { Attributes, u32Of } from './reader.js'
import type { Reported } from './reported.js'
import type { Request } from './request.js'
import { scopeName } from './scope.js'

/** struct ifaddrmsg; linux/if_addr.h */
export const IFADDRMSG_LENGTH = 8
/** For 127/8, which the kernel would give global scope. iproute2 asks for host scope, too. */
const RT_SCOPE_HOST = 254

export interface AddressSettings {
  /** ifindex. */
  index: number
  family: 4 | 6
  /** `ADDRESS/LENGTH` */
  address: string
  /** Uses it at once, without duplicate address detection (IPv6). */
  noDad?: boolean
}

export interface NewAddress extends AddressSettings {
  target: string
}

export interface AddressInfo {
  index: number
  family: 4 | 6
  address: string
  prefixLength: number
  scope: string
  flags: { permanent: boolean; tentative: boolean; dadFailed: boolean }
}

/** `ip address add` */
export function addAddress({ target, index, family, address, noDad = false }: NewAddress): Request {
  return {
    operation: 'add address',
    target,
    type: RTM_NEWADDR,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    encode: (writer) => {
      const { bytes, length } = prefixBytes(address)
      const start = writer.header(IFADDRMSG_LENGTH)
      writer.buffer.writeUInt8(family === 4 ? AF_INET : AF_INET6, start)
      writer.buffer.writeUInt8(length, start + 1)
      writer.buffer.writeUInt8(noDad ? IFA_F_NODAD : 0, start + 2)
      writer.buffer.writeUInt8(family === 4 && bytes[0] === 127 ? RT_SCOPE_HOST : 0, start + 3)
      writer.buffer.writeUInt32LE(index, start + 4)
      writer.bytes(IFA_LOCAL, bytes)
      writer.bytes(IFA_ADDRESS, bytes)
    },
  }
}

/** `ip address delete` */
export const deleteAddress = ({ target, index, family, address }: Omit<NewAddress, 'noDad'>): Request => ({
  operation: 'delete address',
  target,
  type: RTM_DELADDR,
  flags: 0,
  encode: (writer) => {
    const { bytes, length } = prefixBytes(address)
    const start = writer.header(IFADDRMSG_LENGTH)
    writer.buffer.writeUInt8(family === 4 ? AF_INET : AF_INET6, start)
    writer.buffer.writeUInt8(length, start + 1)
    writer.buffer.writeUInt32LE(index, start + 4)
    writer.bytes(IFA_LOCAL, bytes)
    writer.bytes(IFA_ADDRESS, bytes)
  },
})

/** All addresses of a namespace, of both families. */
export function listAddresses(): Request {
  return {
    operation: 'list addresses',
    target: 'all',
    type: RTM_GETADDR,
    flags: NLM_F_DUMP,
    encode: (writer) => writer.header(IFADDRMSG_LENGTH),
  }
}

/** Reads the payload of an RTM_NEWADDR. */
export function parseAddress(payload: Buffer): AddressInfo {
  const flags = addressFlags(payload)
  return {
    ...endOf(payload),
    prefixLength: payload.readUInt8(1),
    scope: scopeName(payload.readUInt8(3)),
    flags: {
      permanent: (flags & IFA_F_PERMANENT) !== 0,
      tentative: (flags & IFA_F_TENTATIVE) !== 0,
      dadFailed: (flags & IFA_F_DADFAILED) !== 0,
    },
  }
}

/** Reads the payload of an RTM_NEWADDR in the fields that `addAddress` takes. */
export function parseAddressSettings(payload: Buffer): Reported<AddressSettings> {
  const { index, family, address } = endOf(payload)
  const noDad = (addressFlags(payload) & IFA_F_NODAD) !== 0
  return { index, family, address: `${address}/${payload.readUInt8(1)}`, noDad }
}

/** Whether an address lasts until it is removed, rather than for a time that a router or a DHCP server has said. */
export const isLasting = (payload: Buffer): boolean => (addressFlags(payload) & IFA_F_PERMANENT) !== 0

/** IFA_FLAGS holds all flags, the header's byte only the first eight; kernels before 3.14 have the byte alone. */
export const addressFlags = (payload: Buffer): number =>
  u32Of(new Attributes(payload, IFADDRMSG_LENGTH).get(IFA_FLAGS)) ?? payload.readUInt8(2)

function endOf(payload: Buffer): Pick<AddressInfo, 'index' | 'family' | 'address'> {
  const attributes = new Attributes(payload, IFADDRMSG_LENGTH)
  // On a point-to-point link, IFA_ADDRESS is the peer's address and IFA_LOCAL the own one.
  const own = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS)
  return {
    index: payload.readUInt32LE(4),
    family: payload.readUInt8(0) === AF_INET ? 4 : 6,
    address: own ? addressText(own) : '',
  }
}
