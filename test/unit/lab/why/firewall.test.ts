import { describe, expect, test } from 'vitest'
import { fault } from '../../../../src/lab/why/fault.js'
import { parseIptables } from '../../../../src/lab/why/firewall/iptables.js'
import { parseNft } from '../../../../src/lab/why/firewall/nft.js'
import type { Packet } from '../../../../src/lab/why/firewall/packet.js'
import type { Json, Ruleset } from '../../../../src/lab/why/firewall/ruleset.js'
import { type Hook, judge } from '../../../../src/lab/why/firewall/verdict.js'
import { downFault } from '../../../../src/lab/why/obstacles.js'
import { quoted } from '../../../../src/plan/say/shell.js'

const PING: Packet = {
  ...{ family: 4, from: '10.0.0.1', to: '10.0.0.5', protocol: 'icmp', icmp: 'echo-request', sport: null, dport: null },
  ...{ flags: [], state: 'new', mark: 0, iif: 'eth0', oif: 'eth1' },
}
const WEB: Packet = { ...PING, protocol: 'tcp', icmp: null, dport: 80, flags: ['syn'] }
const DNS6: Packet = { ...PING, family: 6, from: 'fd00::1', to: 'fd00::5', protocol: 'udp', icmp: null, dport: 53 }

interface Base {
  name?: string
  hook?: string
  priority?: number
  policy?: 'accept' | 'drop'
  family?: string
}

/** A chain, and rules of which each is a list of statements. */
function chain(
  { name = 'c', hook, priority = 0, policy = 'accept', family = 'inet' }: Base,
  ...rules: Json[][]
): Json[] {
  const base = hook === undefined ? {} : { type: 'filter', hook, prio: priority, policy }
  return [
    { chain: { family, table: 'f', name, ...base } },
    ...rules.map((expr, index) => ({ rule: { family, table: 'f', chain: name, handle: 10 + index, expr } })),
  ]
}

const rulesetOf = (...objects: Json[]): Ruleset => parseNft(JSON.stringify({ nftables: objects }), '')
const field = (protocol: string, name: string): Json => ({ payload: { protocol, field: name } })
const is = (left: Json, right: Json, op = '=='): Json => ({ match: { op, left, right } })
const DROP: Json = { drop: null }
const ACCEPT: Json = { accept: null }

const told = (ruleset: Ruleset, packet: Packet, hook: Hook = 'forward') => {
  const { dropped, suspects } = judge(ruleset, ['inet', packet.family === 4 ? 'ip' : 'ip6'], hook, packet)
  const typed = (words: readonly string[] | null | undefined) => words?.map(quoted).join(' ')
  return dropped ? `drop ${typed(dropped.remedy)}` : suspects[0] ? `perhaps ${typed(suspects[0].remedy)}` : 'pass'
}
const forward = (...rules: Json[][]): Ruleset => rulesetOf(...chain({ hook: 'forward' }, ...rules))
const BY_RULE = 'drop nft delete rule inet f c handle 10'

