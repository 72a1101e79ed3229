// The verbs `connect` and `trace`, in two nodes of one network: the way to the other is one hop.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { node, runVerb, ShimLab, words } from '../../support/shim.js'

let lab: ShimLab
const from = () => ['from', String(lab.node('a').pid), String(lab.node('a').startTime)]
const run = (verb: string, ...spec: string[]) => runVerb(verb, lab.keeperArguments, { spec: words(spec) })

// a ── b
beforeAll(async () => {
  lab = await ShimLab.start()
  expect(await lab.spawn(node('a'), node('b'))).toMatchObject({ status: 0 })
  const both = ['link set lo up', 'link set eth0 up']
  lab.ip('a', `link add eth0 type veth peer name eth0 netns ${lab.node('b').pid}`)
  lab.ip('a', ...both, 'addr add 10.9.0.1/24 dev eth0', 'addr add fd09::1/64 dev eth0 nodad')
  lab.ip('b', ...both, 'addr add 10.9.0.2/24 dev eth0', 'addr add fd09::2/64 dev eth0 nodad')
})
afterAll(() => lab?.close())

test.each(['10.9.0.2', 'fd09::2', 'fd09::2%eth0'])('%s refuses a port, and is the end of a trace', async (to) => {
  const sender = to.replace('%eth0', '')
  expect((await run('connect', 'port', '80', ...from(), 'to', to)).reports).toEqual([
    { state: 'refused', rttMs: expect.any(Number), error: 'Connection refused' },
  ])
  expect((await run('connect', 'protocol', 'udp', 'port', '80', ...from(), 'to', to)).reports).toEqual([
    { state: 'refused', rttMs: expect.any(Number), error: expect.stringMatching(/ort unreachable$/), from: sender },
  ])
  const { reports } = await run('trace', 'flows', '2', 'timeout', '500', ...from(), 'to', to)
  expect(reports).toEqual(
    [0, 1].map((flow) => expect.objectContaining({ flow, hop: 1, from: sender, portUnreachable: true })),
  )
})

test('what cannot be sent has the error of the kernel', async () => {
  expect((await run('connect', 'port', '80', ...from(), 'to', '192.0.2.1')).reports).toEqual([
    { state: 'unreachable', rttMs: null, error: 'Network is unreachable' },
  ])
  expect((await run('trace', 'flows', '1', ...from(), 'to', '192.0.2.1')).reports).toEqual([
    { flow: 0, error: 'Network is unreachable' },
  ])
})

test.each([
  [['connect', 'port', '80'], 'from'],
  [['connect', 'port', '0'], '0'],
  [['connect', 'protocol', 'sctp'], 'sctp'],
  [['trace', 'flows', '65'], '65'],
  [['trace', 'to', '10.0.0.300'], '10.0.0.300'],
])('%j is refused', async ([verb = '', ...spec], _object) => {
  const { status, reports } = await run(verb, ...spec)
  expect({ status, reports }).toMatchObject({ status: 1, reports: [{ error: { step: 'read-spec' } }] })
})
