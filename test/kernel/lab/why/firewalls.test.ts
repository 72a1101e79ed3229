// Firewalls that drop or reject packets on the way: the rule is named, and rules for other packets are not.
import { spawnSync } from 'node:child_process'
import { type Break, breaks, type Step } from './breaks.js'

// h1 ── r1 ── h2
const ROUTER = `
nodes: { h1: {}, r1: { kind: router }, h2: {} }
links: [[h1, r1], [r1, h2]]`

const WEB = { protocol: 'tcp', port: 80 } as const
const ECHO = { protocol: 'udp', port: 7 } as const
const SERVE: Step[] = [
  ['h2', 'setsid python3 -m http.server 80 >/dev/null 2>&1 & until ss -Hltn | grep -q :80; do sleep 0.05; done'],
  [
    'h2',
    `setsid python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 7))
while True: s.sendto(*s.recvfrom(2048))' >/dev/null 2>&1 & until ss -Hlun | grep -q :7; do sleep 0.05; done`,
  ],
]

/** Statements of nft(8), in a table and a chain of a hook. */
const nft = (hook: string, ...rules: string[]): string =>
  `nft 'table inet f { chain c { type filter hook ${hook} priority 0; ${rules.map((rule) => `${rule};`).join(' ')} }; }'`
const FLUSH = 'nft flush ruleset'
const flushed = (node: string): Pick<Break, 'clean'> => ({ clean: [[node, FLUSH]] })
const lacks = (tool: string): boolean => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0

const BREAKS: Break[] = [
  {
    name: 'a rule in forward',
    broken: [['r1', nft('forward', 'ip daddr 10.0.0.3 drop')]],
    cause: ['firewall-drop', 'r1', null],
    words: /a firewall rule of r1 drops the packet in forward: ip daddr 10.0.0.3 drop$/,
    ...flushed('r1'),
  },
  {
    name: 'the policy in input of the destination',
    broken: [['h2', nft('input', 'policy drop')]],
    cause: ['firewall-drop', 'h2', null],
    ...flushed('h2'),
  },
  {
    name: 'a rule in output of the sender',
    broken: [['h1', nft('output', 'icmp type echo-request counter drop')]],
    cause: ['firewall-drop', 'h1', null],
    ...flushed('h1'),
  },
  {
    name: 'a rule that drops the answer',
    broken: [['r1', nft('forward', 'icmp type echo-reply drop')]],
    cause: ['firewall-drop', 'r1', null],
    words: /on the way back, a firewall rule of r1/,
    ...flushed('r1'),
  },
  {
    name: 'a port that a rule drops, among rules for others',
    options: WEB,
    broken: [['r1', nft('forward', 'udp dport 80 drop', 'tcp dport { 81, 443 } drop', 'tcp dport 80 drop')]],
    cause: ['firewall-drop', 'r1', null],
    words: /h1 cannot reach TCP port 80 of h2: .* in forward: tcp dport 80 drop$/,
    ...flushed('r1'),
  },
  {
    name: 'a port that a rule rejects as if nothing listened',
    options: WEB,
    broken: [['h2', nft('input', 'tcp dport 80 reject with tcp reset')]],
    cause: ['firewall-drop', 'h2', null],
    words: /a firewall rule of h2 rejects the packet in input: tcp dport 80 reject with tcp reset$/,
    ...flushed('h2'),
  },
  {
    name: 'a UDP port that a rule rejects with an ICMP error',
    options: ECHO,
    broken: [['r1', nft('forward', 'udp dport 7 reject with icmp type admin-prohibited')]],
    cause: ['firewall-drop', 'r1', null],
    ...flushed('r1'),
  },
  {
    name: 'answers of a port that are dropped',
    options: WEB,
    broken: [['h2', nft('output', 'tcp sport 80 drop')]],
    cause: ['firewall-drop', 'h2', null],
    words: /on the way back, a firewall rule of h2 drops the packet in output/,
    ...flushed('h2'),
  },
  {
    name: 'a named set with intervals',
    broken: [
      [
        'r1',
        `nft 'table ip f { set s { type ipv4_addr; flags interval; elements = { 10.0.0.0/31, 10.9.0.1-10.9.0.7 }; }; chain c { type filter hook forward priority 0; ip saddr @s drop; }; }'`,
      ],
    ],
    cause: ['firewall-drop', 'r1', null],
    ...flushed('r1'),
  },
  {
    name: 'a verdict map, in a chain that another jumps to',
    options: WEB,
    broken: [
      [
        'r1',
        `nft 'table ip f { map m { type inet_service : verdict; elements = { 22 : accept, 80 : drop }; }; chain ports { tcp dport vmap @m; }; chain c { type filter hook forward priority 0; ip protocol tcp jump ports; accept; }; }'`,
      ],
    ],
    cause: ['firewall-drop', 'r1', null],
    words: /tcp dport vmap @m$/,
    ...flushed('r1'),
  },
  {
    name: 'a stateful firewall whose policy drops what is new',
    broken: [
      [
        'r1',
        nft(
          'forward',
          'policy drop',
          'ct state established,related accept',
          'ct state invalid drop',
          'tcp dport 80 accept',
        ),
      ],
    ],
    cause: ['firewall-drop', 'r1', null],
    words: /chain inet f c: policy drop$/,
    ...flushed('r1'),
  },
  {
    name: 'the second of two tables, by priority',
    broken: [
      [
        'r1',
        `nft 'table ip a { chain c { type filter hook forward priority 10; drop; }; }; table inet b { chain c { type filter hook forward priority -10; ip protocol icmp accept; drop; }; }'`,
      ],
    ],
    cause: ['firewall-drop', 'r1', null],
    mend: [['r1', 'nft flush chain ip a c']],
    ...flushed('r1'),
  },
  {
    name: 'a rule of the hook ingress',
    broken: [
      [
        'r1',
        `nft 'table netdev f { chain c { type filter hook ingress device eth0 priority 0; ip protocol icmp drop; }; }'`,
      ],
    ],
    cause: ['firewall-drop', 'r1', null],
    words: /in ingress: ip protocol icmp drop$/,
    ...flushed('r1'),
  },
  {
    name: 'IPv6 neighbours that cannot be found, since the policy drops what finds them',
    options: { family: 6 },
    broken: [
      ['h2', nft('input', 'policy drop', 'icmpv6 type { echo-request, echo-reply } accept')],
      ['h2', 'ip -6 neigh flush all; ip -6 neigh del fd00::2 dev eth0 2>/dev/null || true'],
      ['r1', 'ip -6 neigh flush all; ip -6 neigh del fd00::3 dev eth1 2>/dev/null || true'],
    ],
    cause: ['firewall-drop', 'h2', null],
    words:
      /hardware addresses are not resolved: a firewall rule of h2 drops the packet in input: chain inet f c: policy drop$/,
    ...flushed('h2'),
  },
  {
    name: 'a rule that cannot be examined',
    broken: [['r1', nft('forward', 'ip ttl < 64 drop')]],
    cause: ['firewall-suspect', 'r1', null],
    words: /the packet may be dropped by a firewall rule of r1 in forward, .*: ip ttl < 64 drop$/,
    ...flushed('r1'),
  },
  ...['iptables-legacy', 'iptables-nft'].map(
    (tool): Break => ({
      name: `a rule of ${tool}`,
      options: WEB,
      broken: [
        ['r1', `${tool} -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT`],
        ['r1', `${tool} -A FORWARD -p tcp -m multiport --dports 80,443 -j DROP`],
      ],
      cause: ['firewall-drop', 'r1', null],
      words: new RegExp(`in forward: ${tool} -A FORWARD -p tcp -m multiport --dports 80,443 -j DROP$`),
      clean: [['r1', `${tool} -F`]],
      skip: lacks(tool),
    }),
  ),
]

