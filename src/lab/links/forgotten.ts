// Keeps what the kernel forgets of a node when an interface goes down, and makes it again.
import { constants } from 'node:os'
import { KernelError } from '../../errors.js'
import { listAddresses } from '../../kernel/netlink/rtnl/address.js'
import { listNeighbours } from '../../kernel/netlink/rtnl/neighbour.js'
import { listNexthops } from '../../kernel/netlink/rtnl/nexthop.js'
import { entriesOf, remakeNeighbour, remakeNexthop, remakeRoute } from '../../kernel/netlink/rtnl/remake.js'
import { addressKey, isForgottenAddress, isKeptAddress, replayAddress } from '../../kernel/netlink/rtnl/replay.js'
import type { Request } from '../../kernel/netlink/rtnl/request.js'
import { listRoutes } from '../../kernel/netlink/rtnl/route.js'
import { listProxies } from '../../kernel/netlink/rtnl/same-link.js'
import type { NetlinkSocket } from '../../kernel/netlink/socket.js'
import type { ForgottenAddress, ForgottenEntries } from '../record/state.js'

/** The entries of an interface's node that the kernel would forget. @throws KernelError */
export async function readForgettable(socket: NetlinkSocket, index: number): Promise<ForgottenEntries> {
  const { nexthops, routes, neighbours } = entriesOf(index, {
    nexthops: await socket.dump(listNexthops()).catch(withoutNexthops),
    routes: await socket.dump(listRoutes()),
    neighbours: await socket.dump(listNeighbours()),
  })
  const proxies = (await socket.dump(listProxies())).filter((payload) => payload.readInt32LE(4) === index)
  const addresses = (await socket.dump(listAddresses())).filter(
    (payload) => isKeptAddress(payload, index) && isForgottenAddress(payload),
  )
  const seenAt = Date.now()
  return {
    nexthops: nexthops.map(textOf),
    routes: routes.map(textOf),
    neighbours: [...neighbours, ...proxies].map(textOf),
    // The kernel lists the newest IPv6 address first.
    addresses: addresses.toReversed().map((payload) => ({ message: textOf(payload), seenAt })),
  }
}

/** The entries of two readings, each once; of an address the later reading, whose lifetime counts. */
export function joined(earlier: ForgottenEntries, later: ForgottenEntries): ForgottenEntries {
  const both = (key: 'nexthops' | 'routes' | 'neighbours') => [...new Set([...earlier[key], ...later[key]])]
  const readAgain = new Set(later.addresses?.map(keyOf))
  return {
    nexthops: both('nexthops'),
    routes: both('routes'),
    neighbours: both('neighbours'),
    addresses: [
      ...(earlier.addresses ?? []).filter((address) => !readAgain.has(keyOf(address))),
      ...(later.addresses ?? []),
    ],
  }
}

const keyOf = ({ message }: ForgottenAddress): string => addressKey(Buffer.from(message, 'base64'))

/** A kernel before Linux 5.3 has no next-hop objects. */
function withoutNexthops(error: unknown): Buffer[] {
  if (error instanceof KernelError && error.errno === constants.errno.EOPNOTSUPP) return []
  throw error
}

/**
 * Makes entries again; one that is there is as good as one that was made again.
 *
 * @param end the interface; `target` names it in errors
 * @returns the entries that the kernel refuses, as it does next hops while the interface does not run
 */
export async function remake(
  socket: NetlinkSocket,
  { target, index }: { target: string; index: number },
  { nexthops, routes, neighbours, addresses = [] }: ForgottenEntries,
): Promise<ForgottenEntries> {
  return {
    // Routes may have one as their source.
    addresses: await remakeAddresses(socket, { target, index }, addresses),
    nexthops: await remakeAll(socket, nexthops, (payload) => remakeNexthop(target, payload)),
    routes: await remakeAll(socket, routes, (payload) => remakeRoute(target, payload)),
    neighbours: await remakeAll(socket, neighbours, (payload) => remakeNeighbour(target, payload)),
  }
}

async function remakeAll(
  socket: NetlinkSocket,
  texts: readonly string[],
  requestFor: (payload: Buffer) => Request,
): Promise<string[]> {
  const refused: string[] = []
  for (const text of texts) if (!(await isMade(socket, requestFor(Buffer.from(text, 'base64'))))) refused.push(text)
  return refused
}

/** One whose lifetime has ended is not made again. */
async function remakeAddresses(
  socket: NetlinkSocket,
  end: { target: string; index: number },
  addresses: readonly ForgottenAddress[],
): Promise<ForgottenAddress[]> {
  const refused: ForgottenAddress[] = []
  for (const address of addresses) {
    const elapsedSeconds = Math.max(0, Math.ceil((Date.now() - address.seenAt) / 1000))
    const request = replayAddress({ ...end, payload: Buffer.from(address.message, 'base64') }, elapsedSeconds)
    if (request && !(await isMade(socket, request))) refused.push(address)
  }
  return refused
}

/** Whether the kernel has the entry now. */
async function isMade(socket: NetlinkSocket, request: Request): Promise<boolean> {
  try {
    await socket.send([request])
    return true
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
    return error.errno === constants.errno.EEXIST
  }
}

const textOf = (payload: Buffer): string => payload.toString('base64')
