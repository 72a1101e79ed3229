// What stops frames in a switch: ports that are down, blocked or isolated, VLANs, and rules of the family bridge.
import { spawnSync } from 'node:child_process'
import { type Break, breaks } from './breaks.js'

// h1 ── s1 ── s2 ── h2
const SWITCHES = `
nodes: { h1: {}, s1: { kind: switch }, s2: { kind: switch }, h2: {} }
links: [[h1, s1], [s1, s2], [h2, s2]]`

const hasVlanFiltering =
  spawnSync('unshare', ['-n', 'ip', 'link', 'add', 'b0', 'type', 'bridge', 'vlan_filtering', '1']).status === 0

const BREAKS: Break[] = [
  {
    name: 'a port of the first switch that is down',
    broken: [['s1', 'ip link set eth0 down']],
    cause: ['interface-down', 's1', 'eth0'],
  },
  {
    name: 'a port of the last switch that is down',
    broken: [['s2', 'ip link set eth1 down']],
    cause: ['interface-down', 's2', 'eth1'],
  },
  {
    name: 'the host behind a switch that is down',
    broken: [['h2', 'ip link set eth0 down']],
    cause: ['interface-down', 'h2', 'eth0'],
  },
  {
    name: 'a bridge that is down',
    broken: [['s2', 'ip link set "$(ip -br link show type bridge | cut -d" " -f1)" down']],
    cause: ['interface-down', 's2', 'br0'],
  },
  {
    name: 'a port in the state disabled',
    broken: [['s1', 'bridge link set dev eth1 state 0']],
    cause: ['port-blocked', 's1', 'eth1'],
    words: /port eth1 of bridge s1 does not forward: its state is disabled$/,
  },
  {
    name: 'two isolated ports',
    broken: [['s1', 'bridge link set dev eth0 isolated on; bridge link set dev eth1 isolated on']],
    cause: ['ports-isolated', 's1', 'eth0'],
    clean: [['s1', 'bridge link set dev eth1 isolated off']],
  },
  {
    name: 'a port that has left the bridge',
    broken: [['s2', 'ip link set eth1 nomaster']],
    cause: ['port-missing', 's2', 'eth1'],
  },
  {
    name: 'a rule of the family bridge',
    broken: [
      ['s1', `nft 'table bridge f { chain c { type filter hook forward priority 0; ip protocol icmp drop; }; }'`],
    ],
    cause: ['firewall-drop', 's1', 'eth1'],
    clean: [['s1', 'nft flush ruleset']],
  },
  {
    name: 'a port with a smaller MTU',
    options: { size: 1400 },
    broken: [['s1', 'ip link set eth1 mtu 1000']],
    cause: ['mtu-too-small', 's1', 'eth1'],
    mend: [['s1', 'ip link set eth1 mtu 1500; ip link set br0 mtu 1500']],
  },
  {
    name: 'a port of another VLAN',
    broken: [
      ['s1', 'ip link set br0 type bridge vlan_filtering 1'],
      ['s1', 'bridge vlan del dev eth1 vid 1; bridge vlan add dev eth1 vid 20 pvid untagged'],
    ],
    cause: ['vlan-missing', 's1', 'eth1'],
    words: /port eth1 of bridge s1 is not in VLAN 1$/,
    skip: !hasVlanFiltering,
  },
]

breaks('bridges', SWITCHES, BREAKS)

const THREE = `
nodes: { h1: {}, h2: {}, h3: {}, s1: { kind: switch } }
links: [[h1, s1], [h2, s1], [h3, s1]]`

const THIEF: Break[] = [
  {
    name: 'a node that has taken the address of another, and refuses its port',
    options: { protocol: 'tcp', port: 80, family: 4 },
    broken: [
      // One that still answers would be learned again.
      ['h2', 'sysctl -qw net.ipv4.conf.all.arp_ignore=8'],
      ['h3', 'ip addr add $(getent ahostsv4 h2 | head -1 | cut -d" " -f1)/24 dev eth0'],
      ['h1', 'ip neigh flush all'],
    ],
    cause: ['address-duplicate', 'h3', 'eth0'],
    words: /h3 has the address \S+ of h2 too, and gets its packets from h1$/,
    alsoMend: [
      ['h2', 'sysctl -qw net.ipv4.conf.all.arp_ignore=0'],
      ['h1', 'ip neigh flush all'],
    ],
  },
]

breaks('addresses', THREE, THIEF, [
  ['h2', 'setsid python3 -m http.server 80 >/dev/null 2>&1 & until ss -Hltn | grep -q :80; do sleep 0.05; done'],
])
