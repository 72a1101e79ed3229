// nftables, as far as nslab needs it: whether the kernel has it.
import type { Request } from './rtnl/request.js'

/** linux/netfilter/nfnetlink.h, nf_tables.h */
const NFNL_SUBSYS_NFTABLES = 10
const NFT_MSG_GETGEN = 16
/** struct nfgenmsg */
const NFGENMSG_LENGTH = 4

/** Asks for the generation of the ruleset: refused with EINVAL by a kernel without nftables. For NETLINK_NETFILTER. */
export const askNftables = (): Request => ({
  operation: 'ask nftables',
  target: 'ruleset',
  type: (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETGEN,
  flags: 0,
  encode: (writer) => {
    writer.header(NFGENMSG_LENGTH)
  },
})
