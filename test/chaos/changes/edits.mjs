// Random edits of a topology: of its nodes, links and all that a running lab can be changed in. Some are not valid.

/** @typedef {ReturnType<typeof import('../random.mjs').randomFrom>} Random */

/** Each takes a copy of the topology, and changes it. */
const EDITS = {
  'a host more': (topology, random) => {
    const name = newName('h', topology)
    topology.nodes[name] = {}
    topology.links.push([name, random.pick(Object.keys(topology.nodes).filter((each) => each !== name))])
  },
  'a router more': (topology, random) => {
    const name = newName('r', topology)
    topology.nodes[name] = { kind: 'router' }
    for (let left = random.integer(1, 2); left > 0; left--)
      topology.links.push([name, random.pick(Object.keys(topology.nodes).filter((each) => each !== name))])
  },
  'a router in front': (topology, random) => {
    const name = newName('q', topology)
    const other = random.pick(Object.keys(topology.nodes))
    topology.nodes = { [name]: { kind: 'router' }, ...topology.nodes }
    topology.links.unshift([name, other])
  },
  'a node less': (topology, random) => {
    const names = Object.keys(topology.nodes)
    if (names.length < 3) return
    const gone = random.pick(names)
    delete topology.nodes[gone]
    topology.links = topology.links.filter((link) => !endsOf(link).some((end) => end.split(':')[0] === gone))
  },
  'a link more': (topology, random) => {
    const names = Object.keys(topology.nodes)
    topology.links.splice(random.integer(0, topology.links.length), 0, [random.pick(names), random.pick(names)])
  },
  'a link less': (topology, random) => {
    topology.links.splice(random.integer(0, topology.links.length - 1), 1)
  },
  'links in another order': (topology, random) => {
    topology.links.push(...topology.links.splice(random.integer(0, topology.links.length - 1), 1))
  },
  'another MTU': (topology, random) => setOfLink(topology, random, { mtu: random.pick([1400, 1450, 9000]) }),
  'another cost': (topology, random) => setOfLink(topology, random, { cost: random.integer(1, 5) }),
  impairments: (topology, random) =>
    setOfLink(
      topology,
      random,
      random.pick([{ rate: '100mbit' }, { delay: '1ms' }, { emulation: 'wire' }, { rate: '10mbit', queue: 20 }]),
    ),
  'no impairments': (topology) => {
    topology.links = topology.links.map((link) => (Array.isArray(link) ? link : pairOf(link)))
  },
  'a name of an interface': (topology, random) => {
    const at = random.integer(0, topology.links.length - 1)
    const link = topology.links[at]
    const ends = endsOf(link)
    if (ends.length !== 2) return
    const side = random.integer(0, 1)
    const named = ends.map((end, which) =>
      which === side ? `${end.split(':')[0]}:${random.pick(['wan', 'up', 'x'])}${at}` : end,
    )
    topology.links[at] = Array.isArray(link) ? named : { ...link, endpoints: named }
  },
  families: (topology, random) => {
    topology.families = random.pick([[4, 6], [4], [6]])
  },
  neighbours: (topology, random) => {
    topology.neighbours = random.pick(['dynamic', 'static'])
  },
  compress: (topology, random) => {
    topology.compress = random.pick(['auto', 'always', 'never'])
  },
  kind: (topology, random) => {
    const node = anyHost(topology, random)
    node.kind = node.kind === 'router' ? 'host' : 'router'
  },
  'a sysctl': (topology, random) => {
    const key = random.pick([
      'net.ipv4.ip_default_ttl',
      'net.ipv4.conf.all.accept_local',
      'net.ipv4.conf.default.arp_ignore',
      'net.ipv6.conf.default.hop_limit',
    ])
    const node = anyHost(topology, random)
    node.sysctls = random.fraction() < 0.3 ? {} : { ...node.sysctls, [key]: random.pick([1, 1, 2]) }
  },
  'a file': (topology, random) => {
    const node = anyHost(topology, random)
    node.files = random.fraction() < 0.3 ? {} : { '/etc/chaos.conf': `a = ${random.integer(1, 9)}\n` }
  },
  'a host name': (topology, random) => {
    anyHost(topology, random).hostname = random.pick(['www', 'db', 'mail'])
  },
  environment: (topology, random) => {
    anyHost(topology, random).env = { SITE: random.pick(['fra', 'ber']) }
  },
  'a command': (topology, random) => {
    anyHost(topology, random).exec = [['true', String(random.integer(1, 9))]]
  },
  'names of others': (topology, random) => {
    anyHost(topology, random).hosts = { 'db.example.test': `192.0.2.${random.integer(1, 9)}` }
  },
  'a tmpfs': (topology, random) => {
    const node = anyHost(topology, random)
    node.mounts = node.mounts ? [] : [{ target: '/srv/chaos', size: '1m' }]
  },
  'a loopback address': (topology, random) => {
    anyHost(topology, random).loopback = random.pick([[`198.51.100.${random.integer(1, 99)}/32`], false])
  },
  'an interface': (topology, random) => {
    const node = anyHost(topology, random)
    const number = random.integer(1, 250)
    const made = {
      macvlan: { kind: 'macvlan', parent: 'eth0', addresses: [`198.18.${number}.1/28`] },
      vxlan: { kind: 'vxlan', id: number, dev: 'eth0', remote: '239.0.0.1', addresses: [`198.18.${number}.17/28`] },
      bridge: {
        kind: 'bridge',
        members: [],
        up: random.fraction() < 0.5,
        stp: random.fraction() < 0.5,
        addresses: [`198.18.${number}.33/28`],
      },
    }
    const kind = random.pick(Object.keys(made))
    const { [`${kind}0`]: there, ...others } = node.interfaces ?? {}
    node.interfaces = there && random.fraction() < 0.5 ? others : { ...others, [`${kind}0`]: made[kind] }
  },
  'routes, next hops and rules': (topology, random) => {
    const node = anyHost(topology, random)
    const number = random.integer(1, 250)
    if (node.rules) return void delete node.rules
    node.rules = [{ from: `198.18.${number}.0/24`, table: 100 + number, priority: 1000 + number }]
  },
}

const endsOf = (link) => (Array.isArray(link) ? link : link.endpoints)
const pairOf = ({ endpoints }) => endpoints

function newName(stem, { nodes }) {
  for (let number = 0; ; number++) if (!Object.hasOwn(nodes, `${stem}${number}`)) return `${stem}${number}`
}

function anyHost({ nodes }, random) {
  const names = Object.keys(nodes).filter((name) => nodes[name].kind !== 'switch')
  return nodes[random.pick(names)]
}

function setOfLink(topology, random, keys) {
  const at = random.integer(0, topology.links.length - 1)
  const link = topology.links[at]
  topology.links[at] = Array.isArray(link) ? { endpoints: link, ...keys } : { ...link, ...keys }
}

/** @param {object} topology @param {Random} random */
export function edited(topology, random) {
  const copy = structuredClone(topology)
  if (copy.links.length > 0) EDITS[random.pick(Object.keys(EDITS))](copy, random)
  return copy
}
