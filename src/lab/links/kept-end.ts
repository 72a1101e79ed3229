// Reads all that an end of a link has, so that it can be made again.
import { readdirSync, readFileSync } from 'node:fs'
import { IFADDRMSG_LENGTH, listAddresses } from '../../kernel/netlink/rtnl/address.js'
import { listBridgeVlans } from '../../kernel/netlink/rtnl/bridge-vlan.js'
import { AF_INET6, IFA_LOCAL } from '../../kernel/netlink/rtnl/constants.js'
import { listForwarding } from '../../kernel/netlink/rtnl/forwarding.js'
import { getLink, parseLink } from '../../kernel/netlink/rtnl/link.js'
import { listNeighbours } from '../../kernel/netlink/rtnl/neighbour.js'
import { Attributes } from '../../kernel/netlink/rtnl/reader.js'
import { isKnownNeighbour, routesOf } from '../../kernel/netlink/rtnl/remake.js'
import { isKeptAddress } from '../../kernel/netlink/rtnl/replay.js'
import { listRoutes } from '../../kernel/netlink/rtnl/route.js'
import { isAddedForwarding, listProxies } from '../../kernel/netlink/rtnl/same-link.js'
import type { KeptEnd } from '../record/state.js'
import { endText, type LinkEnd } from './endpoint.js'
import type { LabNetwork } from './lab-network.js'

/** @throws KernelError */
export async function readEnd(network: LabNetwork, end: LinkEnd): Promise<KeptEnd> {
  const { index } = end
  const socket = network.of(end.node)
  const link = await socket.get(getLink({ target: endText(end), index }))
  const isOwn = (payload: Buffer) => payload.readInt32LE(4) === index
  const addresses = inOrder((await socket.dump(listAddresses())).filter((payload) => isKeptAddress(payload, index)))
  const locals = addresses.flatMap((payload) => new Attributes(payload, IFADDRMSG_LENGTH).get(IFA_LOCAL) ?? [])
  const routes = routesOf(index, locals, await socket.dump(listRoutes()))
  const neighbours = (await socket.dump(listNeighbours())).filter(
    (payload) => isOwn(payload) && isKnownNeighbour(payload),
  )
  const proxies = (await socket.dump(listProxies())).filter(isOwn)
  const vlans = (await socket.dump(listBridgeVlans())).filter(isOwn)
  const forwarding = (await socket.dump(listForwarding())).filter((payload) => isAddedForwarding(payload, index))
  const { name } = parseLink(link)
  return {
    link: textOf(link),
    addresses: addresses.map(textOf),
    routes: routes.map(textOf),
    neighbours: [...neighbours, ...proxies].map(textOf),
    vlans: vlans.map(textOf),
    forwarding: forwarding.map(textOf),
    sysctls: network.visit(end.node, () => readSysctls(name)),
  }
}

/** In which they are to be added: the kernel lists the newest IPv6 address first, and the oldest IPv4 address. */
const inOrder = (addresses: readonly Buffer[]): Buffer[] => [
  ...addresses.filter((payload) => payload[0] !== AF_INET6),
  ...addresses.filter((payload) => payload[0] === AF_INET6).toReversed(),
]

const textOf = (payload: Buffer): string => payload.toString('base64')

const SYSCTLS = ['ipv4/conf', 'ipv4/neigh', 'ipv6/conf', 'ipv6/neigh', 'mpls/conf']

/** The sysctls of an interface of the calling thread's network namespace, by `FAMILY/conf/KEY`. */
export function readSysctls(name: string): Record<string, string> {
  const found = SYSCTLS.flatMap((place) => {
    const directory = `/proc/sys/net/${place}/${name}`
    return keysIn(directory).flatMap((key): [string, string][] => {
      const value = readValue(`${directory}/${key}`)
      return value === null ? [] : [[`${place}/${key}`, value]]
    })
  })
  return Object.fromEntries(found)
}

/** The file of one of them. */
export function sysctlFile(key: string, name: string): string {
  const [family, table, ...rest] = key.split('/')
  return `/proc/sys/net/${family}/${table}/${name}/${rest.join('/')}`
}

/** None where the kernel does not have the family, or the interface is not of it. */
function keysIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** null for one that has no value, such as stable_secret (EIO), or that may not be read. */
function readValue(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trimEnd()
  } catch {
    return null
  }
}
