// Editors and the parser agree on what a topology looks like.

import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse as readYaml, stringify } from 'yaml'
import { LabError } from '../../../../src/errors.js'
import { resolveTopology } from '../../../../src/topology/resolve.js'
import { parseScenario } from '../../../../src/topology/scenario/parse.js'
import { scenarioJsonSchema, topologyJsonSchema } from '../../../../src/topology/schema/json-schema.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'
import type { Topology } from '../../../../src/topology/source/topology.js'
import * as patterns from '../../../../src/topology/values/patterns.js'
import { parsePrefix } from '../../../../src/topology/values/prefix.js'
import { runs } from '../../../support/effort.js'

const validate = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(
  topologyJsonSchema(),
)

const SHIPPED = new URL('../../../../topologies/', import.meta.url)
const DOCS = ['topology', 'links', 'contents', 'interfaces', 'routes', 'namespace-choice', 'scenarios'].map((page) =>
  readFileSync(new URL(`../../../../docs/${page}.md`, import.meta.url), 'utf8'),
)
const shipped = readdirSync(SHIPPED)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => readFileSync(new URL(file, SHIPPED), 'utf8'))
const documented = DOCS.flatMap((page) => [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)]).map(
  (match) => match[1] as string,
)

/** Messages of faults, or none for a topology that the parser takes. */
function faultsOf(text: string, then: (topology: Topology) => void = () => {}): string[] {
  try {
    const topology = parseTopology(text, {
      readIncluded: (path) => ({ file: path, identity: path, text: 'nodes: {included: {}}' }),
    })
    then(topology)
    return []
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    return error.issues?.map(({ message }) => message) ?? [error.message]
  }
}

/** For `then`. */
const resolved = (topology: Topology) => void resolveTopology(topology, { findSource: (path) => path })

const FORMS = [
  'emulation: wire\nnodes: {a: , b: }\nlinks: [{endpoints: [a, b], delay: 10ms, jitter: 2MS, loss: 0.5%, duplicate: 1 %, reorder: 1%, corrupt: none, rate: 1.5gbit, queue: 100, seed: 7, a: {rate: none, trace: x}, emulation: netem}]',
  'vars: {d: 1ms}\ndefaults: {link: {loss: {model: gemodel, p: 1%}, preset: webpagetest-3g}}\nnodes: {a: , b: }\nlinks: [{endpoints: [{node: a, delay: "${d}"}, "b:x"], "b:x": {queue: {kind: fifo, limit: 10kb}}}]',
  'nodes: {"h{i}": {repeat: 3}}\nlinks: [{repeat: 2, endpoints: [h1, h2, h3], "h{i}": {jitter: {amount: 1ms, distribution: {samples: x}}}, pairs: {"h{i} -> *": {loss: {probability: 1%, correlation: 5%}}, "* <-> h3": {queue: 5, rate: {rate: 1mbit, burst: 9kb, overhead: -4b}}}}]',
  'nodes: {a: , b: {}}\nlinks: ',
  'nodes: {a: {}, b: {}, c: {}}\nlinks: [[a, b], [a, b, c], {endpoints: [{node: a, mtu: 1400}, "b:x"]}]',
  'vars: {mtu: 1400, n: 2, x: , y: {env: Y}, z: {env: Z, default: true}}\nnodes: {"h{i}": {repeat: "${n}", kind: "${k:-host}"}}\nlinks: [{endpoints: [h1, h2], mtu: "${mtu}", count: "${n}"}]',
  'include: parts.yaml',
  'include: [a.yaml, b.yaml]\nnodes: {a: {}}',
  'kinds: {leaf: {extends: router}, bare: , router: {labels: {a: 1}}}\nnodes: {l: {kind: leaf}}',
  'defaults: {node: {kind: router, mtu: 9000}, link: {mtu: 9000}}\nnodes: {a: {mtu: {}}}',
  'nodes: {"r{i}-{j}": {repeat: {i: 1..2, j: [a, 3]}, mac: {}, addresses: {eth0: []}, loopback: ["192.0.2.{i}/32"]}, x: {repeat: 0}}',
  'nodes: {a: {env: {A: 1, B: true}, dns: [b], files: {/etc/x: "", /etc/y: {source: y, owner: 1}}, mounts: [{target: /m}], exec: [ls, [ls, /]]}}',
  'nodes: {a: {dns: {search: [x]}, hosts: {db: 192.0.2.1, www: [192.0.2.2]}}}',
  `nodes: {${'x'.repeat(63)}: {addresses: {ééééééé: [], "{i}": []}, mac: {eth0: "FE:dc:00:00:00:00"}}}`,
  'nodes: {a: {mounts: [{target: /m, size: 16M}], rules: [{fwmark: 0XFF/0xAb, table: 1}, {fwmark: "0000000001", table: 1}]}}',
  'nodes: {a: {nexthops: {4294967295: {blackhole: true}}, files: {/.x/..y/...: z, /process: "a\\nb"}, time: {boottime: -1d2h, monotonic: 1.5s}}}',
  'nodes: {a: {interfaces: {x: {kind: wireguard, peers: {b: {endpoint: "[2001:db8::1]:51820", keepalive: +10s}, "b:x": {endpoint: 192.0.2.1}}}}}}',
]

