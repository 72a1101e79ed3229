// What nslab asks nftables: whether the kernel has it, and which of its chains and flow tables hang on interfaces.
import { NLM_F_DUMP } from './rtnl/constants.js'
import { Attributes, textOf } from './rtnl/reader.js'
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

const NFT_MSG_GETCHAIN = 4
const NFT_MSG_GETFLOWTABLE = 23
/** NFTA_CHAIN_TABLE, _NAME, _HOOK; NFTA_HOOK_DEV, _DEVS; NFTA_FLOWTABLE_TABLE, _NAME, _HOOK, NFTA_FLOWTABLE_HOOK_DEVS; NFTA_DEVICE_NAME */
const CHAIN = { table: 1, name: 3, hook: 4, device: 3, devices: 4 }
const FLOWTABLE = { table: 1, name: 2, hook: 3, device: 0, devices: 3 }
const DEVICE_NAME = 1

/** Everything of a namespace's ruleset that can hang on interfaces. To be dumped one after the other. */
export const listHooked = (): { request: Request; parse: (payload: Buffer) => Hooked }[] => [
  { request: dump('list chains', NFT_MSG_GETCHAIN), parse: (payload) => hookedOf('chain', CHAIN, payload) },
  {
    request: dump('list flow tables', NFT_MSG_GETFLOWTABLE),
    parse: (payload) => hookedOf('flowtable', FLOWTABLE, payload),
  },
]

/** A chain or a flow table. */
export interface Hooked {
  /** Such as `chain filter ingress`, with the names of the table and the chain. */
  name: string
  /** Names of the interfaces that it hangs on. */
  interfaces: string[]
}

const dump = (operation: string, message: number): Request => ({
  ...{ operation, target: 'ruleset', type: (NFNL_SUBSYS_NFTABLES << 8) | message, flags: NLM_F_DUMP },
  encode: (writer) => {
    writer.header(NFGENMSG_LENGTH)
  },
})

function hookedOf(what: string, types: typeof CHAIN, payload: Buffer): Hooked {
  const attributes = new Attributes(payload, NFGENMSG_LENGTH)
  const hook = new Attributes(attributes.get(types.hook) ?? Buffer.alloc(0))
  const devices = new Attributes(hook.get(types.devices) ?? Buffer.alloc(0)).all(DEVICE_NAME)
  const single = types.device === 0 ? undefined : hook.get(types.device)
  const interfaces = [...(single ? [single] : []), ...devices].map((name) => textOf(name) ?? '')
  const [table, name] = [types.table, types.name].map((type) => textOf(attributes.get(type)))
  return { name: `${what} ${table} ${name}`, interfaces }
}
