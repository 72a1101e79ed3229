// The traits of a kind of interface, for every stage that treats kinds differently: whether it carries Ethernet, which interfaces
// it stands on, how it wraps packets, which kernel option it needs. kinds.ts has the table. Pure data, and pure
// functions of settings.
import type { Family } from '../family.js'

/** Settings whose value is the name of an interface of the same node. */
export type ReferenceKey = 'parent' | 'dev' | 'primary'

/**
 * Which interfaces a setting can name: `ethernet`, one that carries Ethernet frames; `any`, `lo` included; `member`, a member
 * of the interface itself.
 */
export type ReferenceTo = 'ethernet' | 'any' | 'member'

/**
 * How a master uses its members. `bridged`: it forwards frames between them. `bonded`: it uses them as one link. In both cases the
 * master has the addresses. `routed`: the members keep their addresses, and packets use the routing table of the master.
 */
export type Membership = 'bridged' | 'bonded' | 'routed'

export interface Parent {
  /**
   * Whether the kind is on the Ethernet network of its parent, and takes frames from the parent as soon as they come in. The
   * kernel allows one such kind on a parent, and none on a port of a bridge or a member of a bond.
   */
  sharesNetwork: boolean
  /** Whether the kernel refuses an MTU above that of the parent. */
  limitsMtu: boolean
}

/** How a tunnel wraps packets. */
export interface Encapsulation {
  /** IP version of the outer header. `remote`: that of the remote address. `both`: peers may be reached over either. */
  family: Family | 'remote' | 'both'
  /**
   * Time to live, or hop limit, of the outer header where none is written; 0 copies that of the inner packet. VXLAN and Geneve
   * have one, since the kernel's default of 0 would use the TTL of the route. null for a kind that has no such setting.
   */
  ttl: number | null
  /** Bytes of all headers and trailers between the outer IP header and the packet that is carried. */
  headers: (settings: { kind: string; key?: unknown }) => number
}

/** Something that only one interface can have, such as a VLAN id on a parent. */
export interface Identity {
  /** A text for messages, such as `VLAN 5 of eth0`. */
  text: string
  /** The setting to blame in messages; null if it follows from several settings. */
  key: string | null
  /** `node`: another node can have the same. `machine`: no other interface of the lab can. */
  scope: 'node' | 'machine'
}

/** How to get a kind that the running kernel lacks. */
export interface KernelSupport {
  /** As people call it. */
  title: string
  /** What a user cannot do without it. */
  cost: string
  /** The build option. */
  config: string
  /** The module that holds it, where it is built as one; null if it never is. */
  module: string | null
}

/** The traits of a kind with these settings. */
export interface InterfaceTraits<S> {
  /** Whether it carries Ethernet frames. Only such an interface can be a port of a bridge, a member of a bond, or a parent. */
  isEthernet: boolean
  /** Its settings that name interfaces of the node, which must be there when it is made. */
  references: { readonly [Key in ReferenceKey & keyof S]: ReferenceTo }
  /** null for a kind without `parent`. */
  parent: 'parent' extends keyof S ? Parent : null
  /** What it does with its members; null for a kind that cannot have any. */
  members: Membership | null
  /** null for a kind that does not wrap packets. */
  encapsulation: 'remote' extends keyof S ? Encapsulation : Encapsulation | null
  /**
   * Its MTU if none is written. A number: this many bytes. `link`: that of its link. `members`: the smallest of its
   * members. `below`: what fits through the interface that it stands on, or sends by, less the headers that it adds.
   */
  mtu: number | 'link' | 'members' | 'below'
  /**
   * Its MAC address if none is written. `computed`: one that is computed from names, and so stays the same. `kernel`: the
   * parent's, its own, or a random one. `none`: it has no MAC address.
   */
  mac: 'computed' | 'kernel' | 'none'
  /**
   * When it is running (IFF_RUNNING) while it is up. `always`: by itself. `parent`: while its parent is running. `members`:
   * while one of its members is running. `outside`: the lab cannot know, since a program must open the tap, or a cable must be
   * in the card.
   */
  carrier: 'always' | 'parent' | 'members' | 'outside'
  /** Its identity; null if two interfaces of a node can have the same settings. */
  identity: ((settings: S) => Identity | null) | null
  /** null for a kind that every kernel has, or that is not made by a netlink request with the name of its kind. */
  kernel: KernelSupport | null
}

export const kernelSupport = (title: string, cost: string, config: string, module: string): KernelSupport => ({
  title,
  cost,
  config,
  module,
})

export const inNode = (text: string, key: string | null = null): Identity => ({ text, key, scope: 'node' })

/** Traits of a kind that neither names nor holds other interfaces, and wraps no packets. */
export const ALONE = { references: {}, parent: null, members: null, encapsulation: null } as const

/** The default of Ethernet (RFC 894). */
export const DEFAULT_MTU = 1500

/** That of `lo` in Linux, which VRFs have too (drivers/net/loopback.c, drivers/net/vrf.c). */
export const LOOPBACK_MTU = 65_536