test.each([...shipped, ...documented, ...FORMS])('both accept\n%s', (text) => {
  const accepts = validate(readYaml(text))
  expect(validate.errors).toBeNull()
  expect(accepts).toBe(true)
  expect(faultsOf(text).filter(isOfShape)).toEqual([])
})

test.each([
  '[]',
  'name: x',
  'nodes: ',
  'nodes: []',
  'nodes: {a: 3}',
  'nodes: {a_b: {}}',
  'nodes: {a: {files: {etc: x}}}',
  'nodes: {a: {files: {/etc/x: {mode: "9"}}}}',
  'nodes: {a: {mounts: [{source: x}]}}',
  'nodes: {a: {exec: [[]]}}',
  'nodes: {a: {kind: []}}',
  'nodes: {a: {kidn: host}}',
  'nodes: {a: {addresses: [192.0.2.1/24]}}',
  'nodes: {a: {addresses: {eth0: 192.0.2.1/24}}}',
  'nodes: {a: {addresses: {eth0: [here]}}}',
  'nodes: {a: {addresses: {"eth/0": []}}}',
  'nodes: {a: {loopback: true}}',
  'nodes: {a: {mac: {eth0: x}}}',
  'nodes: {a: {mtu: 3}}',
  'nodes: {a: {mtu: {eth0: big}}}',
  'nodes: {a: {sysctls: {ip_forward: 1}}}',
  'nodes: {a: {labels: {a: [b]}}}',
  'nodes: {a: {routes: [{via: 192.0.2.1}]}}',
  'nodes: {a: {repeat: many}}',
  'nodes: {a: {repeat: -1}}',
  'nodes: {a: {repeat: {1x: 3}}}',
  'nodes: {a: {}}\nlinks: {}',
  'nodes: {a: {}}\nlinks: [a]',
  'nodes: {a: {}}\nlinks: [[]]',
  'nodes: {a: {}}\nlinks: [[a, {nod: a}]]',
  'nodes: {a: {}}\nlinks: [{endpoints: [a, a], count: 0}]',
  'nodes: {a: {}}\nlinks: [{endpoints: [a, a], mtu: big}]',
  'nodes: {a: {}}\nlinks: [{subnets: []}]',
  'nodes: {a: {}}\nlinks: [{endpoints: [a, a], delay: 10}]',
  'nodes: {a: {}}\nlinks: [{endpoints: [a, a], loss: {model: x}}]',
  'nodes: {a: {}}\nlinks: [{endpoints: [a, a], preset: wifi}]',
  'nodes: {a: {}}\nlinks: [{endpoints: [a, a], queue: 0}]',
  'nodes: {a: {}}\nlinks: [{endpoints: [a, a, a], pairs: {a: {}}}]',
  'nodes: {a: {}}\nlinks: [{endpoints: [a, a], delya: 10ms}]',
  'nodes: {a: {}}\nlinks: [{endpoints: [a, a], a: {delya: 10ms}}]',
  'nodes: {a: {}}\nrouting: maybe',
  'nodes: {a: {}}\nfamilies: [5]',
  'nodes: {a: {}}\nfamilies: []',
  'nodes: {a: {}}\npools: {ipv5: {}}',
  'nodes: {a: {}}\npools: {ipv4: {links: "fd00::/64"}}',
  'nodes: {a: {}}\npools: {ipv6: {links: 10.0.0.0/8}}',
  'nodes: {a: {}}\nvars: {1a: 2}',
  'nodes: {a: {}}\nvars: {a: [2]}',
  'nodes: {a: {}}\nvars: {a: {default: 2}}',
  'nodes: {a: {}}\ninclude: {}',
  'nodes: {a: {}}\nkinds: {leaf: {kind: host}}',
  'nodes: {a: {}}\nkinds: {leaf: {extends: []}}',
  'nodes: {a: {}}\ndefaults: {nodes: {}}',
  'nodes: {a: {}}\ndefaults: {link: {endpoints: [a, a]}}',
  `nodes: {${'x'.repeat(64)}: {}}`,
  `nodes: {a: {hostname: ${'x'.repeat(64)}}}`,
  `nodes: {a: {domainname: ${'x'.repeat(65)}}}`,
  'nodes: {a: {domainname: "a b"}}',
  'nodes: {a: {loopback: [10.0.0.1/33]}}',
  'nodes: {a: {loopback: [10.0.0.999/32]}}',
  'nodes: {a: {loopback: ["2001:db8::1/129"]}}',
  'nodes: {a: {loopback: [127.0.0.1/32, 224.0.0.1/32, "ff02::1/128"]}}',
  'nodes: {a: {mac: {eth0: "01:00:00:00:00:01"}}}',
  'nodes: {a: {mac: {eth0: "00:00:00:00:00:00"}}}',
  'nodes: {a: {routes: [{to: default, via: 1.2.3}]}}',
  'nodes: {a: {routes: [{to: 1.2.3.4, via: 1.2.3.4}]}}',
  'nodes: {a: {routes: [{to: default, via: "1::2::3"}]}}',
  'nodes: {a: {hosts: {x: 1.2.3.400}}}',
  'nodes: {a: {rules: [{fwmark: "9999999999", table: 1}]}}',
  'nodes: {a: {nexthops: {4294967296: {blackhole: true}}}}',
  'nodes: {a: {addresses: {all: []}}}',
  'nodes: {a: {addresses: {éééééééé: []}}}',
  'nodes: {a: {addresses: {"a\\tb": []}}}',
  'nodes: {a: {files: {/proc/x: y}}}',
  'nodes: {a: {files: {/a/../b: y}}}',
  'nodes: {a: {files: {/a/: y}}}',
  'nodes: {a: {files: {/a: "x\\0y"}}}',
  'nodes: {a: {files: {/a: {content: x, owner: "a b"}}}}',
  'nodes: {a: {mounts: [{target: /a, source: ""}]}}',
  'nodes: {a: {interfaces: {x: {kind: gre, remote: ""}}}}',
  'nodes: {a: {interfaces: {x: {kind: gre, remote: 1.2.3.4, local: "a b"}}}}',
  'nodes: {a: {interfaces: {x: {kind: wireguard, peers: {b: {keepalive: 0s}}}}}}',
  'nodes: {a: {interfaces: {x: {kind: wireguard, peers: {b_c: {}}}}}}',
  'nodes: {a: {interfaces: {x: {kind: wireguard, peers: {b: {endpoint: "1.2.3.4:65536"}}}}}}',
  'nodes: {a: {time: {boottime: x}}}',
  'include: []',
  'nodes: {}',
])('both refuse\n%s', (text) => {
  expect(validate(readYaml(text))).toBe(false)
  expect(faultsOf(text)).not.toEqual([])
})

