// Each way of breaking routes, addresses, interfaces and sysctls: `why` names that cause and no other.
import { type Break, breaks, type Step } from './breaks.js'

// h1 ── r1 ── r2 ── h2
const ROUTERS = `
nodes: { h1: {}, r1: { kind: router }, r2: { kind: router }, h2: {} }
links: [[h1, r1], [r1, r2], [r2, h2]]`

const BREAKS: Break[] = [
  // First, since an interface that goes down loses its IPv6 addresses.
  {
    name: 'hop limit of the answer',
    options: { family: 6 },
    broken: [['h2', 'sysctl -w net.ipv6.conf.eth0.hop_limit=1']],
    cause: ['ttl-too-low', 'h2', null],
    words: /on the way back, r2 drops packets of h2/,
  },
  {
    name: 'destination that ignores pings of IPv6',
    options: { family: 6 },
    broken: [['h2', 'sysctl -w net.ipv6.icmp.echo_ignore_all=1']],
    cause: ['echo-ignored', 'h2', null],
  },
  {
    name: 'router that does not forward IPv6',
    options: { family: 6 },
    broken: [['r2', 'sysctl -w net.ipv6.conf.all.forwarding=0']],
    cause: ['forwarding-off', 'r2', 'eth0'],
  },
  {
    name: 'IPv6 packets that are too big for the sender',
    options: { size: 1400, family: 6 },
    broken: [['h1', 'ip link set eth0 mtu 1400']],
    cause: ['mtu-too-small', 'h1', 'eth0'],
    clean: [['h1', 'ip link set eth0 mtu 1500']],
  },
  { name: 'sender without default route', broken: [['h1', 'ip route del default']], cause: ['no-route', 'h1', null] },
  {
    name: 'router without route to the destination',
    broken: [['r1', 'ip route del 10.0.0.4/31']],
    cause: ['no-route', 'r1', null],
  },
  {
    name: 'router without route back',
    broken: [['r2', 'ip route del 10.0.0.0/31']],
    cause: ['no-return-route', 'r2', null],
  },
  {
    name: 'destination without route back',
    broken: [['h2', 'ip route del default']],
    cause: ['no-return-route', 'h2', null],
  },
  {
    name: 'interface of the sender down',
    broken: [['h1', 'ip link set eth0 down']],
    cause: ['interface-down', 'h1', 'eth0'],
    mend: [['h1', 'ip link set eth0 up; ip route add default via 10.0.0.1']],
  },
  {
    name: 'interface of the destination down',
    broken: [['h2', 'ip link set eth0 down']],
    cause: ['interface-down', 'h2', 'eth0'],
    mend: [['h2', 'ip link set eth0 up; ip route add default via 10.0.0.4']],
  },
  {
    name: 'router that does not forward',
    broken: [['r1', 'sysctl -w net.ipv4.ip_forward=0']],
    cause: ['forwarding-off', 'r1', 'eth0'],
  },
  {
    name: 'address of the next hop removed',
    broken: [['r1', 'ip addr del 10.0.0.1/31 dev eth0']],
    cause: ['address-missing', 'r1', 'eth0'],
  },
  {
    name: 'blackhole route',
    broken: [['r1', 'ip route add blackhole 10.0.0.5']],
    cause: ['route-refuses', 'r1', null],
  },
  {
    name: 'unreachable route',
    broken: [['r2', 'ip route add unreachable 10.0.0.5']],
    cause: ['route-refuses', 'r2', null],
  },
  {
    name: 'prohibit route at the sender',
    broken: [['h1', 'ip route add prohibit 10.0.0.5']],
    cause: ['route-refuses', 'h1', null],
  },
  {
    name: 'rule that prohibits',
    broken: [['r1', 'ip rule add to 10.0.0.5 prohibit']],
    cause: ['rule-refuses', 'r1', null],
    evidence: /^\d+: from all to 10\.0\.0\.5 prohibit$/,
  },
  {
    name: 'strict rp_filter with another way back',
    broken: [
      [
        'r2',
        'ip route del 10.0.0.0/31; ip route add 10.0.0.0/31 via 10.0.0.5; sysctl -w net.ipv4.conf.eth0.rp_filter=1',
      ],
    ],
    cause: ['rp-filter', 'r2', 'eth0'],
    mend: [['r2', 'sysctl -w net.ipv4.conf.eth0.rp_filter=0; ip route replace 10.0.0.0/31 via 10.0.0.2']],
  },
  {
    name: 'permanent neighbour with a wrong hardware address',
    broken: [['h1', 'ip neigh replace 10.0.0.1 lladdr 02:00:00:00:00:99 dev eth0 nud permanent']],
    cause: ['neighbour-wrong', 'h1', 'eth0'],
  },
  {
    name: 'two routers that send to each other',
    broken: [['r2', 'ip route add 10.0.0.5 via 10.0.0.2']],
    cause: ['routing-loop', 'r2', null],
    mend: [['r2', 'ip route del 10.0.0.5']],
  },
  {
    name: 'destination that ignores pings',
    broken: [['h2', 'sysctl -w net.ipv4.icmp_echo_ignore_all=1']],
    cause: ['echo-ignored', 'h2', null],
  },
  {
    name: 'time to live that ends at the second router',
    broken: [['h1', 'sysctl -w net.ipv4.ip_default_ttl=2']],
    cause: ['ttl-too-low', 'h1', null],
    words: /: r2 drops packets of h1, whose time to live is over there \(net\.ipv4\.ip_default_ttl = 2\)$/,
  },
  {
    name: 'time to live that a rule changes, which is not examined',
    broken: [['h1', `nft 'table ip f { chain c { type filter hook output priority 0; ip ttl set 1; }; }'`]],
    cause: ['unexplained', 'h1', null],
    evidence: /, says r1$/,
    mend: [['h1', 'nft flush ruleset']],
  },
  {
    name: 'several next hops in a table that a rule passes over',
    broken: [
      ['r1', 'ip rule add pref 90 to 10.0.0.5 lookup 100'],
      ['r1', 'ip route add 10.0.0.5 via 10.0.0.3 table 100'],
      ['r1', 'ip route add 10.0.0.5 nexthop via 10.0.0.3 nexthop via 10.0.0.0'],
      ['h2', 'sysctl -w net.ipv4.icmp_echo_ignore_all=1'],
    ],
    cause: ['echo-ignored', 'h2', null],
    clean: [['r1', 'ip rule del pref 90; ip route del 10.0.0.5; ip route flush table 100']],
  },
  {
    name: 'destination without address',
    options: { family: 4 },
    broken: [['h2', 'ip -4 addr flush dev eth0']],
    cause: ['no-address', 'h2', null],
    mend: [['h2', 'ip addr add 10.0.0.5/31 dev eth0; ip route add default via 10.0.0.4']],
  },
  {
    name: 'rule that prohibits, among rules that do not match',
    broken: [
      ['r1', 'ip rule add pref 90 from 10.9.0.0/16 blackhole'],
      ['r1', 'ip rule add pref 91 to 10.0.0.5 fwmark 7 unreachable'],
      ['r1', 'ip rule add pref 92 iif lo prohibit'],
      ['r1', 'ip rule add pref 93 to 10.0.0.5 iif eth0 prohibit'],
    ],
    cause: ['rule-refuses', 'r1', null],
    words: /from all to 10\.0\.0\.5 iif eth0 prohibit$/,
    clean: [['r1', 'for p in 90 91 92; do ip rule del pref $p; done']],
  },
  {
    name: 'missing route beside rules that do not match',
    broken: [
      ['r1', 'ip rule add pref 90 from 10.9.0.0/16 blackhole'],
      ['r1', 'ip rule add pref 91 fwmark 7 prohibit'],
      ['r1', 'ip route del 10.0.0.4/31'],
    ],
    cause: ['no-route', 'r1', null],
    clean: [['r1', 'for p in 90 91; do ip rule del pref $p; done']],
  },
  {
    name: 'rule that refuses one port',
    options: { protocol: 'tcp', port: 80 },
    broken: [['r1', 'ip rule add pref 90 ipproto tcp dport 80 prohibit']],
    cause: ['rule-refuses', 'r1', null],
  },
  {
    name: 'blackhole in the table of a rule',
    broken: [
      ['r2', 'ip rule add pref 90 from 10.0.0.0/31 lookup 100'],
      ['r2', 'ip route add blackhole 10.0.0.4/30 table 100'],
    ],
    cause: ['route-refuses', 'r2', null],
    clean: [['r2', 'ip rule del pref 90']],
  },
  {
    name: 'packets that are too big for a router',
    options: { size: 1400 },
    broken: [['r1', 'ip link set eth1 mtu 1300']],
    cause: ['mtu-too-small', 'r1', 'eth1'],
    words: /with 1400 bytes of data: a packet of 1428 bytes is greater than the MTU 1300 of interface eth1 of r1$/,
    clean: [['r1', 'ip link set eth1 mtu 1500']],
  },
  {
    name: 'packets that are too big for the other end of a link, which drops them in silence',
    options: { size: 1400 },
    broken: [['h2', 'ip link set eth0 mtu 1300']],
    cause: ['mtu-too-small', 'h2', 'eth0'],
    clean: [['h2', 'ip link set eth0 mtu 1500']],
  },
  {
    name: 'packets that are too big for a router whose error does not come back',
    options: { size: 1400 },
    broken: [
      ['r1', 'ip link set eth1 mtu 1300'],
      [
        'r1',
        `nft 'add table ip f; add chain ip f c { type filter hook output priority 0; }; add rule ip f c icmp type destination-unreachable drop'`,
      ],
    ],
    cause: ['mtu-black-hole', 'r1', 'eth1'],
    words:
      /does not come back: a firewall rule of r1 drops the packet in output: icmp type destination-unreachable drop$/,
    clean: [['r1', 'ip link set eth1 mtu 1500; nft flush ruleset']],
  },
]

const SERVE: Step = [
  'h2',
  'setsid python3 -m http.server 80 >/dev/null 2>&1 & until ss -Hltn | grep -q :80; do sleep 0.05; done',
]

breaks('routers', ROUTERS, BREAKS, [SERVE])
