// Random topologies: small, of every part that a lab is made of, and valid. As data, which is YAML as JSON.

/** @typedef {ReturnType<import('./random.mjs').randomFrom>} Random */

/** What the host with a number may have beside its links. Each gives keys of a node, and is valid with each of the others. */
const CONTENTS = {
  file: () => ({ files: { '/etc/chaos.conf': 'a = 1\n' } }),
  'file of an owner': () => ({ files: { '/etc/chaos.d/own': { content: 'b', mode: '0600', owner: 'root' } } }),
  tmpfs: () => ({ mounts: [{ target: '/srv/chaos', size: '1m' }] }),
  'directory of the machine': () => ({ mounts: [{ source: '/usr/share', target: '/mnt/share', readonly: true }] }),
  command: () => ({ exec: [['true']] }),
  'program in the background': () => ({ exec: ['sleep 1000 &'] }),
  sysctl: () => ({ sysctls: { 'net.ipv4.ip_default_ttl': 32 } }),
  names: () => ({ hosts: { 'db.example.test': '192.0.2.7' }, dns: ['192.0.2.53'] }),
  environment: () => ({ env: { SITE: 'fra' }, labels: { rack: 12 } }),
  clocks: () => ({ time: { boottime: '+1d', monotonic: '2h' } }),
  addresses: (host) => ({ loopback: [`198.51.100.${host}/32`] }),
  'host name of its own': () => ({ hostname: 'www', domainname: 'example.test' }),
}

/** Choices of namespaces that docs/namespace-choice.md allows. */
const NAMESPACES = [
  { cgroup: 'host' },
  { ipc: 'host' },
  { uts: 'shared' },
  { ipc: 'shared', cgroup: 'shared' },
  { user: 'shared' },
  { user: 'shared', pid: 'shared' },
  { time: 'own' },
]

/** Interfaces on top of a link, by the kind that the kernel must have. Each has a subnet of its own. */
const INTERFACES = {
  macvlan: (host) => ({ kind: 'macvlan', parent: 'eth0', addresses: [`198.18.${host}.1/28`] }),
  vxlan: (host) => ({ kind: 'vxlan', id: host, dev: 'eth0', remote: '239.0.0.1', addresses: [`198.18.${host}.17/28`] }),
  bridge: (host) => ({ kind: 'bridge', members: [], up: false, addresses: [`198.18.${host}.33/28`] }),
  dummy: (host) => ({ kind: 'dummy', addresses: [`198.18.${host}.49/28`] }),
  vlan: (host) => ({ kind: 'vlan', parent: 'eth0', id: 10, addresses: [`198.18.${host}.65/28`] }),
}

/** Links whose frames are delayed or queued, by the kernel or by the lab's wire. */
const IMPAIRMENTS = [
  { emulation: 'wire' },
  { delay: '1ms' },
  { rate: '100mbit' },
  { delay: '2ms', jitter: '500us', rate: '50mbit', queue: 20 },
]

/**
 * @param {Random} random
 * @param {{ name: string, kinds: ReadonlySet<string> }} options `kinds` of interfaces that this kernel has
 */
export function randomTopology(random, { name, kinds }) {
  const hosts = Array.from({ length: random.integer(2, 3) }, (_, at) => `h${at + 1}`)
  const inner = Array.from({ length: random.integer(0, 2) }, (_, at) => `r${at + 1}`)
  const hasSwitch = random.fraction() < 0.4
  const nodes = {
    ...Object.fromEntries(hosts.map((host, at) => [host, randomHost(random, kinds, at + 1)])),
    ...Object.fromEntries(inner.map((router) => [router, { kind: 'router' }])),
    ...(hasSwitch ? { lan: { kind: 'switch' } } : {}),
  }
  const links = wires(random, hosts, [...inner, ...(hasSwitch ? ['lan'] : [])]).map((endpoints) =>
    random.fraction() < 0.2 ? { endpoints, ...random.pick(IMPAIRMENTS) } : endpoints,
  )
  return {
    name,
    ...(random.fraction() < 0.3 ? { neighbours: 'static' } : {}),
    ...(random.fraction() < 0.2 ? { families: [4] } : {}),
    nodes: random.fraction() < 0.15 ? { ...nodes, ...pod() } : nodes,
    links,
  }
}

/** Everything hangs on a chain of routers and switches; without one, hosts are wired to the first. */
function wires(random, hosts, inner) {
  const chain = inner.slice(1).map((node, at) => [inner[at], node])
  if (inner.length > 0) return [...chain, ...hosts.map((host) => [host, random.pick(inner)])]
  return hosts.slice(1).map((host) => [hosts[0], host])
}

function randomHost(random, kinds, number) {
  const contents = Object.values(CONTENTS).filter(() => random.fraction() < 0.15)
  const chosen = Object.keys(INTERFACES).filter((kind) => kinds.has(kind) && random.fraction() < 0.1)
  const interfaces = Object.fromEntries(chosen.map((kind) => [`${kind}0`, INTERFACES[kind](number)]))
  return Object.assign(
    {},
    ...contents.map((make) => make(number)),
    random.fraction() < 0.25 ? { namespaces: random.pick(NAMESPACES) } : {},
    chosen.length === 0 ? {} : { interfaces },
  )
}

/** Two nodes in one network, as the containers of a pod are. */
const pod = () => ({
  'pod-a': { namespaces: { user: 'shared', net: 'shared', ipc: 'shared' } },
  'pod-b': { namespaces: { user: 'shared', net: 'shared', ipc: 'shared' } },
})
