import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIptables } from '../../../../src/lab/why/firewall/iptables.js'
import type { Packet } from '../../../../src/lab/why/firewall/packet.js'
import { merged } from '../../../../src/lab/why/firewall/ruleset.js'
import { type Way, walk } from '../../../../src/lab/why/walk.js'
import { ping, type RecordedNode, recorded } from './recorded.js'

// h1 (10.0.0.1) ── (.2) r1 (10.0.1.1) ── (.2) h2
const H1: RecordedNode = { interfaces: { eth0: { addresses: ['10.0.0.1'] } }, to: { '10.0.1.2': 'eth0 10.0.0.2' } }
const R1: RecordedNode = {
  interfaces: { eth0: { addresses: ['10.0.0.2'] }, eth1: { addresses: ['10.0.1.1'] } },
  to: { '10.0.1.2': 'eth1', '10.0.0.1': 'eth0' },
}
const H2: RecordedNode = { interfaces: { eth0: { addresses: ['10.0.1.2'] } }, to: { '10.0.0.1': 'eth0 10.0.1.1' } }
const LINKS = ['h1:eth0 r1:eth0', 'r1:eth1 h2:eth0']
const lab = (more: Record<string, RecordedNode | null> = {}) => recorded({ h1: H1, r1: R1, h2: H2, ...more }, LINKS)

const there = (asked = lab(), packet: Packet = ping('10.0.1.2')): Promise<Way> =>
  walk(asked, { node: 'h1', packet, length: null, request: null })
const back = (asked: ReturnType<typeof lab>, request: Way): Promise<Way> => {
  const { from, to } = request.packet
  return walk(asked, { node: request.end, packet: ping(from, { from: to, icmp: 'echo-reply' }), length: null, request })
}
const nodesOf = ({ hops }: Way) => hops.map(({ node }) => node)
const codeOf = ({ fault }: Way) => fault && `${fault.cause.code} ${fault.cause.node}:${fault.cause.interface}`

const filterOf = (rules: string) =>
  parseIptables(
    `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules}\nCOMMIT\n`,
    'iptables-legacy',
    4,
  )

