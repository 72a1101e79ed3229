// A device of the machine that a lab has taken into a node, as the lab's state records it.

/** A device of the machine in a node, and how it was configured before. */
export interface TakenDevice {
  node: string
  /** Name in the node. */
  interface: string
  /** Interface index in the node. */
  index: number
  /** MAC address that nslab gave it in the node. Root of the node may have changed it since. */
  mac: string | null
  /** The device as it was on the machine. */
  host: {
    name: string
    index: number
    /** `kind` of `LinkInfo`. */
    kind: string | null
    mac: string | null
    permanentMac: string | null
    mtu: number
    up: boolean
    /** Time of this record, in milliseconds since 1970. The lifetimes of its addresses count from then. */
    seenAt: number
    /** Netlink messages of its addresses, in base64, in the order in which kernel/netlink/rtnl/replay.ts adds them again. */
    addresses: string[]
    /** The same of its routes. */
    routes: string[]
  }
}
