// Small descriptions of large inputs: what is nested deeply, is very long, or multiplies when it is read. Each is an expression
// of JavaScript, so that a report can show how it is made.

/** What opens something that is never closed, or is an error at once; each many times. */
const OPENERS = [
  '[',
  '[[',
  '{a: ',
  '{a: [',
  '{',
  '- ',
  '? ',
  '- ? ',
  '? - ',
  '? ? - ',
  ': ',
  ':- ',
  '&x ',
  '&x [',
  '!x ',
  '!!seq [',
  '*x ',
  '<<: ',
  '{? ',
  '[? ',
  '{[',
  '"',
  "'",
  "''",
  '\\"',
  '${',
  '${a:-',
  '$${',
  '{i',
  '{(',
  '|\n',
  '>+2\n ',
  '--- ',
  '---\n',
  '...\n',
  '%YAML 1.2\n---\n',
  '#\n',
  '# ',
  '\t',
  '\r',
  '\n',
  ' ',
  '\ufeff',
  '\u2028',
  '\\',
  'a: b: ',
  'a:\n',
  'x, ',
  '0',
  '-',
  '=',
  '<',
  '@',
  '`',
  '💥',
]

/** Where in a topology such a thing can be. */
const PLACES = ['%', 'nodes: %', 'nodes: {a: {labels: {x: %', 'vars: {x: %', 'name: %', 'nodes: {a: {}}\nlinks: [[a, %']

const TIMES = [1500, 20_000, 300_000]

/** @param {ReturnType<typeof import('../random.mjs').randomFrom>} random */
export function nested(random) {
  const [before] = random.pick(PLACES).split('%')
  const repeated = `${JSON.stringify(random.pick(OPENERS))}.repeat(${random.pick(TIMES)})`
  return before === '' ? repeated : `${JSON.stringify(before)} + ${repeated}`
}

/** Indented one more for each level. */
const steps = (opener) =>
  `Array.from({ length: 2000 }, (_, i) => ' '.repeat(i) + ${JSON.stringify(opener)}).join('\\n')`
/** Many lines like each other. */
const lines = (before, line, count) =>
  `${JSON.stringify(`${before}\n`)} + Array.from({ length: ${count} }, (_, i) => \`${line}\`).join('\\n')`
/** Many items in one line. */
const items = (before, item, count, after) =>
  `${JSON.stringify(before)} + Array.from({ length: ${count} }, (_, i) => \`${item}\`).join(', ') + ${JSON.stringify(after)}`
const long = (before, repeated, count, after) =>
  `${JSON.stringify(before)} + ${JSON.stringify(repeated)}.repeat(${count}) + ${JSON.stringify(after)}`

const NODE = 'nodes: {a: {}, b: {}}'

/** Those that have cost too much once come first, and are always tried. */
export const KNOWN = [
  `'? '.repeat(1500)`,
  lines(`${NODE}\nvars:\n  v0: xx`, '  v${i + 1}: "\\${v${i}}\\${v${i}}"', 40),
  `"nodes: {'a{i}': {kind: router, repeat: 140}, 'b{i}': {kind: router, repeat: 140}}\\nlinks: [{repeat: {i: 140, j: 140}, endpoints: ['a{i}', 'b{j}']}]"`,
  lines('nodes:\n  a:\n    labels:\n      x: |', '        y', 200_000),
  lines('nodes:\n  a:\n    files:\n      /x: |', '', 200_000),
]