describe('a condition', () => {
  const dport = field('tcp', 'dport')
  const saddr = field('ip', 'saddr')
  test.each<[string, Json, Packet, string]>([
    ['of the port', is(dport, 80), WEB, BY_RULE],
    ['of another port', is(dport, 81), WEB, 'pass'],
    ['of a port, for a ping', is(dport, 80), PING, 'pass'],
    ['of a port that it is not, for a ping', is(dport, 81, '!='), PING, 'pass'],
    ['of a set of ports and ranges', is(dport, { set: [22, { range: [79, 90] }] }), WEB, BY_RULE],
    ['of any transport protocol', is(field('th', 'dport'), 53), DNS6, BY_RULE],
    [
      'of a source port among those that the kernel chooses',
      is(field('tcp', 'sport'), { range: [1024, 65535] }),
      WEB,
      BY_RULE,
    ],
    ['of a source port that the kernel never chooses', is(field('tcp', 'sport'), 80), WEB, 'pass'],
    [
      'of one source port that it may choose',
      is(field('tcp', 'sport'), 40_000),
      WEB,
      BY_RULE.replace('drop', 'perhaps'),
    ],
    ['of a prefix', is(saddr, { prefix: { addr: '10.0.0.0', len: 30 } }), WEB, BY_RULE],
    ['of another prefix', is(saddr, { prefix: { addr: '10.0.1.0', len: 24 } }), WEB, 'pass'],
    ['of IPv4, for IPv6', is(saddr, { prefix: { addr: '0.0.0.0', len: 0 } }), DNS6, 'pass'],
    ['of an IPv6 prefix', is(field('ip6', 'daddr'), { prefix: { addr: 'fd00::', len: 64 } }), DNS6, BY_RULE],
    ['of an interface by its beginning', is({ meta: { key: 'iifname' } }, 'eth*'), WEB, BY_RULE],
    ['of another interface than one', is({ meta: { key: 'oifname' } }, 'eth1', '!='), WEB, 'pass'],
    ['of the protocol', is({ meta: { key: 'l4proto' } }, { set: ['icmp', 'udp'] }), PING, BY_RULE],
    ['of an ICMP type', is(field('icmp', 'type'), 'echo-reply'), PING, 'pass'],
    ['of the state', is({ ct: { key: 'state' } }, ['established', 'related'], 'in'), WEB, 'pass'],
    ['of TCP flags', is({ '&': [field('tcp', 'flags'), ['fin', 'syn', 'rst', 'ack']] }, 'syn'), WEB, BY_RULE],
    ['of one of the TCP flags', is(field('tcp', 'flags'), 'ack', 'in'), WEB, 'pass'],
    ['of a mark that is not set', is({ '&': [{ meta: { key: 'mark' } }, 255] }, 16), WEB, 'pass'],
    [
      'of several fields at once',
      is({ concat: [saddr, dport] }, { set: [{ concat: ['10.0.0.1', 80] }] }),
      WEB,
      BY_RULE,
    ],
    [
      'of several fields, one different',
      is({ concat: [saddr, dport] }, { set: [{ concat: ['10.0.0.1', 81] }] }),
      WEB,
      'pass',
    ],
    ['of less than a number', is(dport, 1024, '<'), WEB, BY_RULE],
    [
      'that cannot be examined',
      is({ fib: { result: 'oif', flags: ['saddr'] } }, false),
      WEB,
      BY_RULE.replace('drop', 'perhaps'),
    ],
    ['of a rate', { limit: { rate: 1, per: 'second' } }, WEB, BY_RULE.replace('drop', 'perhaps')],
  ])('%s', (_, condition, packet, expected) => {
    expect(told(forward([condition, DROP]), packet)).toBe(expected)
  })
})

describe('chains', () => {
  test('of lower priority come first, and what one accepts another may drop', () => {
    const first = chain({ name: 'a', hook: 'forward', priority: 10 }, [DROP])
    const second = chain({ name: 'b', hook: 'forward', priority: -10 }, [ACCEPT])
    expect(told(rulesetOf(...first, ...second), PING)).toBe('drop nft delete rule inet f a handle 10')
  })

  test('of other hooks and families do not count', () => {
    const input = chain({ name: 'a', hook: 'input', policy: 'drop' })
    const six = chain({ name: 'b', hook: 'forward', family: 'ip6', policy: 'drop' })
    expect(told(rulesetOf(...input, ...six), PING)).toBe('pass')
    expect(told(rulesetOf(...input, ...six), DNS6)).toBe("drop nft 'chain ip6 f b { policy accept; }'")
  })

  test('a jump comes back, and goto ends at the policy', () => {
    const sub = chain({ name: 'sub' }, [is(field('tcp', 'dport'), 22), DROP])
    const jump = chain({ hook: 'forward', policy: 'drop' }, [{ jump: { target: 'sub' } }], [ACCEPT])
    const go = chain({ hook: 'forward', policy: 'drop' }, [{ goto: { target: 'sub' } }], [ACCEPT])
    expect(told(rulesetOf(...sub, ...jump), WEB)).toBe('pass')
    expect(told(rulesetOf(...sub, ...go), WEB)).toBe("drop nft 'chain inet f c { policy accept; }'")
    expect(told(rulesetOf(...sub, ...jump), { ...WEB, dport: 22 })).toBe('drop nft delete rule inet f sub handle 10')
  })

  test('return goes on in the chain before', () => {
    const sub = chain({ name: 'sub' }, [is(field('tcp', 'dport'), 80), { return: null }], [DROP])
    const base = chain({ hook: 'forward' }, [{ jump: { target: 'sub' } }])
    expect(told(rulesetOf(...sub, ...base), WEB)).toBe('pass')
    expect(told(rulesetOf(...sub, ...base), PING)).toBe('drop nft delete rule inet f sub handle 11')
  })

  test('what follows a rule that may accept only may drop', () => {
    const rules = forward([{ limit: { rate: 1, per: 'second' } }, ACCEPT], [DROP])
    expect(told(rules, PING)).toBe('perhaps nft delete rule inet f c handle 11')
  })

  test('of a device see the packets of that device', () => {
    const object = {
      chain: {
        family: 'netdev',
        table: 'f',
        name: 'i',
        type: 'filter',
        hook: 'ingress',
        dev: 'eth0',
        prio: 0,
        policy: 'drop',
      },
    }
    const at = (iif: string) => judge(rulesetOf(object), ['netdev'], 'ingress', { ...PING, iif }).dropped?.text
    expect([at('eth0'), at('eth1')]).toEqual(['chain netdev f i: policy drop', undefined])
  })
})