BREAKS.push({
  name: 'a rule beside a table that is dormant',
  broken: [
    ['r1', `nft 'table ip off { flags dormant; chain c { type filter hook forward priority -1; policy drop; }; }'`],
    ['r1', nft('forward', 'ip daddr 10.0.0.3 drop')],
  ],
  cause: ['firewall-drop', 'r1', null],
  words: /in forward: ip daddr 10.0.0.3 drop$/,
  ...flushed('r1'),
})

const SHELL_WORDS = `'$(touch /run/typed) "it'"'"'s" \`id\`'`
BREAKS.push({
  name: 'an interface that was renamed',
  broken: [['h2', 'ip link set eth0 down; ip link set eth0 name lan0; ip link set lan0 up']],
  cause: ['interface-gone', 'h2', 'eth0'],
  words: /interface eth0 of h2 was renamed to lan0$/,
  mend: [
    ['h2', 'ip link set lan0 down; ip link set lan0 name eth0; ip link set eth0 up; ip route add default via 10.0.0.2'],
  ],
})
BREAKS.push({
  name: 'packets that are not tracked',
  broken: [
    [
      'r1',
      `nft 'table ip f { chain a { type filter hook prerouting priority raw; notrack; }; chain c { type filter hook forward priority 0; ct state new drop; ct state untracked ip daddr 10.0.0.3 drop; }; }'`,
    ],
  ],
  cause: ['firewall-drop', 'r1', null],
  words: /in forward: ct state untracked ip daddr 10.0.0.3 drop$/,
  ...flushed('r1'),
})
BREAKS.push({
  name: 'a rule whose comment has words of a shell in it',
  broken: [['r1', `iptables-nft -A FORWARD -p icmp -m comment --comment ${SHELL_WORDS} -j DROP`]],
  cause: ['firewall-drop', 'r1', null],
  clean: [['r1', 'test ! -e /run/typed && iptables-nft -F']],
  skip: lacks('iptables-nft'),
})

breaks('firewalls', ROUTER, BREAKS, SERVE)