describe('a way', () => {
  test('goes to the owner of the address, and back', async () => {
    const request = await there()
    expect([nodesOf(request), codeOf(request), request.packet.from]).toEqual([['h1', 'r1', 'h2'], null, '10.0.0.1'])
    const answer = await back(lab(), request)
    expect([nodesOf(answer), codeOf(answer), answer.end]).toEqual([['h2', 'r1', 'h1'], null, 'h1'])
  })

  test('ends where the kernel has no route, on the way back too', async () => {
    expect(codeOf(await there(lab({ r1: { ...R1, to: {} } })))).toBe('no-route r1:null')
    const oneWay = lab({ h2: { ...H2, to: {} } })
    expect(codeOf(await back(oneWay, await there(oneWay)))).toBe('no-route h2:null')
  })

  test('names the first of two causes', async () => {
    const both = lab({ r1: { ...R1, sysctls: new Map([['ipv4/conf/eth0/forwarding', '0']]) }, h2: { interfaces: {} } })
    expect(codeOf(await there(both))).toBe('forwarding-off r1:eth0')
  })

  test('ends in a loop', async () => {
    const r2: RecordedNode = { interfaces: { eth0: { addresses: ['10.0.1.2'] } } }
    const loop = {
      h1: H1,
      r1: { ...R1, to: { '10.0.9.9': 'eth1 10.0.1.2' } },
      r2: { ...r2, to: { '10.0.9.9': 'eth0 10.0.1.1' } },
    }
    const asked = recorded({ ...loop, h1: { ...H1, to: { '10.0.9.9': 'eth0 10.0.0.2' } } }, [
      'h1:eth0 r1:eth0',
      'r1:eth1 r2:eth0',
    ])
    const way = await there(asked, ping('10.0.9.9'))
    expect([codeOf(way), nodesOf(way)]).toEqual(['routing-loop r2:null', ['h1', 'r1', 'r2', 'r1', 'r2']])
    expect(way.fault?.words).toBe('the routes form a loop: r2 → r1 → r2')
  })

  test('follows the next hop that the kernel has chosen among several', async () => {
    const hop = (address: string): RecordedNode => ({
      interfaces: { eth0: { addresses: [address] }, eth1: { addresses: [`${address}1`] } },
      to: { '10.0.1.2': 'eth1' },
    })
    const asked = recorded(
      {
        h1: { ...H1, to: { '10.0.1.2': 'eth0 10.0.0.4' } },
        a: hop('10.0.0.3'),
        b: hop('10.0.0.4'),
        h2: { interfaces: { eth0: { addresses: ['10.0.1.2'] } } },
        s: {
          interfaces: { br0: { kind: 'bridge' }, p1: { master: 'br0' }, p2: { master: 'br0' }, p3: { master: 'br0' } },
        },
      },
      ['h1:eth0 s:p1', 'a:eth0 s:p2', 'b:eth0 s:p3', 'b:eth1 h2:eth0'],
    )
    expect(nodesOf(await there(asked))).toEqual(['h1', 'b', 'h2'])
  })

  test('tells the next hops that the kernel has not chosen, and can be led over them', async () => {
    const routes = ['10.0.1.0/24 proto static \\\tnexthop via 10.0.0.2 dev eth0 weight 1 \\\tnexthop dev eth9 weight 1']
    const asked = lab({ h1: { ...H1, routes } })
    const way = await there(asked)
    const [taken, other] = [
      { node: 'h1', interface: 'eth0', gateway: '10.0.0.2' },
      { node: 'h1', interface: 'eth9', gateway: null },
    ]
    expect([codeOf(way), way.choices]).toEqual([null, [{ taken, others: [other] }]])
    const forced = await walk(asked, {
      node: 'h1',
      packet: ping('10.0.1.2'),
      length: null,
      request: null,
      forced: other,
    })
    expect(codeOf(forced)).toBe('no-neighbour h1:eth9')
  })

  test('ends at a node that cannot be asked, and goes on over one that is dead or paused', async () => {
    expect(codeOf(await there(lab({ r1: null })))).toBe('no-neighbour h1:eth0')
    expect(codeOf(await there(lab({ r1: { ...R1, status: 'dead' }, h2: { ...H2, status: 'paused' } })))).toBeNull()
  })

  test('ends where rules drop the packet; rules of other ports do not', async () => {
    const firewall = filterOf('-A FORWARD -p tcp -m tcp --dport 80 -j DROP')
    const asked = lab({ r1: { ...R1, firewall } })
    expect(codeOf(await there(asked))).toBeNull()
    const web = (dport: number) => ping('10.0.1.2', { protocol: 'tcp', icmp: null, dport })
    expect(codeOf(await there(asked, web(80)))).toBe('firewall-drop r1:null')
    expect(codeOf(await there(asked, web(81)))).toBeNull()
  })

  test('lets answers pass where the request has been', async () => {
    const firewall = filterOf(
      '-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-A FORWARD -d 10.0.0.0/24 -j DROP',
    )
    const asked = lab({ r1: { ...R1, firewall } })
    expect(codeOf(await back(asked, await there(asked)))).toBeNull()
  })

  const UNTRACKED = '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p icmp -j CT --notrack\nCOMMIT\n'
  test.each<[string, string, Partial<Packet>, string | null]>([
    ['invalid, of a ping', '-m conntrack --ctstate INVALID', {}, 'firewall-drop h1:null'],
    ['invalid, of a datagram', '-m conntrack --ctstate INVALID', { protocol: 'udp', icmp: null, dport: 9 }, null],
    [
      'new, of a datagram',
      '-m conntrack --ctstate NEW',
      { protocol: 'udp', icmp: null, dport: 9 },
      'firewall-drop h1:null',
    ],
  ])('an answer by another way is %s', async (_, condition, packet, expected) => {
    // The request comes from elsewhere, so that h1 does not know it.
    const firewall = filterOf(`-A INPUT ${condition} -j DROP`)
    const asked = lab({ h1: { ...H1, firewall } })
    const elsewhere = { ...(await there(lab(), ping('10.0.1.2', packet))), hops: [] }
    const { from, to, protocol, icmp } = elsewhere.packet
    const answer = ping(from, { from: to, protocol, icmp: icmp && 'echo-reply' })
    const way = await walk(asked, { node: 'h2', packet: answer, length: null, request: elsewhere })
    expect(codeOf(way)).toBe(expected)
  })

  test('is not established where rules keep the request from connection tracking', async () => {
    const filter = filterOf(
      '-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-A FORWARD -d 10.0.0.0/24 -j DROP',
    )
    const asked = lab({ r1: { ...R1, firewall: merged([parseIptables(UNTRACKED, 'iptables-nft', 4), filter]) } })
    const request = await there(asked)
    expect([codeOf(request), [...request.untracked]]).toEqual([null, ['r1']])
    expect(codeOf(await back(asked, request))).toBe('firewall-drop r1:null')
    const rest = filterOf('-A FORWARD -m conntrack --ctstate NEW,ESTABLISHED,RELATED,INVALID -j DROP')
    expect(
      codeOf(
        await there(lab({ r1: { ...R1, firewall: merged([parseIptables(UNTRACKED, 'iptables-nft', 4), rest]) } })),
      ),
    ).toBeNull()
  })

  test('tells no next hops of a table that does not choose the route', async () => {
    const nexthops = 'nexthop via 10.0.0.2 dev eth0 weight 1 nexthop dev eth9 weight 1'
    const routes = [`10.0.1.0/24 proto static ${nexthops}`, '10.0.1.0/24 via 10.0.0.2 dev eth0 table 100']
    expect((await there(lab({ h1: { ...H1, routes, table: '100' } }))).choices).toEqual([])
    const [main = '', other = ''] = [routes[1]?.replace(' table 100', ''), `10.0.1.0/24 table 100 ${nexthops}`]
    expect((await there(lab({ h1: { ...H1, routes: [main, other], table: '100' } }))).choices).toHaveLength(1)
  })

  test.each([
    [4, '10.0.1.2', 'ipv4/icmp_echo_ignore_all'],
    [6, 'fd00::2', 'ipv6/icmp/echo_ignore_all'],
  ] as const)('ends where the kernel ignores pings of IPv%i', async (family, to, path) => {
    const sysctls = new Map([[path, '1']])
    const h1 = { interfaces: { eth0: { addresses: ['10.0.1.1', 'fd00::1'] } }, to: { [to]: 'eth0' } }
    const asked = recorded({ h1, h2: { interfaces: { eth0: { addresses: [to] } }, sysctls } }, ['h1:eth0 h2:eth0'])
    const way = await there(asked, ping(to, { family }))
    expect([codeOf(way), way.fault?.cause.remedy]).toEqual([
      'echo-ignored h2:null',
      `sysctl -w net.${path.replaceAll('/', '.')}=0`,
    ])
    expect(codeOf(await there(asked, ping(to, { family, protocol: 'tcp', icmp: null, dport: 80 })))).toBeNull()
  })

  test('goes on past rules that would drop it if it is known to arrive', async () => {
    const asked = lab({ r1: { ...R1, firewall: filterOf('-A FORWARD -p icmp -j DROP') } })
    const journey = { node: 'h1', packet: ping('10.0.1.2'), length: null, request: null, arrives: true }
    const way = await walk(asked, journey)
    expect([nodesOf(way), codeOf(way)]).toEqual([['h1', 'r1', 'h2'], null])
    const findings = way.hops.flatMap((hop) => hop.findings)
    expect(findings.every(({ ok }) => ok)).toBe(true)
    expect(findings.find(({ about }) => about === 'firewall')?.text).toMatch(
      /^has let the packet pass: iptables-legacy -A FOR/,
    )
    const stopped = await walk(lab({ r1: { ...R1, to: {} } }), journey)
    expect(stopped.hops.at(-1)?.findings.at(-1)).toMatchObject({
      ok: true,
      text: expect.stringMatching(/^not followed/),
    })
  })

  test.each<[number, string | null]>([
    [1, 'ttl-too-low h1:null'],
    [2, null],
  ])('ends where a time to live of %i is over', async (ttl, expected) => {
    const asked = lab({ h1: { ...H1, sysctls: new Map([['ipv4/ip_default_ttl', String(ttl)]]) } })
    expect(codeOf(await there(asked))).toBe(expected)
  })

  // h1 and two nodes with the address of h2, on one switch
  const shared = (mac: string | null, planned: string[]) => {
    const end = { interfaces: { eth0: { addresses: ['10.0.0.2'], prefixes: ['10.0.0.2/24'] } } }
    const ports = Object.fromEntries(['p1', 'p2', 'p3'].map((name) => [name, { master: 'br0' }]))
    const neighbours = mac === null ? [] : [{ address: '10.0.0.2', interface: 'eth0', mac, permanent: false }]
    const asked = recorded(
      {
        h1: { ...H1, to: { '10.0.0.2': 'eth0' }, neighbours },
        ...{ thief: end, h2: end, s: { interfaces: { br0: { kind: 'bridge' }, ...ports } } },
      },
      ['h1:eth0 s:p1', 'thief:eth0 s:p2', 'h2:eth0 s:p3'],
    )
    const plannedAddress = (_: string, node = 'h2') =>
      planned.includes(node) ? { node, interface: 'eth0', prefix: '10.0.0.2/24' } : null
    return there({ ...asked, plannedAddress }, ping('10.0.0.2'))
  }
  test('ends at a node that has taken the address of another', async () => {
    const way = await shared('thief:eth0', ['h2'])
    expect([codeOf(way), way.fault?.cause.remedy, way.fault?.words]).toEqual([
      'address-duplicate thief:eth0',
      'ip addr del 10.0.0.2/24 dev eth0',
      'thief has the address 10.0.0.2 of h2 too, and gets its packets from h1',
    ])
    for (const [mac, planned, end] of [
      ['h2:eth0', ['h2'], 'h2'],
      [null, ['h2'], 'h2'],
      ['thief:eth0', ['h2', 'thief'], 'thief'],
    ] as const) {
      const other = await shared(mac, [...planned])
      expect([codeOf(other), other.end]).toEqual([null, end])
    }
  })

  test('ends at an interface that has another name than in the topology', async () => {
    const renamed = { ...R1, interfaces: { lan0: { addresses: ['10.0.0.2'] }, eth1: { addresses: ['10.0.1.1'] } } }
    const way = await there(lab({ r1: renamed }))
    expect([codeOf(way), way.fault?.words, way.fault?.cause.remedy]).toEqual([
      'interface-gone r1:eth0',
      'interface eth0 of r1 was renamed to lan0',
      'ip link set dev lan0 name eth0',
    ])
    const own = { ...H1, interfaces: { lan0: { addresses: ['10.0.0.1'] } } }
    expect(codeOf(await there(lab({ h1: { ...own, to: { '10.0.1.2': 'lan0 10.0.0.2' } } })))).toBe(
      'interface-gone h1:eth0',
    )
    expect(codeOf(await there(lab({ h1: { ...own, to: {} } })))).toBe('interface-gone h1:eth0')
    const lost = await there(lab({ r1: { ...R1, interfaces: { eth1: { addresses: ['10.0.1.1'] } } } }))
    expect([codeOf(lost), lost.fault?.cause.remedy]).toEqual(['interface-gone r1:eth0', null])
  })

  test('ends at a node whose commands print what cannot be read', async () => {
    const unread = ['ip addr printed what cannot be read']
    const way = await there(lab({ h1: { ...H1, interfaces: {}, isOpaque: true, unread } }))
    expect([codeOf(way), way.fault?.words]).toEqual([
      'unreadable h1:null',
      'h1 cannot be examined: ip addr printed what cannot be read there',
    ])
    const owner = { node: 'h2', interface: 'eth0', prefix: '10.0.1.2/24' }
    const asked = { ...lab({ h2: { interfaces: {}, isOpaque: true, unread } }), plannedAddress: () => owner }
    expect(codeOf(await there(asked))).toBe('unreadable h2:null')
  })

  test('tells rules that may drop the packet', async () => {
    const asked = lab({
      r1: { ...R1, firewall: filterOf('-A FORWARD -m statistic --mode random --probability 0.5 -j DROP') },
    })
    const way = await there(asked)
    expect(codeOf(way)).toBeNull()
    expect(way.suspects.map(({ cause }) => cause.code)).toEqual(['firewall-suspect'])
  })

  test('follows translated packets, and their answers', async () => {
    const nat = `*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A PREROUTING -d 10.0.0.2/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.1.2:8080\n-A POSTROUTING -o eth1 -j MASQUERADE\nCOMMIT\n`
    const asked = lab({
      h1: { ...H1, to: { '10.0.0.2': 'eth0' } },
      r1: { ...R1, firewall: parseIptables(nat, 'iptables-legacy', 4) },
      h2: { ...H2, to: { '10.0.1.1': 'eth0' } },
    })
    const request = await there(asked, ping('10.0.0.2', { protocol: 'tcp', icmp: null, dport: 80 }))
    expect([nodesOf(request), request.packet]).toMatchObject([
      ['h1', 'r1', 'h2'],
      { from: '10.0.1.1', to: '10.0.1.2', dport: 8080 },
    ])
    const answer = await back(asked, request)
    expect([nodesOf(answer), answer.packet]).toMatchObject([['h2', 'r1', 'h1'], { from: '10.0.0.2', to: '10.0.0.1' }])
  })
})

