import { describe, expect, test } from 'vitest'
import type { NodeFacts, PolicyRule, RouteQuestion } from '../../../../src/lab/why/asked/facts.js'
import { parseRoute, parseRules } from '../../../../src/lab/why/asked/parse.js'
import { parseInterfaces } from '../../../../src/lab/why/asked/parse-interfaces.js'
import { Reader } from '../../../../src/lab/why/asked/reader.js'
import { sectionsOf } from '../../../../src/lab/why/asked/sections.js'
import { portFault } from '../../../../src/lab/why/listeners.js'
import { tableFault } from '../../../../src/lab/why/neighbour-table.js'
import { refusalOf, selects } from '../../../../src/lab/why/policy-rules.js'

const ASKED: RouteQuestion = {
  ...{ to: '10.0.0.5', from: '10.0.0.1', iif: 'eth0', family: 4, mark: 0, protocol: 'icmp', sport: null, dport: null },
}

describe('a rule of the routing policy', () => {
  test.each<[string, Partial<PolicyRule>, boolean | null]>([
    ['of all', { src: 'all' }, true],
    ['of the source', { src: '10.0.0.0', srclen: 24 }, true],
    ['of another source', { src: '10.9.0.0', srclen: 16 }, false],
    ['of all but that source', { not: null, src: '10.0.0.0', srclen: 24 }, false],
    ['of the destination', { dst: '10.0.0.5' }, true],
    ['of the interface', { iif: 'eth0' }, true],
    ['of own packets', { iif: 'lo' }, false],
    ['of a mark', { fwmark: '0x10' }, false],
    ['of no mark', { fwmark: '0x0', fwmask: '0xff' }, true],
    ['of a port', { ipproto: 'tcp', dport: 80 }, false],
    ['of a selector that is not examined', { tos: '0x10' }, null],
    ['of such a selector, and of another source', { tos: '0x10', src: '10.9.0.0', srclen: 16 }, false],
  ])('%s', (_, rule, expected) => {
    expect(selects({ priority: 1, ...rule }, ASKED)).toBe(expected)
  })

  test('the first that selects the packet and has an answer counts', () => {
    const rules: PolicyRule[] = [
      { priority: 10, src: '10.9.0.0', srclen: 16, action: 'prohibit' },
      { priority: 20, src: 'all', table: '100' },
      { priority: 30, src: 'all', action: 'blackhole' },
    ]
    const facts = { rules, ruleTexts: ['10:\tfrom 10.9.0.0/16 prohibit', '30:\tfrom all blackhole'] }
    const found = (...routes: string[]) => refusalOf({ ...facts, routes } as unknown as NodeFacts, ASKED)
    expect(found()).toEqual({ rule: '30:\tfrom all blackhole', priority: 30 })
    expect(found('unreachable 10.0.0.0/24 table 100', 'default via 10.0.0.9 dev eth1 table 100')).toEqual({
      route: 'unreachable 10.0.0.0/24 table 100',
    })
    expect(found('10.0.0.0/24 dev eth1 table 100', 'blackhole default table 100')).toBeNull()
    expect(found('blackhole 10.0.0.5')).toMatchObject({ priority: 30 })
    const several = 'blackhole 10.0.0.0/30 table 100'
    const multipath =
      '10.0.0.4/31 table 100 proto static \\\tnexthop via 10.0.0.3 dev eth1 weight 1 \\\tnexthop via 10.0.0.7 dev eth2 weight 1'
    expect(found(several, multipath)).toBeNull()
  })
})

describe('a port that is not open', () => {
  const SOCKETS = `LISTEN 0 128 127.0.0.1:8080 0.0.0.0:*
LISTEN 0 5 *:80 *:*
LISTEN 0 5 [::]:81 [::]:*
LISTEN 6 5 10.0.0.5:82 0.0.0.0:*
LISTEN 0 5 10.0.0.9:83 0.0.0.0:*
LISTEN 0 5 127.0.0.53%lo:53 0.0.0.0:*
`
  test.each<[number, string, string]>([
    [
      8080,
      'listens-on-loopback',
      'h2 listens on TCP port 8080 of 127.0.0.1 only, not of 10.0.0.5: the loopback is for the node itself',
    ],
    [53, 'listens-on-loopback', 'h2 listens on TCP port 53 of 127.0.0.53 only'],
    [81, 'listens-elsewhere', 'h2 listens on TCP port 81 of :: only, not of 10.0.0.5'],
    [83, 'listens-elsewhere', 'h2 listens on TCP port 83 of 10.0.0.9 only, not of 10.0.0.5'],
    [82, 'backlog-full', 'the service on TCP port 82 of h2 does not accept connections: 6 wait'],
    [80, 'port-silent', 'the service on TCP port 80 of h2 has sent no answer'],
    [99, 'port-closed', 'nothing listens on TCP port 99 of h2 (it listens on 80, 81, 82, 83)'],
  ])('%i', (port, code, words) => {
    const found = portFault({ node: 'h2', protocol: 'tcp', port, address: '10.0.0.5' }, SOCKETS, 'refused')
    expect([found.cause.code, found.words]).toEqual([code, expect.stringContaining(words)])
  })
})

test('a neighbour table is full shortly before its limit', () => {
  const tables = (ipv4: number | null) => ({ ipv4: 1024, ipv6: null, entries: { ipv4, ipv6: 5 } })
  expect(tableFault('h1', 4, tables(1020))?.cause).toMatchObject({
    code: 'neighbour-table-full',
    command: 'sysctl -w net.ipv4.neigh.default.gc_thresh3=4096',
  })
  expect([tableFault('h1', 4, tables(500)), tableFault('h1', 4, tables(null)), tableFault('h1', 6, tables(9))]).toEqual(
    [null, null, null],
  )
})

describe('what a command of a node prints', () => {
  test.each(['{garbage', '{}', '[1]', '[null]', 'null', '"text"'])('is not read if it is %s', (stdout) => {
    const reader = new Reader()
    expect(reader.read('ip rule', () => parseRules(stdout), [])).toEqual([])
    expect(reader.read('ip addr', () => parseInterfaces({ exitCode: 0, stdout, stderr: '' }), null)).toBeNull()
    expect(reader.read('ip route get', () => parseRoute({ exitCode: 0, stdout, stderr: '' }), null)).toBeNull()
    expect(reader.unread[0]).toBe('ip rule printed what cannot be read')
    expect(reader.unread).toHaveLength(3)
  })

  test('is not read without its beginning or its end', () => {
    const reader = new Reader()
    expect([
      reader.whole('a', { timedOut: true }),
      reader.whole('b', { truncated: true }),
      reader.whole('c', {}),
    ]).toEqual([false, false, true])
    expect(reader.unread).toEqual(['a did not end', 'b printed too much'])
  })
})

test('a section whose command fails or is missing is null', () => {
  const section = sectionsOf('M neighbours\n[]\nM ok\nM sysctls\n/proc/x:1\nM rules\n[{}]\nM ok\n', 'M')
  expect([section('neighbours'), section('sysctls'), section('rules'), section('nft')]).toEqual([
    '[]\n',
    null,
    '[{}]\n',
    null,
  ])
})
