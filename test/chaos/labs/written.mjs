// Random labs whose addresses and routes are all written, good ones and bad ones: packets are carried hop by hop, by the routes
// of the text alone, there and back.
import { hearing, Sets } from './wires.mjs'

const several = (letter, count) => Array.from({ length: count }, (_, at) => `${letter}${at}`)
const HOPS_MAX = 60

/** @typedef {{ node: string, interface: string, subnet: string, domain: string, number: number, host: number }} End */

/**
 * @param {ReturnType<typeof import('../random.mjs').randomFrom>} random
 * @returns {import('./auto.mjs').Lab}
 */
export function writtenLab(random) {
  const routers = several('r', random.integer(1, 5))
  const switches = several('s', random.integer(0, 3))
  const hosts = several('h', random.integer(2, 6))
  const down = new Set(switches.filter(() => random.fraction() < 0.15))
  const { links, ports } = wired({ routers, switches, hosts }, random)
  const ends = addressed(ports, switches, down)
  const families = random.pick([[4, 6], [4, 6], [4], [6]])
  const routes = new Map(
    [...routers, ...hosts].map((name) => [
      name,
      families.flatMap((family) => routesOf(name, family, ends, routers, random)),
    ]),
  )
  const node = (name) => ({
    addresses: Object.fromEntries(
      ends
        .filter((end) => end.node === name)
        .map((end) => [end.interface, families.map((family) => addressOf(end, family) + lengthOf(family))]),
    ),
    routes: routes.get(name).map(({ to, via, family }) => ({
      to: to === null ? (family === 4 ? '0.0.0.0/0' : '::/0') : prefixOf(to, family),
      via,
    })),
    loopback: false,
  })
  const text = JSON.stringify({
    routing: 'none',
    families,
    neighbours: random.pick(['dynamic', 'static']),
    nodes: Object.fromEntries([
      ...routers.map((name) => [name, { kind: 'router', ...node(name) }]),
      ...switches.map((name) => [
        name,
        { kind: 'switch', ...(down.has(name) ? { interfaces: { br0: { kind: 'bridge', up: false } } } : {}) },
      ]),
      ...hosts.map((name) => [name, node(name)]),
    ]),
    links,
  })
  return { text, families, hosts, routers, expected: expectations({ ends, routes, routers }) }
}

/** No node has two interfaces on one network, so that each prefix is on one of its interfaces. */
function wired({ routers, switches, hosts }, random) {
  const networks = new Sets()
  const [links, ports, counts] = [[], [], new Map()]
  const isSwitch = (name) => switches.includes(name)
  const nets = (name) =>
    ports.filter(({ node }) => node === name).map(({ link }) => networks.find(isSwitch(name) ? name : `link ${link}`))
  const add = (a, b) => {
    if (a === b || links.some(([c, d]) => (a === c && b === d) || (a === d && b === c))) return
    const [first, second] = [isSwitch(a) ? a : null, isSwitch(b) ? b : null]
    // On a network that one is on already, another interface would be a second one there.
    if (first && !second && nets(b).includes(networks.find(a))) return
    if (second && !first && nets(a).includes(networks.find(b))) return
    if (first && second && (networks.find(a) === networks.find(b) || common(a, b))) return
    const link = links.length
    for (const end of [first, second]) if (end) networks.join(`link ${link}`, end)
    links.push([a, b])
    for (const node of [a, b]) {
      const number = counts.get(node) ?? 0
      counts.set(node, number + 1)
      ports.push({ node, interface: `eth${number}`, link, joins: isSwitch(node) })
    }
  }
  /** Whether somebody is on the networks of both switches. */
  const common = (a, b) =>
    [...routers, ...hosts].some(
      (name) => nets(name).includes(networks.find(a)) && nets(name).includes(networks.find(b)),
    )
  switches.forEach((name, at) => {
    if (at > 0 && random.fraction() < 0.4) add(name, switches[random.integer(0, at - 1)])
  })
  routers.forEach((name, at) => {
    if (at > 0) add(name, random.pick([...routers.slice(0, at), ...switches]))
    if (at > 0 && random.fraction() < 0.5) add(name, random.pick([...routers.slice(0, at), ...switches]))
  })
  for (const name of hosts)
    for (let left = random.integer(1, 2); left > 0; left--) add(name, random.pick([...routers, ...switches]))
  return { links, ports }
}