describe('sets and maps', () => {
  const set = (kind: string, name: string, elem: Json[]): Json => ({
    [kind]: { family: 'inet', table: 'f', name, elem },
  })
  test('a named set with intervals and timeouts', () => {
    const elements = [{ elem: { val: '10.9.0.1', timeout: 60 } }, { range: ['10.0.0.0', '10.0.0.3'] }]
    const rules = chain({ hook: 'forward' }, [is(field('ip', 'saddr'), '@s'), DROP])
    expect(told(rulesetOf(set('set', 's', elements), ...rules), PING)).toBe(BY_RULE)
    expect(told(rulesetOf(set('set', 's', elements), ...rules), { ...PING, from: '10.0.0.4' })).toBe('pass')
  })

  test('a verdict map, named and in place', () => {
    const verdicts: Json[] = [
      [22, ACCEPT],
      [80, DROP],
    ]
    const named = chain({ hook: 'forward' }, [{ vmap: { key: field('tcp', 'dport'), data: '@m' } }])
    const placed = chain({ hook: 'forward', policy: 'drop' }, [
      { vmap: { key: field('tcp', 'dport'), data: { set: verdicts } } },
    ])
    expect(told(rulesetOf(set('map', 'm', verdicts), ...named), WEB)).toBe(BY_RULE)
    expect(told(rulesetOf(...placed), { ...WEB, dport: 22 })).toBe('pass')
    expect(told(rulesetOf(...placed), { ...WEB, dport: 23 })).toBe("drop nft 'chain inet f c { policy accept; }'")
  })

  test('states by a map, as common rulesets have them', () => {
    const states = {
      vmap: {
        key: { ct: { key: 'state' } },
        data: {
          set: [
            ['invalid', DROP],
            ['established', ACCEPT],
          ],
        },
      },
    }
    const rules = rulesetOf(...chain({ hook: 'forward', policy: 'drop' }, [states]))
    const by = (state: Packet['state']) => told(rules, { ...WEB, state })
    expect(by('established')).toBe('pass')
    expect(by('invalid')).toBe(BY_RULE)
    expect(by('new')).toBe("drop nft 'chain inet f c { policy accept; }'")
  })
})

test('a mark that a rule sets counts in the chains after it', () => {
  const mark = { mangle: { key: { meta: { key: 'mark' } }, value: 16 } }
  const first = chain({ name: 'a', hook: 'forward', priority: -1 }, [mark])
  const second = chain({ name: 'b', hook: 'forward' }, [is({ meta: { key: 'mark' } }, 16), DROP])
  expect(told(rulesetOf(...first, ...second), PING)).toBe('drop nft delete rule inet f b handle 10')
})

