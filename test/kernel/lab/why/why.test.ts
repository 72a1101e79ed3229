// Each way of breaking a lab: `why` names that cause and no other, its remedy mends it, and then it says that the ping works.
import { expect, onTestFinished } from 'vitest'
import { Lab } from '../../../../src/index.js'
import { resolveTopology } from '../../../../src/topology/resolve.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'
import { test, uniqueName } from '../../../support/lab.js'

const ROUTERS = `
nodes: { h1: {}, r1: { kind: router }, r2: { kind: router }, h2: {} }
links: [[h1, r1], [r1, r2], [r2, h2]]`
const LAN = `
nodes: { h1: {}, s1: { kind: switch }, h2: {} }
links: [[h1, s1], [h2, s1]]`

interface Break {
  name: string
  topology?: string
  family?: 4 | 6
  /** Node and shell command, one after the other. */
  broken: [node: string, command: string][]
  /** Of the cause: code, node and interface. */
  cause: [code: string, node: string, device: string | null]
  /** Where the cause has no remedy, or the remedy alone does not bring back what the kernel forgot. */
  mend?: [node: string, command: string][]
}

const BREAKS: Break[] = [
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
    name: 'router that does not forward IPv6',
    family: 6,
    broken: [['r2', 'sysctl -w net.ipv6.conf.all.forwarding=0']],
    cause: ['forwarding-off', 'r2', 'eth0'],
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
    name: 'nftables rule in forward',
    broken: [
      [
        'r1',
        `nft 'add table inet f; add chain inet f c { type filter hook forward priority 0; }; add rule inet f c ip daddr 10.0.0.5 drop'`,
      ],
    ],
    cause: ['firewall-drop', 'r1', null],
  },
  {
    name: 'nftables policy in input of the destination',
    broken: [['h2', `nft 'add table inet f; add chain inet f c { type filter hook input priority 0; policy drop; }'`]],
    cause: ['firewall-drop', 'h2', null],
  },
  {
    name: 'nftables rule in output of the sender',
    broken: [
      [
        'h1',
        `nft 'add table ip f; add chain ip f c { type filter hook output priority 0; }; add rule ip f c icmp type echo-request counter drop'`,
      ],
    ],
    cause: ['firewall-drop', 'h1', null],
  },
  {
    name: 'nftables rule that drops the answer',
    broken: [
      [
        'r1',
        `nft 'add table ip f; add chain ip f c { type filter hook forward priority 0; }; add rule ip f c icmp type echo-reply drop'`,
      ],
    ],
    cause: ['firewall-drop', 'r1', null],
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
    name: 'destination without address',
    broken: [['h2', 'ip -4 addr flush dev eth0']],
    cause: ['no-address', 'h2', null],
    mend: [['h2', 'ip addr add 10.0.0.5/31 dev eth0; ip route add default via 10.0.0.4']],
  },
  {
    name: 'port of a switch down',
    topology: LAN,
    broken: [['s1', 'ip link set eth1 down']],
    cause: ['interface-down', 's1', 'eth1'],
  },
]

for (const { name, topology = ROUTERS, family = 4, broken, cause, mend } of BREAKS) {
  test.skipIf(process.getuid?.() !== 0)(name, async ({ stateDirectory: _ }) => {
    const lab = await Lab.up(resolveTopology(parseTopology(`name: ${uniqueName('why20')}\n${topology}`)))
    onTestFinished(() => lab.down())
    const sh = async (node: string, command: string): Promise<void> => {
      const { exitCode, stderr } = await lab.node(node).exec(['sh', '-c', command])
      expect({ command, exitCode, stderr }).toEqual({ command, exitCode: 0, stderr: '' })
    }
    const why = () => lab.node('h1').why('h2', { family })
    expect(await why()).toMatchObject({ works: true, cause: null })
    for (const [node, command] of broken) await sh(node, command)

    const found = await why()
    expect([found.cause?.code, found.cause?.node, found.cause?.interface, found.sentence]).toEqual([
      ...cause,
      expect.stringMatching(/^h1 cannot reach h2: /),
    ])
    if (mend) expect(found.works).toBe(false)
    else await sh(found.cause?.node ?? '', found.cause?.remedy ?? 'false')
    for (const [node, command] of mend ?? []) await sh(node, command)
    expect(await why()).toMatchObject({ works: true, cause: null })
  })
}
