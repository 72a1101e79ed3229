// Keeps what the kernel forgets of a node when an interface goes down, and makes it again.
import { constants } from 'node:os'
import { KernelError } from '../../errors.js'
import { listNeighbours } from '../../kernel/netlink/rtnl/neighbour.js'
import { listNexthops } from '../../kernel/netlink/rtnl/nexthop.js'
import { entriesOf, remakeNeighbour, remakeNexthop, remakeRoute } from '../../kernel/netlink/rtnl/remake.js'
import type { Request } from '../../kernel/netlink/rtnl/request.js'
import { listRoutes } from '../../kernel/netlink/rtnl/route.js'
import type { NetlinkSocket } from '../../kernel/netlink/socket.js'
import type { ForgottenEntries } from '../record/state.js'

/** The entries of an interface's node that the kernel would forget. @throws KernelError */
export async function readForgettable(socket: NetlinkSocket, index: number): Promise<ForgottenEntries> {
  const { nexthops, routes, neighbours } = entriesOf(index, {
    nexthops: await socket.dump(listNexthops()).catch(withoutNexthops),
    routes: await socket.dump(listRoutes()),
    neighbours: await socket.dump(listNeighbours()),
  })
  return { nexthops: nexthops.map(textOf), routes: routes.map(textOf), neighbours: neighbours.map(textOf) }
}

/** A kernel before Linux 5.3 has no next-hop objects. */
function withoutNexthops(error: unknown): Buffer[] {
  if (error instanceof KernelError && error.errno === constants.errno.EOPNOTSUPP) return []
  throw error
}

/**
 * Makes entries again; one that is there is as good as one that was made again.
 *
 * @param target the interface, for errors
 * @returns the entries that the kernel refuses, as it does next hops while the interface does not run
 */
export async function remake(
  socket: NetlinkSocket,
  target: string,
  { nexthops, routes, neighbours }: ForgottenEntries,
): Promise<ForgottenEntries> {
  return {
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
  for (const text of texts) {
    try {
      await socket.send([requestFor(Buffer.from(text, 'base64'))])
    } catch (error) {
      if (!(error instanceof KernelError)) throw error
      if (error.errno !== constants.errno.EEXIST) refused.push(text)
    }
  }
  return refused
}

const textOf = (payload: Buffer): string => payload.toString('base64')