test('address translation says what becomes of the packet', () => {
  const object = { chain: { family: 'ip', table: 'f', name: 'n', type: 'nat', hook: 'prerouting', prio: -100 } }
  const rule = {
    rule: {
      family: 'ip',
      table: 'f',
      chain: 'n',
      handle: 1,
      expr: [is(field('tcp', 'dport'), 80), { dnat: { addr: '10.0.0.9', port: 8080 } }],
    },
  }
  const at = (packet: Packet) => judge(rulesetOf(object, rule), ['ip'], 'prerouting', packet).translated
  expect(at(WEB)).toEqual({ end: 'destination', address: '10.0.0.9', port: 8080 })
  expect(at(PING)).toBeNull()
  expect(at({ ...WEB, state: 'established' })).toBeNull()
})

describe('iptables-save', () => {
  const SAVED = `# Generated by iptables-save v1.8.9
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:SUB - [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -s 10.0.0.0/24 -d 10.0.0.5/32 -p tcp -m tcp --dport 80 -m comment --comment "no web" -j DROP
-A FORWARD -p tcp -m multiport --dports 443,1000:2000 -j REJECT --reject-with tcp-reset
-A FORWARD -i eth+ ! -o eth2 -j SUB
-A FORWARD -p udp -m length --length 100:200 -j DROP
-A SUB -p icmp -m icmp --icmp-type 8 -j DROP
COMMIT
`
  const rules = parseIptables(SAVED, 'iptables-legacy', 4)
  test.each<[string, Packet, Hook, string]>([
    [
      'a port',
      WEB,
      'forward',
      "drop iptables-legacy -t filter -D FORWARD -s 10.0.0.0/24 -d 10.0.0.5/32 -p tcp -m tcp --dport 80 -m comment --comment 'no web' -j DROP",
    ],
    ['a state', { ...WEB, state: 'established' }, 'forward', 'pass'],
    [
      'one of several ports',
      { ...WEB, dport: 1500 },
      'forward',
      'drop iptables-legacy -t filter -D FORWARD -p tcp -m multiport --dports 443,1000:2000 -j REJECT --reject-with tcp-reset',
    ],
    ['none of them', { ...WEB, dport: 2001 }, 'forward', 'pass'],
    [
      'a type in a chain of its own',
      PING,
      'forward',
      'drop iptables-legacy -t filter -D SUB -p icmp -m icmp --icmp-type 8 -j DROP',
    ],
    ['a policy', PING, 'input', 'drop iptables-legacy -t filter -P INPUT ACCEPT'],
    [
      'a match that is not known',
      { ...WEB, protocol: 'udp', dport: 9 },
      'forward',
      'perhaps iptables-legacy -t filter -D FORWARD -p udp -m length --length 100:200 -j DROP',
    ],
  ])('%s', (_, packet, hook, expected) => {
    expect(told(rules, packet, hook)).toBe(expected)
  })
})

describe('what other programs put into names and comments', () => {
  const blamed = (line: string) =>
    judge(
      parseIptables(`*filter\n:FORWARD ACCEPT [0:0]\n${line}\nCOMMIT\n`, 'iptables-legacy', 4),
      ['ip'],
      'forward',
      PING,
    ).dropped
  const about = { about: 'firewall', code: 'firewall-drop', node: 'r1', evidence: '', words: '' }
  test('is one word of the remedy, as the rule has it', () => {
    const remedy =
      blamed(String.raw`-A FORWARD -m comment --comment "$(touch /tmp/x) \" \' \\" -j DROP`)?.remedy ?? null
    expect(remedy?.slice(4)).toEqual(['FORWARD', '-m', 'comment', '--comment', `$(touch /tmp/x) " ' \\`, '-j', 'DROP'])
    expect(fault({ ...about, remedy }).cause.remedy).toBe(
      String.raw`iptables-legacy -t filter -D FORWARD -m comment --comment '$(touch /tmp/x) " '\'' \' -j DROP`,
    )
  })

  test('is no second rule, and no remedy where it has a line end or an escape', () => {
    const remedy = blamed('-A FORWARD -m comment --comment "a\n-A FORWARD -j ACCEPT" -j DROP')?.remedy ?? null
    expect(remedy?.at(-3)).toBe('a\n-A FORWARD -j ACCEPT')
    expect(fault({ ...about, remedy }).cause.remedy).toBeNull()
    expect(fault({ ...about, remedy: ['ip', 'link', 'set', 'dev', 'a\u001b[2J'] }).cause.remedy).toBeNull()
  })

  test('is quoted where it is the name of an interface', () => {
    expect(downFault({ node: 'r1', interface: '$(id>x)' }).cause.remedy).toBe("ip link set dev '$(id>x)' up")
  })

  test('is no command of nft, which parses its words again', () => {
    const object = {
      chain: { family: 'ip', table: 'f; flush ruleset', name: 'c', type: 'filter', hook: 'forward', policy: 'drop' },
    }
    expect(judge(rulesetOf(object), ['ip'], 'forward', PING).dropped?.remedy).toBeNull()
  })

  test('does not say whether a rule rejects', () => {
    expect(blamed('-A FORWARD -m comment --comment REJECT -j DROP')?.rejects).toBe(false)
    expect(blamed('-A FORWARD -j REJECT --reject-with icmp-port-unreachable')?.rejects).toBe(true)
  })
})