/** @type {readonly string[]} */
export const WIDE = [
  // Nested.
  steps('a:'),
  steps('-'),
  steps('? x'),
  steps('- a:'),
  long('nodes: ', '{a: ', 2000, `x${'}'.repeat(2000)}`),
  long('nodes: ', '[', 2000, ']'.repeat(2000)),
  // Long texts.
  lines('nodes:\n  a:\n    labels:\n      x: >', '        y', 200_000),
  lines('nodes:\n  a:\n    labels:\n      x: "y', '        y', 200_000),
  lines('nodes:\n  a:\n    labels:\n      x: y', '        y', 200_000),
  lines(NODE, '# comment ${i}', 200_000),
  lines(NODE, '', 4_000_000),
  long('name: ', 'x', 4_000_000, `\n${NODE}`),
  long('', 'x', 4_000_000, `: 1\n${NODE}`),
  long(`${NODE}\nx`, 'x', 4_000_000, ''),
  long('name: ', '9', 1_000_000, `\n${NODE}`),
  long('nodes: {a: {addresses: {eth0: ["', '1.', 2_000_000, '"]}}, b: {}}\nlinks: [[a, b]]'),
  long('nodes: {a: {addresses: {eth0: ["', ':', 4_000_000, '"]}}, b: {}}\nlinks: [[a, b]]'),
  long('nodes: {a: {files: {"', '/a', 1_000_000, '": x}}}'),
  long('nodes: {a: {exec: ["', 'x', 4_000_000, '"]}}'),
  long('nodes: {"a{', '(', 100_000, 'i}": {repeat: 2}}'),
  long('nodes: {"a{i', '+1', 1_000_000, '}": {repeat: 2}}'),
  long('nodes: {"a{i', '*9', 1_000_000, '}": {repeat: 2}}'),
  long('nodes: {a: {labels: {x: "', '{i}', 100_000, '"}, repeat: 1000}}'),
  long('nodes: {a: {labels: {x: "', '${x:-', 50_000, '"}}}'),
  long('vars: {x: 1}\nnodes: {a: {labels: {x: "', '${x}', 500_000, '"}}}'),
  // Many of one thing.
  lines('nodes:', '  n${i}: {}', 200_000),
  lines('nodes:', '  a: {}', 100_000),
  lines(NODE, 'unknown${i}: 1', 100_000),
  lines(`${NODE}\nlinks:`, '  - [a, b, ${i}]', 100_000),
  lines(`${NODE}\nlinks:`, '  - [a, missing${i}]', 19_000),
  lines('nodes:\n  a:\n    labels:', '      l${i}: x', 200_000),
  lines('nodes:\n  a:\n    env:', '      E${i}: x', 100_000),
  lines('nodes:\n  a:\n    exec:', '      - echo ${i}', 100_000),
  lines('nodes:\n  a:\n    hosts:', '      h${i}.example: 192.0.2.1', 100_000),
  lines('nodes:\n  a:\n    files:', '      /x/f${i}: x', 100_000),
  lines('nodes:\n  a:\n    routes:', '      - {to: ${i >> 8}.${i & 255}.0.0/16, type: blackhole}', 60_000),
  lines('nodes:\n  a:\n    interfaces:', '      d${i}: {kind: dummy}', 50_000),
  lines('nodes:\n  a:\n    sysctls:', '      net.x.y${i}: 1', 100_000),
  items('nodes: {', 'unknown${i}: {kind: rooter}', 50_000, '}'),
  items(`${NODE}\nlinks: [`, '[a, b, c${i}]', 50_000, ']'),
  items('{nodes: {a: {', 'x${i}: 1', 50_000, '}}}'),
  items(
    'nodes: {a: {addresses: {eth0: [',
    '10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/8',
    100_000,
    ']}}, b: {}}\nlinks: [[a, b]]',
  ),
  lines('nodes: {a: {}}\nkinds:\n  k0: {}', '  k${i + 1}: {extends: k${i}}', 50_000),
  lines('nodes: {a: {}}\nvars:\n  v0: x', '  v${i + 1}: "\\${v${i}}"', 50_000),
  lines('nodes: {a: {}}\ninclude:', '  - f${i}.yaml', 50_000),
  lines('---', '---', 200_000),
  // What multiplies.
  lines(
    `${NODE}\nx:\n  - &a0 [x, x, x, x, x, x, x, x, x]`,
    '  - &a${i + 1} [*a${i}, *a${i}, *a${i}, *a${i}, *a${i}, *a${i}, *a${i}, *a${i}, *a${i}]',
    12,
  ),
  lines('nodes: &n\n  a: {}\nx:', '  - &a${i} {<<: [*n, *n]}', 50_000),
  lines(`${NODE}\nvars:\n  v0: [x, x]`, '  v${i + 1}: ["\\${v${i}}", "\\${v${i}}"]', 40),
  lines(`${NODE}\nvars:\n  v0: {a: x}`, '  v${i + 1}: {a: "\\${v${i}}", b: "\\${v${i}}"}', 40),
  `"nodes: {'n{i}-{j}': {repeat: {i: 1..100000, j: 1..100000}}}"`,
  `"nodes: {'n{i}-{j}-{k}': {repeat: {i: 1..9999, j: '{i}..{i}', k: '{j}..{j}'}}}"`,
  `"nodes: {'n{i}': {repeat: 1..9007199254740993}}"`,
  `"nodes: {a: {}, b: {}}\\nlinks: [{endpoints: [a, b], count: 20000}]"`,
  `"nodes: {'a{i}': {kind: router, repeat: 100}}\\nlinks: [{repeat: {i: 100, j: 100}, endpoints: ['a{i}', 'a{j}']}]"`,
  `"nodes: {'h{i}': {repeat: 10000}}\\nlinks: [{endpoints: [" + Array.from({ length: 10000 }, (_, i) => 'h' + (i + 1)).join(', ') + "]}]"`,
  `"neighbours: static\\nnodes: {'h{i}': {repeat: 1000}}\\nlinks: [{endpoints: [" + Array.from({ length: 1000 }, (_, i) => 'h' + (i + 1)).join(', ') + "]}]"`,
  `"nodes: {'r{i}': {kind: router, repeat: 2000}}\\nlinks: [{repeat: 1999, endpoints: ['r{i}', 'r{i+1}']}]\\ncompress: never"`,
  `"nodes: {'r{i}': {kind: router, repeat: 300}}\\nlinks: [{repeat: 300, count: 60, endpoints: ['r{i}', 'r{i%300+1}']}]"`,
  `"nodes: {'a{i}': {labels: {" + Array.from({ length: 2000 }, (_, i) => 'l' + i + ': x').join(', ') + "}, repeat: 10000}}"`,
  `"nodes: {'a{i}': {exec: [" + "'echo x', ".repeat(2000) + "], repeat: 10000}}"`,
  `"defaults: {node: {labels: {" + Array.from({ length: 2000 }, (_, i) => 'l' + i + ': x').join(', ') + "}}}\\nnodes: {'a{i}': {repeat: 10000}}"`,
]