/** @returns {End[]} each with the number of its network, and its own in that */
function addressed(ports, switches, down) {
  const subnetOf = hearing(ports, () => true)
  const heardBy = hearing(ports, (node) => !down.has(node))
  const numbers = new Map()
  const counts = new Map()
  return ports
    .filter(({ node }) => !switches.includes(node))
    .map((port) => {
      const subnet = subnetOf(port)
      if (!numbers.has(subnet)) numbers.set(subnet, numbers.size + 1)
      counts.set(subnet, (counts.get(subnet) ?? 0) + 1)
      return { ...port, subnet, domain: heardBy(port), number: numbers.get(subnet), host: counts.get(subnet) }
    })
}

const addressOf = ({ number, host }, family) =>
  family === 4 ? `10.77.${number}.${host}` : `fd77:0:0:${number.toString(16)}::${host.toString(16)}`
const prefixOf = (number, family) => (family === 4 ? `10.77.${number}.0/24` : `fd77:0:0:${number.toString(16)}::/64`)
const lengthOf = (family) => (family === 4 ? '/24' : '/64')

/** Default routes of hosts, routes of routers to networks that are elsewhere: most of them, some of them wrong. */
function routesOf(name, family, ends, routers, random) {
  const own = ends.filter(({ node }) => node === name)
  const near = ends.filter(({ node, subnet }) => node !== name && own.some((end) => end.subnet === subnet))
  const gateways = near.filter(({ node }) => routers.includes(node))
  const choices = gateways.length > 0 && random.fraction() < 0.9 ? gateways : near
  const route = (to) => {
    const gateway = random.pick(choices)
    return { family, to, via: addressOf(gateway, family), gateway }
  }
  if (choices.length === 0) return []
  const elsewhere = [...new Set(ends.map(({ number }) => number))].filter(
    (number) => !own.some((end) => end.number === number),
  )
  if (!routers.includes(name)) return random.fraction() < 0.9 ? [route(null)] : []
  const known = elsewhere.filter(() => random.fraction() < 0.8).map(route)
  return random.fraction() < 0.3 ? [...known, route(null)] : known
}

function expectations({ ends, routes, routers }) {
  const of = (node) => ends.filter((end) => end.node === node)

  /** By which end a node sends, and to whose; null where it cannot. */
  const nextHop = (node, target, family) => {
    const connected = of(node).find(({ number }) => number === target.number)
    const found = routes.get(node).filter((each) => each.family === family)
    const route = connected
      ? null
      : (found.find(({ to }) => to === target.number) ?? found.find(({ to }) => to === null))
    if (!connected && !route) return null
    const receiver = connected ? target : route.gateway
    const sender = connected ?? of(node).find(({ number }) => number === receiver.number)
    return sender.domain === receiver.domain ? { sender, receiver } : null
  }

  /** Whether a packet for an end comes to its node. */
  const arrives = (from, target, family) => {
    let node = from
    for (let hops = 0; hops < HOPS_MAX && node !== target.node; hops++) {
      if (hops > 0 && !routers.includes(node)) return false
      const hop = nextHop(node, target, family)
      if (hop === null) return false
      node = hop.receiver.node
    }
    return node === target.node
  }

  return (from, to, family) => {
    const [target] = of(to)
    if (!arrives(from, target, family)) return false
    // Weak host model: the answer goes to the address of the interface that the request left by.
    const sent = nextHop(from, target, family)
    return arrives(to, sent.sender, family)
  }
}
