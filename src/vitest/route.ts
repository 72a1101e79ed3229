// The matcher toHaveRoute. When it fails, it says which routes the node has.
import type { MatcherState } from 'vitest'
import { LabError } from '../errors.js'
import type { LabNode } from '../lab/lab-node.js'
import type { LabView, RouteView } from '../model/lab-view.js'
import { requireNode, wordFor } from './received.js'
import { addressOf, listText, prefixOf, viewOf } from './views.js'
import { askWithin, type Within } from './within.js'

export interface RouteOptions {
  /** Next hop: a node, its name, or an address. One of several is enough. */
  via?: LabNode | string
  /** Interface that packets leave by. One of several is enough. */
  interface?: string
  /** Name or number of the routing table; `main` by default. */
  table?: string
  /** Tries again until the node has the route, or with `.not` until it has it no more. */
  within?: Within
}

/**
 * The route itself: one that covers the destination is another route.
 *
 * @param destination `PREFIX/LENGTH`, an address, or `default` for that of either family
 * @throws LabError USAGE for a destination that is none, NODE_NOT_FOUND for a next hop that is none
 */
export async function toHaveRoute(
  this: MatcherState,
  received: unknown,
  destination: string,
  { via, interface: device, table = 'main', within }: RouteOptions = {},
) {
  const node = requireNode(received, 'toHaveRoute')
  const networks = destination === 'default' ? ['0.0.0.0/0', '::/0'] : [prefixOf(destination).networkText]
  const hop = via === undefined ? null : wordFor(via, node)
  const ask = async () => {
    const { lab, own } = await viewOf(node, ['routes'])
    const routes = own.routes.filter((route) => route.table === table)
    const gateways = hop === null ? null : addressesOf(lab, hop)
    const has = routes.some((route) => networks.includes(route.destination) && leavesBy(route, gateways, device))
    return { has, routes }
  }
  const { has, routes } = await askWithin(within, ask, (answer) => answer.has !== (this.isNot === true))
  const hopText = `${hop === null ? '' : ` via ${hop}`}${device === undefined ? '' : ` dev ${device}`}`
  const said = `${node.name} has ${has ? 'a' : 'no'} route ${destination}${hopText}`
  const list = listText(`table ${table} of ${node.name} has`, routes.map(routeText))
  return { pass: has, message: () => `${said}\n\n${list}` }
}

function leavesBy({ interfaces, gateways: own }: RouteView, gateways: string[] | null, device: string | undefined) {
  if (gateways === null && device === undefined) return true
  return interfaces.some((name, index) => {
    const gateway = own[index] ?? null
    const isGateway = gateways === null || (gateway !== null && gateways.includes(gateway))
    return isGateway && (device === undefined || name === device)
  })
}

/** The addresses of a node, or an address itself. */
function addressesOf({ nodes }: LabView, hop: string): string[] {
  const node = nodes.find(({ name }) => name === hop)
  if (node) return node.interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => addressOf(address)))
  if (/[.:]/.test(hop)) return [addressOf(hop)]
  throw new LabError('NODE_NOT_FOUND', `the lab has no node ${hop}`)
}

function routeText({ type, destination, gateways, interfaces, metric }: RouteView): string {
  const hops = interfaces.map((name, index) => {
    const gateway = gateways[index] ?? null
    return `${gateway === null ? '' : `via ${gateway} `}dev ${name}`
  })
  const words = [
    type === 'unicast' ? '' : type,
    destination,
    hops.join(', '),
    metric === null ? '' : `metric ${metric}`,
  ]
  return words.filter((word) => word !== '').join(' ')
}
