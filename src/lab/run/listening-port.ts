// Whether a node listens on a port, as its kernel says it: no packet is sent, so no server sees a connection.
import { readIfThere } from '../../kernel/small-file.js'

/** State of a socket in /proc/net/tcp and /proc/net/udp (include/net/tcp_states.h): one that listens, and one without a peer. */
const STATES = { tcp: '0A', udp: '07' } as const

/**
 * Whether a socket of either family is bound to the port in the network namespace of a process: of TCP one that listens, of UDP one
 * that takes packets from every peer (proc(5), /proc/net/tcp).
 *
 * @param pid of the process
 */
export const isListening = (pid: number, protocol: 'tcp' | 'udp', port: number): boolean =>
  [protocol, `${protocol}6`].some((name) => {
    const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
    const lines = (readIfThere(`/proc/${pid}/net/${name}`) ?? '').split('\n').slice(1)
    return lines.some((line) => {
      const [, local, , state] = line.trim().split(/\s+/)
      return state === STATES[protocol] && local?.endsWith(suffix)
    })
  })
