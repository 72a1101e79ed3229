// Which id one network namespace of a lab has for another.
import { getNetnsId, parseNetnsId } from '../../kernel/netlink/rtnl/netns-id.js'
import type { LabNetworks, OpenNetwork } from './networks.js'

interface OpenableNetwork {
  node: string
  /** Opens it while `use` runs; null when it cannot be trusted. */
  open: <T>(use: (network: OpenNetwork) => T) => T | null
}

/** Asks the kernel; null for a namespace that is not known in the other. @throws KernelError */
export function netnsIdBetween(networks: LabNetworks, from: OpenableNetwork, to: OpenableNetwork): number | null {
  const id = to.open((there) =>
    from.open((here) => {
      const [found] = networks.visit(here, from.node, (socket) =>
        socket.getAll([getNetnsId(to.node, there.fd)], parseNetnsId),
      )
      return found
    }),
  )
  return id === undefined || id === null || id < 0 ? null : id
}
