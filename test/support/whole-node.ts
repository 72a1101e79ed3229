// All that a node has, read with iproute2, without what a node that is built anew has in another way: indexes, counters, times.
import type { Cli } from './lab.js'

const SHOWN = [
  'ip -j -d link show',
  'ip -j address show',
  'ip -j route show table all',
  'ip -j -6 route show table all',
  'ip -j nexthop show',
  'ip -j rule show',
  'ip -j -6 rule show',
  'ip -j neighbour show nud permanent',
  'ip -j -6 neighbour show nud permanent',
  'bridge -j vlan show',
  'tc -j qdisc show',
]
const FILES = ['/etc/hosts', '/etc/hostname']
const MARK = '----'

const LEFT_OUT = new Set([
  ...[
    'operstate',
    'ifindex',
    'link_index',
    'iflink',
    'link_netnsid',
    'stats',
    'stats64',
    'hello_timer',
    'tcn_timer',
    'topology_change_timer',
  ],
  ...[
    'gc_timer',
    'port_id',
    'port_no',
    'bridge_id',
    'root_id',
    'designated_port',
    'message_age_timer',
    'forward_delay_timer',
  ],
  ...['hold_timer', 'expires', 'used', 'confirmed', 'updated', 'probes', 'refcnt', 'promiscuity', 'allmulti', 'id_len'],
  ...[
    'min_mtu',
    'max_mtu',
    'root_bridge',
    'designated_bridge',
    'txqlen',
    'handle',
    'valid_life_time',
    'preferred_life_time',
  ],
  ...['inet6_addr_gen_mode', 'tso_max_size', 'tso_max_segs', 'pref'],
])

/** @param extra commands whose output belongs to it, such as `sysctl -n net.ipv4.ip_forward` */
export function wholeNode(nslab: Cli, node: string, extra: readonly string[] = []): unknown {
  const commands = [...SHOWN, 'hostname', ...FILES.map((file) => `cat ${file}`), ...extra]
  const script = commands.map((command) => `${command} 2>&1; echo; echo ${MARK}`).join('\n')
  const { status, stdout, stderr } = nslab(['exec', node, '--', 'sh', '-c', script], { cwd: '/' })
  if (status !== 0) throw new Error(stderr)
  const parts = stdout.split(`${MARK}\n`)
  return Object.fromEntries(commands.map((command, at) => [command, readable(parts[at]?.trim() ?? '')]))
}

/** Carrier, and what follows from it, may come later where nothing is at the other end. */
const isUp = (flags: unknown): boolean => Array.isArray(flags) && flags.includes('UP')

function readable(text: string): unknown {
  if (!/^[[{]/.test(text)) return text.split('\n')
  const entries = JSON.parse(text, (key, value) =>
    LEFT_OUT.has(key) ? undefined : key === 'flags' ? isUp(value) : value,
  ) as unknown[]
  return entries.map((entry) => JSON.stringify(sorted(entry))).toSorted()
}

/** With keys and lists in an order of their own. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(sorted).toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([key, each]) => [key, sorted(each)]),
  )
}
