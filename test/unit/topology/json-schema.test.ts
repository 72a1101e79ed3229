// Editors and the parser agree on what a topology looks like.
import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse as readYaml, stringify } from 'yaml'
import { LabError } from '../../../src/errors.js'
import { topologyJsonSchema } from '../../../src/topology/json-schema.js'
import { parseTopology } from '../../../src/topology/parse.js'

const validate = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(
  topologyJsonSchema(),
)

const SHIPPED = new URL('../../../topologies/', import.meta.url)
const DOCS = ['topology', 'contents', 'interfaces', 'routes'].map((page) =>
  readFileSync(new URL(`../../../docs/${page}.md`, import.meta.url), 'utf8'),
)
const shipped = readdirSync(SHIPPED)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => readFileSync(new URL(file, SHIPPED), 'utf8'))
const documented = DOCS.flatMap((page) => [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)]).map(
  (match) => match[1] as string,
)

/** Messages of faults, or none for a topology that the parser takes. */
function faultsOf(text: string): string[] {
  try {
    parseTopology(text, {
      readIncluded: (path) => ({ file: path, identity: path, text: 'nodes: {included: {}}' }),
      findSource: (path) => path,
    })
    return []
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    return error.issues?.map(({ message }) => message) ?? [error.message]
  }
}

const FORMS = [
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
  'nodes: {a: {kind: 3}}',
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
  'nodes: {a: {}}\nlinks: [[a]]',
  'nodes: {a: {}}\nlinks: [[a, {nod: a}]]',
  'nodes: {a: {}}\nlinks: [{endpoints: [a, a], count: 0}]',
  'nodes: {a: {}}\nlinks: [{endpoints: [a, a], mtu: big}]',
  'nodes: {a: {}}\nlinks: [{subnets: []}]',
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
  'nodes: {a: {}}\nkinds: {leaf: {extends: 3}}',
  'nodes: {a: {}}\ndefaults: {nodes: {}}',
  'nodes: {a: {}}\ndefaults: {link: {endpoints: [a, a]}}',
])('both refuse\n%s', (text) => {
  expect(validate(readYaml(text))).toBe(false)
  expect(faultsOf(text)).not.toEqual([])
})

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** What is told of a wrong shape, in contrast to a value that does not fit another. */
const isOfShape = (message: string) => /^(?:expected |unknown key |the key)/.test(message)

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
        const faults = faultsOf(stringify(value, { aliasDuplicateObjects: false }))
        const accepts = validate(value)
        const context = `${JSON.stringify(value)}\n${faults.join('\n')}\n${JSON.stringify(validate.errors)}`
        if (!accepts) expect(faults, context).not.toEqual([])
        // What a variable stands for, an editor does not know.
        const isFilledIn = (message: string) => / \([A-Za-z_]+ = .*\)$/.test(message)
        if (faults.some((message) => isOfShape(message) && !isFilledIn(message))) expect(accepts, context).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })
})
