// Reads all that one network namespace has, in the words of a plan. The thread must be in it.
import { KernelError } from '../../errors.js'
import type { ReadingSocket } from '../../kernel/netlink/reading-socket.js'
import { listAddresses } from '../../kernel/netlink/rtnl/address.js'
import { listBridgeVlans } from '../../kernel/netlink/rtnl/bridge-vlan.js'
import { EOPNOTSUPP } from '../../kernel/netlink/rtnl/constants.js'
import { listForwarding } from '../../kernel/netlink/rtnl/forwarding.js'
import { listLinks } from '../../kernel/netlink/rtnl/link.js'
import { listNexthops } from '../../kernel/netlink/rtnl/nexthop.js'
import type { Request } from '../../kernel/netlink/rtnl/request.js'
import { listRoutes } from '../../kernel/netlink/rtnl/route.js'
import { listRules } from '../../kernel/netlink/rtnl/rule.js'
import type { WireguardSettings } from '../../model/interfaces/wireguard.js'
import type { ObservedEntry } from '../../plan/change/observed.js'
import { addressEntry, nexthopEntry, routeEntry, ruleEntry } from './addressing.js'
import { filtersVlans, floodEntry, portEntry, vlanEntries } from './bridging.js'
import { ConnectedRoutes } from './connected.js'
import { type Disciplines, readDisciplines } from './disciplines.js'
import { type ReadLink, readLink } from './interfaces.js'
import { LinkTable } from './links.js'
import { type NeighbourRef, readNeighbours } from './neighbours.js'
import type { LabNetworks } from './networks.js'
import { readWireguards, wireguardSettings } from './wireguard.js'

export interface ReadNetwork {
  /** The node in whose name the entries are. */
  node: string
  links: ReadLink[]
  entries: ObservedEntry[]
  /** By ifindex. */
  disciplines: Disciplines
  /** By name of the interface. */
  wireguards: ReadonlyMap<string, WireguardSettings>
}

/** The links alone. @throws KernelError */
export const readLinks = (socket: ReadingSocket): ReadLink[] => socket.dump(listLinks(), readLink)

/** @param neighbours as for `readNeighbours` @throws KernelError */
export function readNetwork(
  node: string,
  socket: ReadingSocket,
  networks: LabNetworks,
  neighbours: readonly NeighbourRef[] | null,
): ReadNetwork {
  const read = socket.dump(listLinks(), (payload) => {
    const link = readLink(payload)
    return { link, port: portEntry(payload, node, link) }
  })
  const links = read.map(({ link }) => link)
  const table = new LinkTable(node, links)
  const connected = new ConnectedRoutes(table)
  const has = (kind: string): boolean => links.some((link) => link.kind === kind)
  const entries: ObservedEntry[] = [
    ...read.flatMap(({ port }) => port ?? []),
    ...(links.some(filtersVlans) ? socket.dump(listBridgeVlans(), (bytes) => vlanEntries(bytes, table)).flat() : []),
    ...(has('vxlan') ? socket.dump(listForwarding(), (payload) => floodEntry(payload, table)) : []),
    ...socket.dump(listAddresses(), (payload) => {
      const entry = addressEntry(payload, table)
      if (entry) connected.expect(payload, entry)
      return entry
    }),
    ...readNeighbours(socket, table, neighbours),
    ...dumpIfKnown(socket, listNexthops(), (payload) => nexthopEntry(payload, table)),
    ...socket.dump(listRoutes(), (payload) => {
      connected.see(payload)
      return routeEntry(payload, table)
    }),
    ...dumpIfKnown(socket, listRules(), (payload) => ruleEntry(payload, table)),
  ]
  connected.mark()
  return {
    ...{ node, links, entries },
    disciplines: readDisciplines(socket),
    wireguards: has('wireguard') ? wireguardsOf(networks, node, links) : new Map(),
  }
}

const wireguardsOf = (networks: LabNetworks, node: string, links: readonly ReadLink[]) => {
  const names = links.flatMap(({ name, kind }) => (kind === 'wireguard' ? [name] : []))
  return new Map([...readWireguards(networks, node, names)].map(([name, info]) => [name, wireguardSettings(info)]))
}

/** Nothing from a kernel that was built without such objects. @throws KernelError */
export function dumpIfKnown<T>(
  socket: ReadingSocket,
  request: Request,
  parse: (payload: Buffer) => T | undefined,
): T[] {
  try {
    return socket.dump(request, parse)
  } catch (error) {
    if (error instanceof KernelError && error.errno === EOPNOTSUPP) return []
    throw error
  }
}
