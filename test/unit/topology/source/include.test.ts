// `include`: files that a topology builds on, each fault told in the file it is in.
import { expect, test } from 'vitest'
import { filesFrom, issuesOf, linksOf, nodeOf, parse, resolve, shown } from '../support.js'

test('a file goes over what it includes: maps are merged, links come after, variables are shared', () => {
  const readIncluded = filesFrom({
    'kinds.yaml': 'vars: {mtu: 1300}\nkinds: {leaf: {extends: router}}\ndefaults: {link: {mtu: "${mtu}"}}',
    'core.yaml':
      'include: kinds.yaml\nnodes: {r1: {kind: leaf, labels: {a: x, b: x}}, r2: {kind: leaf}}\nlinks: [[r1, r2]]',
  })
  const lab = resolve(
    'include: [core.yaml, kinds.yaml]\nvars: {mtu: 1400}\nnodes: {r1: {labels: {b: "y"}}, h1: {}}\nlinks: [[h1, r1]]',
    {
      readIncluded,
    },
  )
  expect(linksOf(lab)).toEqual(['r1:eth0–r2:eth0', 'h1:eth0–r1:eth1'])
  expect(lab.links.map(({ mtu }) => mtu)).toEqual([1400, 1400])
  expect(nodeOf(lab, 'r1')).toMatchObject({ kind: 'router', labels: { a: 'x', b: 'y' } })
})

test('a file that two others include counts once', () => {
  const readIncluded = filesFrom({
    'a.yaml': 'include: base.yaml',
    'b.yaml': 'include: base.yaml',
    'base.yaml': 'nodes: {x: {}, y: {}}\nlinks: [[x, y]]',
  })
  expect(parse('include: [a.yaml, b.yaml]', { readIncluded }).links).toHaveLength(1)
})

test('faults name the file they are in, with the topology first', () => {
  const readIncluded = filesFrom({ 'part.yaml': 'nodes:\n  h1: {kidn: host}\n' })
  expect(shown('include: part.yaml\nnodes: {h2: {kidn: host}}\n', { readIncluded })).toEqual([
    '2:14 nodes.h2.kidn: unknown key kidn; did you mean kind?',
    'part.yaml:2:8 nodes.h1.kidn: unknown key kidn; did you mean kind?',
  ])
})

test('a loop is refused, with the chain of files', () => {
  const readIncluded = filesFrom({
    'a.yaml': '\ninclude: b.yaml',
    'b.yaml': 'include: [c.yaml]',
    'c.yaml': 'include: a.yaml',
  })
  expect(shown('include: a.yaml\nnodes: {x: {}}', { readIncluded })).toEqual([
    'c.yaml:1:10 include: files include each other in a loop: a.yaml → b.yaml → c.yaml → a.yaml',
  ])
  expect(
    shown('include: me.yaml\nnodes: {x: {}}', { readIncluded: filesFrom({ 'me.yaml': 'include: me.yaml' }) }),
  ).toEqual(['me.yaml:1:10 include: files include each other in a loop: me.yaml → me.yaml'])
})

test('a chain without a loop ends somewhere', () => {
  const readIncluded = (path: string) => ({ file: path, identity: path, text: `include: ${path}x` })
  expect(shown('include: a\nnodes: {x: {}}', { readIncluded })).toEqual([
    expect.stringMatching(/^ax{15,}:1:10 include: files include each other over 16 deep$/),
  ])
  const wide = (path: string) => ({ file: path, identity: path, text: '# nothing' })
  const many = Array.from({ length: 1500 }, (_, at) => `f${at}`).join(', ')
  expect(shown(`include: [${many}]\nnodes: {x: {}}`, { readIncluded: wide })[0]).toMatch(
    /over 1000, or have over \d+ characters/,
  )
})

test.each([
  ['include: none.yaml\nnodes: {x: {}}', '1:10 include: cannot read none.yaml: ENOENT'],
  [
    'include: "${x}.yaml"\nnodes: {x: {}}',
    '1:10 include: files are included before variables have values; write the name of the file',
  ],
  ['include: {a: b}\nnodes: {x: {}}', '1:10 include: expected a text or a list, got a map'],
  ['include: bad.yaml\nnodes: {x: {}}', 'bad.yaml:1:8 : this { is not closed'],
  ['include: list.yaml\nnodes: {x: {}}', 'list.yaml:1:1 : an included file is a map of the same keys as a topology'],
  ['include: odd.yaml\nnodes: {x: {}}', 'odd.yaml:1:11 include.0: a file to include is named by a text'],
  ['include: empty.yaml', '1:1 nodes: the key `nodes` is missing'],
])('%s', (text, fault) => {
  const readIncluded = filesFrom({
    'bad.yaml': 'nodes: {a',
    'list.yaml': '[]',
    'odd.yaml': 'include: [[]]',
    'empty.yaml': '',
  })
  const faults = shown(text, { readIncluded })
  expect(faults).toHaveLength(1)
  expect(faults[0]).toContain(fault)
})

test('a text that is in no file can include nothing', () => {
  expect(shown('include: a.yaml\nnodes: {x: {}}')).toEqual([
    '1:10 include: a topology that was not read from a file cannot include files',
  ])
})

test.each([
  ['root:$6$salt$hash:19000:0:99999:7:::\nbin:*:19000:::::\n'],
  ['[secret]'],
  ['secret: [secret]'],
  ['name: x\nsecret: secret'],
  ['secret: secret\nsecret: secret'],
  ['!secret secret'],
  ['*secret'],
  ['nodes: "secret\\secret"'],
  ['nodes: @secret'],
  ['%secret secret\n---\n'],
  ['nodes: {secret: secret, secret: {}}'],
  ['- secret: {'],
])('nothing of a file that is no topology is shown: %j', (text) => {
  const faults = issuesOf('include: shadow\nnodes: {x: {}}', { readIncluded: filesFrom({ shadow: text }) })
  expect(faults).toHaveLength(1)
  expect(faults[0]).toMatchObject({ file: 'shadow', path: '' })
  expect(JSON.stringify(faults)).not.toMatch(/quote|secret|hash|root/)
})

test('a mistyped key of an included file is told by what it should be', () => {
  const readIncluded = filesFrom({ 'part.yaml': 'nodse: {}' })
  expect(shown('include: part.yaml\nnodes: {x: {}}', { readIncluded })).toEqual([
    'part.yaml:1:1 : an included file is a map of the same keys as a topology, and this key is none; did you mean nodes?',
  ])
})

test('many files together are no larger than one may be', () => {
  const dense = `defaults: {node: {labels: {${Array.from({ length: 40_000 }, (_, at) => `l${at}: x`)}}}}`
  const readIncluded = filesFrom({ 'a.yaml': dense, 'b.yaml': dense, 'c.yaml': dense })
  expect(shown(`include: [a.yaml, b.yaml, c.yaml]\nnodes: {x: {}}`, { readIncluded })).toContainEqual(
    expect.stringMatching(/the files up to here have over 600000 words, marks and blanks together$/),
  )
})
