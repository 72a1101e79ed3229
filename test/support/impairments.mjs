// Impairments of links, as a topology has them, with what is measured of each on netem and on the wire.
import assert from 'node:assert/strict'

/** All at the same time. The quantities are those that must be known with the interval of the test, and be as configured. */
export const IMPAIRMENTS = {
  'a delay of 1 ms': ['delay: 1ms', ['delay']],
  'a delay of 10 ms': ['delay: 10ms', ['delay', 'loss']],
  'a delay of 100 ms': ['delay: 100ms', ['delay', 'loss']],
  'a delay of 500 ms': ['delay: 500ms', ['delay', 'loss']],
  'normal jitter': ['delay: 100ms, jitter: { amount: 10ms, distribution: normal }', ['delay', 'jitter', 'loss']],
  'uniform jitter': ['delay: 100ms, jitter: { amount: 10ms, distribution: uniform }', ['delay', 'jitter']],
  // Its tail makes the interval of the standard deviation wide. What is configured has to be in there.
  'jitter of Pareto': ['delay: 100ms, jitter: { amount: 10ms, distribution: pareto }', ['delay']],
  'jitter that reorders': [
    'delay: 100ms, jitter: { amount: 10ms, distribution: normal, reorder: true }',
    ['delay', 'jitter', 'loss'],
  ],
  'a loss of 1 %': ['loss: 1%', ['loss']],
  'losses in bursts (Gilbert and Elliott)': ['loss: { model: gilbert-elliott, p: 2%, r: 20% }', ['loss']],
  'losses in bursts (four states)': [
    'loss: { model: state, p13: 1%, p31: 30%, p32: 10%, p23: 20%, p14: 1% }',
    ['loss'],
  ],
  duplication: ['duplicate: 2%', ['duplicate', 'loss']],
  corruption: ['corrupt: 2%', ['corrupt', 'loss']],
  reordering: ['delay: 50ms, reorder: { probability: 10% }', ['reorder', 'loss']],
  'reordering of every fifth frame': ['delay: 50ms, reorder: { probability: 25%, gap: 5 }', ['reorder', 'loss']],
  'loss, duplication and corruption': [
    'delay: 20ms, loss: 5%, duplicate: 5%, corrupt: 5%',
    ['loss', 'duplicate', 'corrupt'],
  ],
}

/** One after the other: each takes as much of the machine as its rate says. */
export const RATES = {
  '1 Mbit/s': ['rate: 1mbit', ['rate']],
  '10 Mbit/s': ['rate: 10mbit', ['rate']],
  '100 Mbit/s': ['rate: 100mbit', ['rate']],
  'a rate with a delay': ['rate: 20mbit, delay: 30ms', ['rate', 'delay']],
  'a rate with a loss': ['rate: 20mbit, loss: 10%', ['rate', 'loss']],
  'a queue of 20 packets': ['rate: 10mbit, queue: 20', ['rate']],
  'a queue of 40 kB': ['rate: 10mbit, queue: 40kb', ['rate']],
  codel: ['rate: 10mbit, queue: { kind: codel }', ['rate']],
  fq_codel: ['rate: 10mbit, queue: { kind: fq_codel }', ['rate']],
  red: ['rate: 10mbit, queue: { kind: red, limit: 200kb }', ['rate']],
}

/**
 * A pair of nodes for each impairment: a0 ── b0, a1 ── b1, …
 *
 * @param backend `netem` or `wire`
 */
export function pairsOfNodes(name, impairments, backend) {
  const written = Object.values(impairments)
  return [
    `name: ${name}`,
    `emulation: ${backend}`,
    // Frames that a node sends by itself would meet the probes.
    'defaults: { node: { sysctls: { net.ipv6.conf.all.disable_ipv6: 1, net.ipv6.conf.default.disable_ipv6: 1 } } }',
    'nodes:',
    ...written.flatMap((_, at) => [`  a${at}: {}`, `  b${at}: {}`]),
    'links:',
    ...written.map(([keys], at) => `  - { endpoints: [a${at}, b${at}], ${keys} }`),
    '',
  ].join('\n')
}

/** Fails when a direction of a pair does not do what is configured, or when too little is known about what must be measured. */
export function assertAsConfigured(checks, impairments) {
  const rows = Object.entries(impairments)
  assert.equal(checks.directions.length, 2 * rows.length)
  const wrong = checks.directions.flatMap(({ link, from, tests }) => {
    const [name, [, quantities]] = rows[link]
    const missing = quantities.filter(
      (each) => !tests.some(({ quantity, verdict }) => quantity === each && verdict === 'ok'),
    )
    const differing = tests.filter(({ verdict }) => verdict === 'differs').map(({ quantity }) => quantity)
    const about = [...new Set([...missing, ...differing])]
    return about.map((each) => ({ name, from, ...tests.find(({ quantity }) => quantity === each) }))
  })
  assert.deepEqual(wrong, [])
}

/** A LAN of a, b and c in which frames from a to b take 40 ms, those of the others 5 ms, and c loses frames both ways. */
export const lanOfPairs = (name, backend) => `
name: ${name}
emulation: ${backend}
nodes: { a: {}, b: {}, c: {}, lan: { kind: switch } }
links:
  - endpoints: [a, b, c, lan]
    delay: 5ms
    pairs: { "a -> b": { delay: 40ms }, "c <-> *": { loss: 5% } }
`

/** Fails when a direction of that LAN does not do what is configured. */
export function assertPairs(checks) {
  const tests = checks.directions.flatMap(({ from, to, source, tests: own }) =>
    own.map((each) => ({ of: `${source ?? from} to ${to}`, ...each })),
  )
  assert.deepEqual(
    tests.filter(({ verdict }) => verdict === 'differs'),
    [],
  )
  const slow = tests.find(({ of, quantity }) => of === 'a:eth0 to b:eth0' && quantity === 'delay')
  assert.deepEqual([slow?.expected, slow?.verdict], [40e6, 'ok'])
}