test('a way always ends, whatever the kernels answer', async () => {
  const names = ['a', 'b', 'c', 'd']
  const address = (node: number, port: number) => `10.${node}.${port}.1`
  const all = names.flatMap((_, node) => [0, 1, 2].map((port) => address(node, port)))
  const answer = fc.oneof(
    fc.constantFrom('Network is unreachable', 'No route to host', 'Invalid argument'),
    fc.tuple(fc.nat(3), fc.constantFrom(...all)).map(([port, gateway]) => `eth${port} ${gateway}`),
  )
  const port = fc.record({
    up: fc.boolean(),
    master: fc.constantFrom(null, null, 'eth2'),
    kind: fc.constantFrom('veth', 'bridge'),
  })
  const node = fc.record({
    interfaces: fc.array(port, { minLength: 3, maxLength: 3 }),
    to: fc.array(answer, { minLength: all.length, maxLength: all.length }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(node, { minLength: 4, maxLength: 4 }),
      fc.shuffledSubarray(all),
      fc.constantFrom(...all),
      async (nodes, ends, to) => {
        const end = (text: string) => {
          const [, at, eth] = text.split('.')
          return `${names[Number(at)]}:eth${eth}`
        }
        const links = Array.from(
          { length: Math.floor(ends.length / 2) },
          (_, at) => `${end(ends[2 * at] ?? '')} ${end(ends[2 * at + 1] ?? '')}`,
        )
        const described = nodes.map(({ interfaces, to }, at): [string, RecordedNode] => [
          names[at] ?? '',
          {
            interfaces: Object.fromEntries(
              interfaces.map((each, eth) => [`eth${eth}`, { ...each, addresses: [address(at, eth)] }]),
            ),
            to: Object.fromEntries(to.map((each, index) => [all[index] ?? '', each])),
          },
        ])
        const way = await walk(recorded(Object.fromEntries(described), links), {
          node: 'a',
          packet: ping(to),
          length: null,
          request: null,
        })
        expect(way.hops.length).toBeLessThanOrEqual(1 + names.length * 3 + 1)
        expect(way.hops.at(-1)?.node).toBe(way.end)
      },
    ),
  )
})
