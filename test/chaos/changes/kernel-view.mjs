// What a node has, as iproute2 and the files of the node show it, without numbers that differ from lab to lab.
import { spawnSync } from 'node:child_process'

/** Each prints one JSON document or one text. */
const PARTS = {
  links: 'ip -j -d link',
  addresses: 'ip -j address',
  routes4: 'ip -j -4 -d route show table all',
  routes6: 'ip -j -6 -d route show table all',
  rules4: 'ip -j -4 rule',
  rules6: 'ip -j -6 rule',
  nexthops: 'ip -j nexthop',
  neighbours: 'ip -j neighbour show nud permanent',
  forwarding: 'bridge -j fdb show',
  vlans: 'bridge -j vlan show',
  disciplines: 'tc -j qdisc show',
  hostname: 'hostname',
  hosts: 'cat /etc/hosts',
  files: 'cat /etc/chaos.conf /etc/resolv.conf 2>/dev/null || true',
  sysctls:
    'cd /proc/sys/net && for f in ipv4/ip_forward ipv4/ip_default_ttl ipv4/fib_multipath_hash_policy ipv4/conf/*/* ipv6/conf/*/* ' +
    'ipv4/neigh/*/*; do echo "$f $(cat $f 2>/dev/null)"; done',
}

const MARK = '=====part====='
const SCRIPT = Object.values(PARTS)
  .map((command) => `(${command}) 2>&1; echo; echo ${MARK}`)
  .join('\n')

/** @param {number} pid of the node's first process @returns {Record<string, string[]>} by part, sorted lines */
export function viewOf(pid) {
  const { stdout } = spawnSync('nsenter', ['-t', String(pid), '-n', '-m', '-u', 'sh', '-c', SCRIPT], {
    encoding: 'utf8',
  })
  const texts = stdout.split(`${MARK}\n`)
  return Object.fromEntries(Object.keys(PARTS).map((part, at) => [part, linesOf(part, texts[at]?.trim() ?? '')]))
}

function linesOf(part, text) {
  if (!/^[[{]/.test(text))
    return text
      .split('\n')
      .filter((line) => !isVolatile(line))
      .sort()
  const list = JSON.parse(text)
  if (part === 'addresses')
    return list
      .flatMap(({ ifname, addr_info: all }) => all.map((each) => JSON.stringify([ifname, common(each)])))
      .filter((line) => !line.includes('"fe80:'))
      .sort()
  return list
    .filter((each) => !isOfThePast(part, each) && (part !== 'forwarding' || !isLearned(each)))
    .map((each) => JSON.stringify(common(each)))
    .filter((line) => !line.includes('fe80:'))
    .sort()
}

/** An entry of a bridge that a frame has made. */
const isLearned = ({ state }) => state === ''

/** What an interface that is down keeps of the time when it was up. */
const isOfThePast = (part, { kind, mac = '' }) =>
  (part === 'disciplines' && kind === 'noqueue') || (part === 'forwarding' && /^(?:33:33|01:00:5e)/.test(mac))

/** Names that a program or a clock chooses. */
const isVolatile = (line) => /stable_secret|\/(mtu|base_reachable_time|retrans_time) /.test(line)

const NUMBERS = new Set([
  ...[
    'ifindex',
    'link_index',
    'link_netnsid',
    'link',
    'stats',
    'stats64',
    'bridge_id',
    'root_id',
    'designated_root',
    'txqlen',
  ],
  ...[
    'qdisc',
    'hello_timer',
    'forward_delay_timer',
    'hold_timer',
    'message_age_timer',
    'tcn_timer',
    'topology_change_timer',
    'gc_timer',
    'designated_bridge',
    'no',
    'promiscuity',
    'inet6_addr_gen_mode',
  ],
  ...[
    'valid_life_time',
    'preferred_life_time',
    'handle',
    'port',
    'used',
    'refcnt',
    'cacheinfo',
    'bridge_id',
    'id',
    'group_addr',
  ],
  ...['topology_change', 'topology_change_detected', 'timer', 'allmulti', 'designated_port', 'root_port'],
])

/** Without what differs from lab to lab, keys in order. */
function common(value) {
  if (Array.isArray(value)) return value.map(common)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !NUMBERS.has(key))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, common(each)]),
  )
}

/** @param {Map<string, object>} own @param {Map<string, object>} fresh @returns {string[]} */
export function differencesOf(own, fresh) {
  const names = new Set([...own.keys(), ...fresh.keys()])
  return [...names].flatMap((node) => {
    const [here, there] = [own.get(node), fresh.get(node)]
    if (!here || !there) return [`node ${node} is ${here ? 'there' : 'missing'}`]
    return Object.keys(PARTS).flatMap((part) => {
      const more = here[part].filter((line) => !there[part].includes(line))
      const less = there[part].filter((line) => !here[part].includes(line))
      return [
        ...more.map((line) => `${node} ${part} has ${line}`),
        ...less.map((line) => `${node} ${part} lacks ${line}`),
      ]
    })
  })
}
