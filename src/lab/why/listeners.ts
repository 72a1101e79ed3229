// Why a port of a node is not open although packets arrive: the sockets that listen there, as ss(8) lists them.
import { type Fault, fault } from './fault.js'

export interface AskedPort {
  node: string
  protocol: 'tcp' | 'udp'
  port: number
  /** The address that was asked. */
  address: string
}

interface Listener {
  address: string
  port: number
  /** Connections that wait to be accepted, and how many may. */
  waiting: number
  backlog: number
  line: string
}

const SHOWN_MAX = 8

/** @param sockets what `ss -Hln` prints; null where it cannot be run */
export function portFault(
  asked: AskedPort,
  sockets: string | null,
  state: 'refused' | 'unreachable' | 'silent',
): Fault {
  const { node, protocol, port, address } = asked
  const name = `${protocol.toUpperCase()} port ${port}`
  const about = { about: 'port', node }
  const all = (sockets ?? '').split('\n').flatMap((line) => listenerOf(line) ?? [])
  const own = all.filter((each) => each.port === port)
  const hits = own.filter((each) => accepts(each.address, address))
  const [hit] = hits
  if (sockets === null || own.length === 0) {
    const words = `nothing listens on ${name} of ${node}${sockets === null ? '' : othersText(protocol, all)}`
    const evidence = `ss -ln${protocol === 'tcp' ? 't' : 'u'} in ${node} shows no socket on port ${port}`
    return fault({
      ...about,
      code: 'port-closed',
      evidence: sockets === null ? `the port is ${state}` : evidence,
      words,
    })
  }
  if (!hit) {
    const where = [...new Set(own.map((each) => each.address))].join(', ')
    const isLocal = own.every((each) => /^127\.|^::1$/.test(each.address))
    const evidence = own.map(({ line }) => line).join('; ')
    const words = `${node} listens on ${name} of ${where} only, not of ${address}${isLocal ? ': the loopback is for the node itself' : ''}`
    return fault({ ...about, code: isLocal ? 'listens-on-loopback' : 'listens-elsewhere', evidence, words })
  }
  const evidence = hit.line
  if (protocol === 'tcp' && hit.waiting > hit.backlog) {
    const words = `the service on ${name} of ${node} does not accept connections: ${hit.waiting} wait, as many as may`
    return fault({ ...about, code: 'backlog-full', evidence, words })
  }
  const words = `the service on ${name} of ${node} has sent no answer: a socket is there, and nothing on the way is known to drop packets`
  return fault({ ...about, code: 'port-silent', evidence, words })
}

function othersText(protocol: string, all: readonly Listener[]): string {
  const ports = [...new Set(all.filter(({ address }) => !/^127\.|^::1$/.test(address)).map(({ port }) => port))]
  if (ports.length === 0) return `, nor on any other ${protocol.toUpperCase()} port`
  const shown = ports.sort((a, b) => a - b).slice(0, SHOWN_MAX)
  return ` (it listens on ${shown.join(', ')}${ports.length > shown.length ? ', …' : ''})`
}

/** `LISTEN 0 128 127.0.0.1%lo:80 0.0.0.0:*`: the fourth word is the socket's own address. */
function listenerOf(line: string): Listener | null {
  const [, waiting, backlog, local] = line.trim().split(/\s+/)
  const [, address, port] = /^(.*):(\d+)$/.exec(local ?? '') ?? []
  if (address === undefined) return null
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  return {
    address: plain,
    port: Number(port),
    waiting: Number(waiting),
    backlog: Number(backlog),
    line: line.trim().replace(/\s+/g, ' '),
  }
}

/** `*` is of both families; `::` of IPv6 alone. */
const accepts = (bound: string, address: string): boolean =>
  bound === '*' ||
  bound === address ||
  bound === `::ffff:${address}` ||
  bound === (address.includes(':') ? '::' : '0.0.0.0')
