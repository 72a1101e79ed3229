// The one nftables request that nslab makes, to find out whether the kernel has nftables.
import type { Request } from './rtnl/request.js'

/** linux/netfilter/nfnetlink.h, linux/netfilter/nf_tables.h */
const NFNL_SUBSYS_NFTABLES = 10
const NFT_MSG_GETGEN = 16
/** struct nfgenmsg */
const NFGENMSG_LENGTH = 4

/** Asks for the generation of the ruleset (protocol NETLINK_NETFILTER). A kernel without nftables refuses with EINVAL. */
export const askNftables = (): Request => ({
  operation: 'ask nftables',
  target: 'ruleset',
  type: (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETGEN,
  flags: 0,
  encode: (writer) => {
    writer.header(NFGENMSG_LENGTH)
  },
})