describe('a table that is dormant', () => {
  const drops = { chain: { family: 'ip', table: 'f', name: 'c', type: 'filter', hook: 'forward', policy: 'drop' } }
  const judged = (table: Json, listing: string) =>
    judge(parseNft(JSON.stringify({ nftables: [{ table }, drops] }), listing), ['ip'], 'forward', PING).dropped !== null
  test('drops nothing', () => {
    expect(judged({ family: 'ip', name: 'f', flags: ['dormant'] }, '')).toBe(false)
    expect(judged({ family: 'ip', name: 'f', flags: 'dormant' }, '')).toBe(false)
    expect(judged({ family: 'ip', name: 'f' }, '')).toBe(true)
  })

  test('is one by the words of nft where its JSON has the name in place of the flags', () => {
    const listing = 'table ip g {\n}\ntable ip f { # handle 1\n\tflags dormant\n\n\tchain c {\n\t}\n}\n'
    expect(judged({ family: 'ip', name: 'f', flags: 'f' }, listing)).toBe(false)
    expect(judged({ family: 'ip', name: 'f', flags: 'f' }, listing.replace('ip f', 'ip h'))).toBe(true)
  })
})

describe('connection tracking', () => {
  const raw = chain({ name: 'raw', hook: 'prerouting', priority: -300 }, [{ notrack: null }])
  const late = chain({ name: 'late', hook: 'prerouting', priority: 0 }, [{ notrack: null }])
  const last = chain({ name: 'last', hook: 'prerouting', priority: 10 }, [
    is({ ct: { key: 'state' } }, ['untracked'], 'in'),
    DROP,
  ])
  test('is left out by a rule before it, and only then', () => {
    expect(told(rulesetOf(...raw, ...last), PING, 'prerouting')).toBe('drop nft delete rule inet f last handle 10')
    expect(told(rulesetOf(...late, ...last), PING, 'prerouting')).toBe('pass')
  })

  test('is left out by iptables too', () => {
    for (const words of ['CT --notrack', 'NOTRACK']) {
      const saved = `*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p icmp -j ${words}\nCOMMIT\n`
      expect(judge(parseIptables(saved, 'iptables-nft', 4), ['ip'], 'prerouting', PING).isUntracked).toBe(true)
    }
  })
})

test('rules are quoted as nft prints them', () => {
  const listing =
    'table inet f { # handle 1\n\tchain c { # handle 1\n\t\ttype filter hook forward priority filter; policy accept;\n\t\ttcp dport 80  counter packets 0 bytes 0 drop # handle 10\n\t}\n}\n'
  const document = JSON.stringify({ nftables: chain({ hook: 'forward' }, [is(field('tcp', 'dport'), 80), DROP]) })
  expect(judge(parseNft(document, listing), ['inet'], 'forward', WEB).dropped?.text).toBe(
    'tcp dport 80 counter packets 0 bytes 0 drop',
  )
})
