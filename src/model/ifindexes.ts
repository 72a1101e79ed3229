// Which ifindexes the interfaces of a node have: an interface's index tells what it is.

export const LOOPBACK_INDEX = 1
/** The bridge of a switch. Above the indexes that the kernel chooses, such as that of the fallback device of a tunnel kind. */
export const BRIDGE_INDEX = 16
/** The interfaces written under `interfaces` have the free indexes from here on. */
export const FIRST_DEVICE_INDEX = 17
/** The ends of links have indexes from here on, two a link, so that the two ends of a link never have the same index. */
export const FIRST_LINK_INDEX = 32
