// Makes room for new routes: the kernel refuses one beside the route that it made for an address (fib_table_insert, fib6_add_rt2node),
// and a gateway that is an address of the node itself or that is reached by another gateway (fib_check_nh, ip6_validate_gw). Pure.
import { LabError } from '../../../errors.js'
import { contains, type Prefix, parsePrefix } from '../../../topology/values/prefix.js'
import type { AddressAdd } from '../../op.js'
import { type ChangeContext, isRemoved } from '../context.js'
import { type Fact, type FactOp, type Facts, keyOf, placeKey } from '../facts/fact.js'
import { isSame } from '../facts/same.js'
import { hostOf } from '../facts/subnet.js'

/** Metric of the route that the kernel makes for an address (IP6_RT_PRIO_ADDRCONF). */
const CONNECTED_METRIC = { 4: 0, 6: 256 } as const
const HOST_LENGTH = 32

/** What a node gets that the rest must make room for. */
interface Coming {
  /** Keys of its new routes. */
  routes: Set<string>
  /** Keys of the routes of its new addresses. */
  connected: Set<string>
  /** Gateways of its new and changed routes and next hops. */
  gateways: Map<string, Gateway>
}

interface Gateway {
  prefix: Prefix
  /** Length of the longest subnet that it shares with the node; 0 when it is reached by a route. */
  reached: number
}

export function freeRoutes(context: ChangeContext): void {
  const { removing } = context
  const left = leftByNode(context)
  if (left.size === 0) return
  for (const [node, coming] of comingByNode(context, left)) {
    for (const fact of left.get(node) ?? []) {
      const why = removing.kernel.facts.has(fact.key) ? reasonFor(fact, coming, context) : null
      if (why === null) continue
      if (isRemoved(fact, context)) {
        context.notes.set(fact.key, `goes first, since ${why}`)
        removing.take(fact)
      } else if (fact.op.op === 'address.add') throw takenSubnet(fact.op, why)
    }
  }
}

/** Addresses and routes that are not wanted. */
function leftByNode({ wanted, removing }: ChangeContext): Map<string, Fact[]> {
  const byNode = new Map<string, Fact[]>()
  for (const fact of removing.kernel.facts.values()) {
    const { key, op } = fact
    if ((op.op !== 'address.add' && op.op !== 'route.add') || wanted.has(key)) continue
    const own = byNode.get(op.node)
    if (own) own.push(fact)
    else byNode.set(op.node, [fact])
  }
  return byNode
}

/** @param nodes the only ones of interest */
function comingByNode({ wanted, removing }: ChangeContext, nodes: ReadonlyMap<string, unknown>): Map<string, Coming> {
  const byNode = new Map<string, Coming>()
  const of = (node: string): Coming => {
    const found = byNode.get(node) ?? { routes: new Set(), connected: new Set(), gateways: new Map() }
    byNode.set(node, found)
    return found
  }
  for (const { key, op } of wanted.values()) {
    if (op.op !== 'route.add' && op.op !== 'nexthop.add' && op.op !== 'address.add') continue
    if (!nodes.has(op.node)) continue
    const now = removing.kernel.get(key)
    if (now && (op.op === 'address.add' || isSame(now, op))) continue
    if (op.op === 'address.add') {
      const own = connectedKey(
        op,
        tableOf(op, (other) => wanted.get(other)?.op),
      )
      if (own !== null) of(op.node).connected.add(own)
      continue
    }
    if (!now && op.op === 'route.add') of(op.node).routes.add(key)
    for (const gateway of gatewaysOf(op)) {
      const prefix = parsePrefix(gateway)
      if (prefix) of(op.node).gateways.set(gateway, { prefix, reached: 0 })
    }
  }
  setReached(wanted, byNode)
  return byNode
}

function setReached(wanted: Facts, byNode: ReadonlyMap<string, Coming>): void {
  for (const { op } of wanted.values()) {
    const gateways = op.op === 'address.add' ? byNode.get(op.node)?.gateways : undefined
    if (op.op !== 'address.add' || !gateways || gateways.size === 0) continue
    const subnet = parsePrefix(op.address)
    for (const gateway of gateways.values()) {
      if (subnet && isIn(subnet, gateway)) gateway.reached = Math.max(gateway.reached, subnet.length)
    }
  }
}

const isIn = (prefix: Prefix, { prefix: { family, address } }: Gateway): boolean => contains(prefix, family, address)

function gatewaysOf(op: Extract<FactOp, { op: 'route.add' | 'nexthop.add' }>): string[] {
  const hops = op.op === 'route.add' ? op.nextHops : 'hop' in op.nexthop ? [op.nexthop.hop] : []
  return hops.flatMap(({ gateway }) => gateway ?? [])
}

/** As a clause; null when it can stay until the new routes are there. */
function reasonFor({ key, op }: Fact, { routes, connected, gateways }: Coming, context: ChangeContext): string | null {
  if (op.op === 'address.add') {
    if (gateways.has(hostOf(op.address))) return 'it is the gateway of a new route'
    const own = connectedKey(
      op,
      tableOf(op, (other) => context.removing.kernel.get(other)),
    )
    return own !== null && routes.has(own) ? 'a new route has its subnet' : null
  }
  if (op.op !== 'route.add') return null
  if (connected.has(key)) return 'a new address has its subnet'
  const prefix = parsePrefix(op.destination)
  if (!prefix || prefix.length === 0) return null
  const hides = [...gateways.values()].some((each) => prefix.length >= each.reached && isIn(prefix, each))
  return hides ? 'it has the gateway of a new route' : null
}

/** The key of the route that the kernel makes for an address; null when it makes none. */
function connectedKey({ node, family, address }: AddressAdd, table: number | undefined): string | null {
  const prefix = parsePrefix(address)
  if (!prefix || (family === 4 && prefix.length === HOST_LENGTH)) return null
  return keyOf({
    ...{ op: 'route.add', node, family, destination: prefix.networkText, nextHops: [], source: null },
    ...{ metric: CONNECTED_METRIC[family], ...(table === undefined ? {} : { table }) },
  })
}

/** Addresses of members of a VRF have their routes in its table. */
function tableOf({ node, index }: AddressAdd, get: (key: string) => FactOp | undefined): number | undefined {
  const member = get(`master ${placeKey({ node, index })}`)
  const own = member?.op === 'link.enslave' ? member.master.index : index
  const master = get(`device ${placeKey({ node, index: own })}`)
  return master?.op === 'link.add' && master.settings.kind === 'vrf' ? master.settings.table : undefined
}

const takenSubnet = ({ node, interface: name, address }: AddressAdd, why: string): LabError =>
  new LabError(
    'USAGE',
    `${node} has the address ${address} on ${name}, which no topology of this lab gave it, and ${why}`,
    {
      hint: `delete it (\`nslab exec ${node} -- ip address delete ${address} dev ${name}\`), or remove all that is not in the file with --prune`,
    },
  )
