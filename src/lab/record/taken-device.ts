// A device of the machine that a lab has taken into one of its nodes, as the lab's state records it.

/** A device that a lab has, and what it was before. */
export interface TakenDevice {
  node: string
  /** Its name and ifindex in the node. */
  interface: string
  index: number
  /** MAC address that it was given in the node; whoever is root there may have given it another since. */
  mac: string | null
  /** On the machine. */
  host: {
    name: string
    index: number
    /** As in `LinkInfo`. */
    kind: string | null
    mac: string | null
    permanentMac: string | null
    mtu: number
    up: boolean
    /** When, in milliseconds since 1970: addresses may have a lifetime. */
    seenAt: number
    /** As the kernel told them, in base64 (kernel/rtnl/replay.ts); each in the order in which it is made again. */
    addresses: string[]
    routes: string[]
  }
}