/** What the parser alone refuses: it takes several values to see, arithmetic, or what the file has elsewhere. */
test.each([
  ['host bits', 'nodes: {a: {routes: [{to: 192.0.2.1/24, dev: eth0}]}}'],
  ['an address in a form that stands for another family', 'nodes: {a: {loopback: ["::ffff:0:1/128"]}}'],
  ['bytes of a name in which letters have some', 'nodes: {a: {addresses: {aaaaaaaaaaaaaéé: []}}}'],
  ['which of two numbers is greater', 'nodes: {a: {repeat: 5..1}}'],
  ['how far a duration is', 'nodes: {a: {time: {boottime: 99999999w}}}'],
  ['whole seconds', 'nodes: {a: {interfaces: {x: {kind: wireguard, peers: {b: {keepalive: 1500ms}}}}}}'],
  ['variables that no `repeat` has', 'nodes: {a: {mtu: "{a}"}}'],
  ['variables that are not declared', 'nodes: {a: {mtu: "${a}"}}'],
  ['kinds that are not there', 'nodes: {a: {kind: leaf}}'],
  ['where a range of ids ends', 'nodes: {a: {users: {map: [{inside: 0, outside: 4294967294, count: 2}]}}}'],
])('only the parser sees %s', (_, text) => {
  expect(validate(readYaml(text))).toBe(true)
  expect(faultsOf(text)).not.toEqual([])
})

/** Characters of addresses, as they come, and addresses of which something is changed. */
const addressLike = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefF.:/'), maxLength: 24 }),
  fc.ipV6(),
  fc.ipV4(),
  fc
    .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 140 }))
    .map(([address, length]) => `${address}/${length}`),
  fc
    .tuple(fc.ipV6(), fc.nat(40), fc.constantFrom(':', '::', '.', '0', 'f', '', '1.2.3.4', ':01.2.3.4', '::0x1.2.3.4'))
    .map(([address, at, text]) => address.slice(0, at) + text + address.slice(at + 1)),
)

