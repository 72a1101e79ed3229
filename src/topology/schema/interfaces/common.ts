// Keys that several kinds of interfaces have.
import { z } from 'zod'
import { addressOrInterface, addressOrNode, interfaceAddress, interfaceName, mac, mtu } from '../../values/values.js'

/** For every kind. */
export const common = {
  addresses: z.array(interfaceAddress).optional().describe('list of `ADDRESS/LENGTH`'),
  mtu: mtu.optional().describe('MTU in bytes; what fits through the interface below, less the headers, by default'),
  up: z.boolean().default(true).describe('`false` leaves the interface down'),
}

/** For kinds with Ethernet addresses. */
export const ethernet = { ...common, mac: mac.optional().describe('MAC address; computed by default') }

/** For kinds with members. */
export const members = z.array(interfaceName).default([])

export const ttl = z.int().min(1, 'a ttl is 1 to 255').max(255, 'a ttl is 1 to 255').optional()

export const port = (text: string) =>
  z.int().min(1, 'a port is 1 to 65535').max(65_535, 'a port is 1 to 65535').describe(text)

/** A network identifier of 24 bits. */
export const vni = z
  .int()
  .min(0, 'a network identifier is 0 to 16777215')
  .max(0xff_ffff, 'a network identifier is 0 to 16777215')
  .describe('network identifier, 0 to 16777215')

export const vlanId = z.int().min(1, 'a VLAN id is 1 to 4094').max(4094, 'a VLAN id is 1 to 4094')

/** Routing tables by number. Their names in iproute2 differ between machines. */
export const table = z.int().min(1, 'a table is 1 to 4294967295').max(0xffff_ffff, 'a table is 1 to 4294967295')

/** The two ends of a tunnel, and the interface that it is sent by. */
export const ends = {
  remote: addressOrNode.describe('the other end: an address, `NODE` or `NODE:INTERFACE`'),
  local: addressOrInterface
    .optional()
    .describe('this end: an address or an interface of the node; the one that the other end sends to, by default'),
  dev: interfaceName.optional().describe('interface that packets leave by; found by the routing table by default'),
}
