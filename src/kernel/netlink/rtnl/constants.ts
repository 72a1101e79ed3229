// Numbers of the rtnetlink protocol, from the kernel's headers: linux/netlink.h, rtnetlink.h, if_link.h, if_addr.h,
// neighbour.h, if.h, veth.h.

/** nlmsghdr.nlmsg_type */
export const NLMSG_ERROR = 2
export const NLMSG_DONE = 3
/** Smaller types are control messages of netlink itself. */
export const NLMSG_MIN_TYPE = 16
export const RTM_NEWLINK = 16
export const RTM_DELLINK = 17
export const RTM_GETLINK = 18
export const RTM_NEWADDR = 20
export const RTM_DELADDR = 21
export const RTM_GETADDR = 22
export const RTM_NEWROUTE = 24
export const RTM_DELROUTE = 25
export const RTM_GETROUTE = 26
export const RTM_NEWNEIGH = 28
export const RTM_DELNEIGH = 29
export const RTM_GETNEIGH = 30
export const RTM_NEWQDISC = 36
export const RTM_DELQDISC = 37
export const RTM_GETQDISC = 38
export const RTM_NEWTCLASS = 40
export const RTM_DELTCLASS = 41
export const RTM_GETTCLASS = 42
export const RTM_NEWTFILTER = 44
export const RTM_DELTFILTER = 45
export const RTM_GETTFILTER = 46
export const RTM_NEWLINKPROP = 108

/** nlmsghdr.nlmsg_flags */
export const NLM_F_REQUEST = 0x01
export const NLM_F_ACK = 0x04
export const NLM_F_DUMP_INTR = 0x10
export const NLM_F_DUMP = 0x300
export const NLM_F_REPLACE = 0x100
export const NLM_F_EXCL = 0x200
export const NLM_F_CREATE = 0x400
export const NLM_F_APPEND = 0x800
/** In an acknowledgement: it quotes only the header of the request, and attributes follow. */
export const NLM_F_CAPPED = 0x100
export const NLM_F_ACK_TLVS = 0x200
export const NLMSGERR_ATTR_MSG = 1

/** rtattr.rta_type: some nests are refused without this bit. */
export const NLA_F_NESTED = 0x8000
export const NLA_TYPE_MASK = 0x3fff

/** Address families. */
export const AF_UNSPEC = 0
export const AF_INET = 2
export const AF_BRIDGE = 7
export const AF_INET6 = 10

/** struct ifinfomsg */
export const IFINFOMSG_LENGTH = 16
/** struct ndmsg */
export const NDMSG_LENGTH = 12

/** IFLA_* */
export const IFLA_ADDRESS = 1
export const IFLA_IFNAME = 3
export const IFLA_MTU = 4
export const IFLA_LINK = 5
export const IFLA_MASTER = 10
export const IFLA_OPERSTATE = 16
export const IFLA_LINKINFO = 18
export const IFLA_NET_NS_FD = 28
export const IFLA_NEW_IFINDEX = 49
export const IFLA_EXT_MASK = 29
export const IFLA_NUM_TX_QUEUES = 31
export const IFLA_NUM_RX_QUEUES = 32
export const IFLA_LINK_NETNSID = 37
export const IFLA_GSO_MAX_SEGS = 40
export const IFLA_PROP_LIST = 52
export const IFLA_ALT_IFNAME = 53
export const IFLA_PERM_ADDRESS = 54
export const IFLA_INFO_KIND = 1
export const IFLA_INFO_DATA = 2
export const IFLA_INFO_SLAVE_KIND = 4
export const IFLA_INFO_SLAVE_DATA = 5
export const VETH_INFO_PEER = 1
export const RTEXT_FILTER_SKIP_STATS = 1 << 3

/** ifinfomsg.ifi_flags */
export const IFF_UP = 0x1
export const IFF_RUNNING = 0x40
/** ifinfomsg.ifi_type, from linux/if_arp.h */
export const ARPHRD_LOOPBACK = 772

/** IFA_* */
export const IFA_ADDRESS = 1
export const IFA_LOCAL = 2
export const IFA_FLAGS = 8
export const IFA_F_NODAD = 0x02
export const IFA_F_DADFAILED = 0x08
export const IFA_F_TENTATIVE = 0x40
export const IFA_F_PERMANENT = 0x80

/** RTA_* */
export const RTA_DST = 1
export const RTA_OIF = 4
export const RTA_GATEWAY = 5
export const RTA_PRIORITY = 6
export const RTA_PREFSRC = 7
export const RTA_MULTIPATH = 9
export const RTA_TABLE = 15
export const RTA_VIA = 18
export const RTA_NH_ID = 30
export const RT_TABLE_MAIN = 254

/** NDA_* and ndmsg.ndm_state */
export const NDA_DST = 1
export const NDA_LLADDR = 2
export const NUD_PERMANENT = 0x80

/** TCA_* and the parents of struct tcmsg, from linux/rtnetlink.h and pkt_sched.h */
export const TCA_KIND = 1
export const TCA_OPTIONS = 2
export const TC_H_ROOT = 0xffff_ffff
export const TC_H_CLSACT = 0xffff_fff1

/** asm-generic/errno-base.h and errno.h, the same on every processor nslab supports */
export const ENOENT = 2
export const EOPNOTSUPP = 95
