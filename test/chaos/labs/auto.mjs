// Random labs whose routes nslab computes, and who reaches whom there: whoever is connected over routers and switches that are up.
import { hearing, Sets } from './wires.mjs'

/** @typedef {ReturnType<typeof import('../random.mjs').randomFrom>} Random */

/**
 * A lab as its text, and what is expected of it: `true`, `false`, or null where the text alone does not say.
 *
 * @typedef {object} Lab
 * @property {string} text
 * @property {readonly (4 | 6)[]} families
 * @property {readonly string[]} hosts
 * @property {readonly string[]} routers
 * @property {(from: string, to: string, family: 4 | 6) => boolean | null} expected
 */

const several = (letter, count) => Array.from({ length: count }, (_, at) => `${letter}${at}`)

/** @param {Random} random @returns {Lab} */
export function autoLab(random) {
  const routers = several('r', random.integer(0, 6))
  const switches = several('s', random.integer(routers.length === 0 ? 1 : 0, 3))
  const hosts = several('h', random.integer(2, 7))
  /** Nodes that bridge all of their links, and those whose bridge is down. */
  const bridging = new Set([...routers, ...hosts].filter(() => random.fraction() < 0.12))
  const down = new Set([...switches, ...bridging].filter(() => random.fraction() < 0.2))
  const links = linksBetween({ routers, switches, hosts, bridging }, random)
  const ports = portsOf(links, new Set([...switches, ...bridging]))
  const lan = lanOf(hosts, ports, bridging, random)
  const families = random.pick([[4, 6], [4, 6], [4], [6]])
  const linked = hosts.filter((name) => [...ports, ...lan.ports].some(({ node }) => node === name))
  const graph = { routers, hosts: linked, switches, bridging, down, ports: [...ports, ...lan.ports] }
  const text = JSON.stringify({
    families,
    neighbours: random.pick(['dynamic', 'static']),
    compress: random.pick(['auto', 'always', 'never']),
    nodes: Object.fromEntries([
      ...routers.map((name) => [name, { kind: 'router', ...bridgeOf(name, graph) }]),
      ...switches.map((name) => [
        name,
        { kind: 'switch', ...(down.has(name) ? { interfaces: { br0: { kind: 'bridge', up: false } } } : {}) },
      ]),
      ...linked.map((name) => [name, bridgeOf(name, graph)]),
    ]),
    links: [...links.map(({ ends, cost }) => (cost === 1 ? ends : { endpoints: ends, cost })), ...lan.links],
  })
  return { text, families, hosts: linked, routers, expected: expectations(graph) }
}

const bridgeOf = (name, { bridging, down, ports }) => {
  const members = ports.filter(({ node }) => node === name).map((port) => port.interface)
  if (!bridging.has(name) || members.length === 0) return {}
  return { interfaces: { br0: { kind: 'bridge', members, ...(down.has(name) ? { up: false } : {}) } } }
}

/** Bridges are wired without a loop, which would need a spanning tree; what else there is may be wired as it likes. */
function linksBetween({ routers, switches, hosts, bridging }, random) {
  const bridges = new Sets()
  const isBridge = (name) => bridging.has(name) || switches.includes(name)
  const links = []
  const add = (a, b) => {
    if (a === b || (isBridge(a) && isBridge(b) && !bridges.join(a, b))) return
    links.push({ ends: [a, b], cost: random.fraction() < 0.7 ? 1 : random.integer(2, 9) })
  }
  routers.forEach((name, at) => {
    if (at > 0 && random.fraction() < 0.85) add(name, routers[random.integer(0, at - 1)])
    if (at > 1 && random.fraction() < 0.4) add(name, routers[random.integer(0, at - 1)])
  })
  for (const [at, name] of switches.entries())
    add(name, random.pick([...routers, ...switches.slice(0, at), ...hosts.slice(0, 1)]))
  for (const name of hosts)
    for (let left = random.fraction() < 0.25 ? 2 : 1; left > 0; left--)
      add(name, random.pick(random.fraction() < 0.1 ? hosts : [...routers, ...switches]))
  return links
}

/** Interfaces are called in the order of appearance. @returns {import('./wires.mjs').Port[]} */
function portsOf(links, bridges) {
  const counts = new Map()
  return links.flatMap(({ ends }, link) =>
    ends.map((node) => {
      const number = counts.get(node) ?? 0
      counts.set(node, number + 1)
      return { node, interface: `eth${number}`, link, joins: bridges.has(node) }
    }),
  )
}

/** A link of more than two ends, in some labs: a switch that nobody wrote. */
function lanOf(hosts, ports, bridging, random) {
  const ends = hosts.filter((name) => !bridging.has(name) && random.fraction() < 0.6)
  if (ends.length < 3 || random.fraction() < 0.5) return { links: [], ports: [] }
  const first = Math.max(-1, ...ports.map(({ link }) => link)) + 1
  const own = ends.flatMap((node, at) => [
    { node, interface: `lan${at}`, link: first + at, joins: false },
    { node: 'the LAN', interface: `eth${at}`, link: first + at, joins: true },
  ])
  return { links: [{ endpoints: ends.map((node, at) => `${node}:lan${at}`) }], ports: own }
}

/** Who reaches whom. A node is asked for by the address of its first interface, a router by its loopback. */
function expectations({ routers, bridging, down, ports }) {
  const subnetOf = hearing(ports, () => true)
  const heardBy = hearing(ports, (node) => !down.has(node))
  /** Interfaces with addresses: of a node that bridges, all ports are one. */
  const ends = ports
    .filter(({ node, joins }) => bridging.has(node) || !joins)
    .map((port) => ({
      ...port,
      subnet: subnetOf(port),
      domain: heardBy(port),
      up: !(bridging.has(port.node) && down.has(port.node)),
    }))
  const of = (node) => ends.filter((end) => end.node === node)
  const islands = new Sets()
  for (const { node, domain, up } of ends) if (up && routers.includes(node)) islands.join(domain, `router ${node}`)
  /** Subnets that are in parts: which part a packet comes to depends on paths that the text does not name. */
  const domains = new Map()
  for (const { subnet, domain, up } of ends) if (up) domains.set(subnet, (domains.get(subnet) ?? new Set()).add(domain))
  const isWhole = [...domains.values()].every((set) => set.size === 1)

  return (from, to) => {
    const here = new Set(of(from).flatMap(({ up, domain }) => (up ? [islands.find(domain)] : [])))
    const isNear = ({ up, domain }) => up && here.has(islands.find(domain))
    if (!of(to).some(isNear)) return false
    if (!isWhole) return null
    return routers.includes(to) || isNear(of(to)[0]) ? true : null
  }
}