test('both know an address, and one with its length', () => {
  fc.assert(
    fc.property(addressLike, (text) => {
      expect(patterns.ADDRESS.test(text), text).toBe(!text.includes('/') && parsePrefix(text) !== null)
      expect(patterns.PREFIX.test(text), text).toBe(text.includes('/') && parsePrefix(text) !== null)
    }),
    runs(4000),
  )
})

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** What is told of a wrong shape, in contrast to a value that does not fit another. */
const isOfShape = (message: string) => /^(?:expected |unknown key |the key)/.test(message)

/** Editors take an unknown key of a link for the name of an end, if its value is a map. */
function isLikeEnd(message: string, value: Json): boolean {
  const [, key = ''] = /^(?:unknown key (\S+?)(?:;|$)|expected a map of what (\S+) sends)/.exec(message) ?? []
  const { links } = value as { links?: unknown }
  return Array.isArray(links) && links.some((link) => typeof link?.[key] === 'object')
}

const seeds = [...shipped, ...documented, ...FORMS.slice(0, 2)].map((text) => readYaml(text) as Json)
const others = fc.constantFrom<Json>(
  null,
  true,
  0,
  -1,
  1.5,
  1400,
  '',
  'x',
  'eth0',
  'default',
  [],
  ['x'],
  [4],
  {},
  { x: 1 },
  { node: 'a' },
)

/** Replaces, removes or adds one value somewhere in it. */
function mutated(value: Json, steps: readonly number[], other: Json, action: number): Json {
  const [step = 0, ...rest] = steps
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
  if (steps.length === 0 || keys.length === 0) return other
  const copy = structuredClone(value) as Record<string, Json>
  const key = keys[step % keys.length] as string
  if (rest.length > 0) copy[key] = mutated(copy[key] as Json, rest, other, action)
  else if (action === 0) copy[key] = other
  else if (action === 1 && !Array.isArray(copy)) delete copy[key]
  else if (!Array.isArray(copy)) copy[`${key}x`] = other
  return copy
}

describe('a topology with one thing in it changed', () => {
  const cases = fc.tuple(
    fc.constantFrom(...seeds),
    fc.array(fc.nat(), { maxLength: 5 }),
    others,
    fc.integer({ min: 0, max: 2 }),
  )

  test('is refused by editors only when the parser refuses it, and whenever its shape is wrong', () => {
    fc.assert(
      fc.property(cases, ([seed, steps, other, action]) => {
        const value = mutated(seed, steps, other, action)
        const text = stringify(value, { aliasDuplicateObjects: false })
        const faults = faultsOf(text)
        const accepts = validate(value)
        const context = `${JSON.stringify(value)}\n${faults.join('\n')}\n${JSON.stringify(validate.errors)}`
        // A LAN is a node, so that a lab without nodes may have one until its endpoints are looked for.
        if (!accepts && faults.length === 0) expect(faultsOf(text, resolved), context).not.toEqual([])
        // What a variable stands for, an editor does not know.
        const isFilledIn = (message: string) => / \([A-Za-z_]+ = .*\)$/.test(message)
        if (faults.some((message) => isOfShape(message) && !isFilledIn(message) && !isLikeEnd(message, value)))
          expect(accepts, context).toBe(false)
      }),
      {
        ...runs(800),
        examples: [[[{ nodes: { a: {} }, links: [{ endpoints: ['a', 'b', 'c'] }] }, [0], {}, 0]]],
      },
    )
  })
})

describe('scenarios', () => {
  const check = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(
    scenarioJsonSchema(),
  )
  const accepts = (text: string) => {
    const isAccepted = check(readYaml(text))
    let isParsed = true
    try {
      parseScenario(text)
    } catch {
      isParsed = false
    }
    return [isAccepted, isParsed]
  }
  const files = [
    readFileSync(new URL('scenarios/wan-sites.yaml', SHIPPED), 'utf8'),
    ...DOCS.flatMap((page) => [...page.matchAll(/^```yaml scenario\n([\s\S]*?)^```/gm)].map(([, text = '']) => text)),
    'steps: [{ at: 1m30s, pause: all }, { at: "{i}s", resume: [a, 1], repeat: 3 }]',
  ]

  test.each(files)('%#: what the parser takes, the schema takes', (text) => expect(accepts(text)).toEqual([true, true]))

  test.each([
    'steps: []',
    'steps: [{ at: 5x, down: a }]',
    'steps: [{ at: 5s, dwon: a }]',
    'steps: [{ at: 5s, down: "a b" }]',
    'steps: [{ at: 5s, set: { a: { delay: 5 } } }]',
    'steps: [{ at: 5s, expect: { from: a, to: b, result: maybe } }]',
    'step: []',
  ])('%s: neither takes it', (text) => expect(accepts(text)).toEqual([false, false]))
})
