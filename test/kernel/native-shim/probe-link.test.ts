// The verb probe-link against links that tc(8) and nft(8) impair, so that what must arrive is known exactly.
import { execFileSync } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'
import { node, ShimLab, type VerbResult } from '../../support/shim.js'

const labs: ShimLab[] = []
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close()
})

/** h1:e0 ── h2:e0 */
async function pairOfNodes(): Promise<ShimLab> {
  const lab = await ShimLab.start()
  labs.push(lab)
  expect(await lab.spawn(node('h1'), node('h2'))).toMatchObject({ status: 0 })
  const inH2 = `netns /proc/${lab.node('h2').pid}/ns/net`
  lab.ip('h1', `link add e0 type veth peer name e0 ${inH2}`, 'link set e0 up')
  lab.ip('h2', 'link set e0 up')
  return lab
}

const end = (lab: ShimLab, name: string): string[] => {
  const { pid, startTime } = lab.node(name)
  return [String(pid), String(startTime), 'e0']
}
const path = (lab: ShimLab, from: string, to: string): string[] => ['path', ...end(lab, from), ...end(lab, to)]
const inNode = (lab: ShimLab, name: string, ...command: string[]) =>
  execFileSync('nsenter', ['-t', String(lab.node(name).pid), '-n', ...command])

interface Arrival {
  sequence: number
  isChanged: boolean
  delayNs: number
}

function arrivalsOf({ reports }: VerbResult, number = 0): Arrival[] {
  const text = reports.flatMap((report) => (report.path === number && report.arrivals) || []).join('')
  return (text.match(/.{24}/g) ?? []).map((record) => {
    const head = Number.parseInt(record.slice(0, 8), 16)
    const delayNs = Number(BigInt.asIntN(64, BigInt(`0x${record.slice(8)}`)))
    return { sequence: head & 0x7fffffff, isChanged: head > 0x7fffffff, delayNs }
  })
}
const endOf = ({ reports }: VerbResult, number = 0) =>
  reports.find((report) => report.path === number && report.sent !== undefined)

test('every frame of a plain link arrives once, in order, unchanged, after a time', async () => {
  const lab = await pairOfNodes()
  const result = await lab.probeLink(
    ...[...path(lab, 'h1', 'h2'), 'probes', '500', '100000', '100'],
    ...[...path(lab, 'h2', 'h1'), 'probes', '200', '250000', '1514', 'wait', '100000000'],
  )
  expect(result).toMatchObject({ status: 0, stderr: '' })
  for (const [number, count, length] of [
    [0, 500, 100],
    [1, 200, 1514],
  ] as const) {
    const arrivals = arrivalsOf(result, number)
    expect(arrivals.map(({ sequence }) => sequence)).toEqual(Array.from({ length: count }, (_, index) => index))
    expect(arrivals.every(({ isChanged, delayNs }) => !isChanged && delayNs > 0)).toBe(true)
    expect(endOf(result, number)).toEqual({
      path: number,
      length,
      sent: count,
      dropped: 0,
      refused: 0,
      overrun: 0,
      errno: 0,
    })
  }
})

test('frames that nftables drops and changes are those that are reported so', async () => {
  const lab = await pairOfNodes()
  inNode(lab, 'h1', 'nft', 'add table netdev t')
  inNode(lab, 'h1', 'nft', 'add chain netdev t c { type filter hook egress device e0 priority 0; }')
  inNode(lab, 'h1', 'nft', 'add rule netdev t c ether type 0x88b5 numgen inc mod 10 3 drop')
  inNode(lab, 'h1', 'nft', 'add rule netdev t c ether type 0x88b5 numgen inc mod 9 4 ether daddr set 02:00:00:00:00:99')
  const result = await lab.probeLink(...path(lab, 'h1', 'h2'), 'probes', '900', '100000', '100', 'wait', '100000000')
  const arrivals = arrivalsOf(result)
  expect(arrivals).toHaveLength(810)
  const there = new Set(arrivals.map(({ sequence }) => sequence))
  const lost = Array.from({ length: 900 }, (_, index) => index).filter((index) => !there.has(index))
  expect(lost.every((sequence) => sequence % 10 === lost[0])).toBe(true)
  expect(arrivals.filter(({ isChanged }) => isChanged)).toHaveLength(90)
})

test('a source address of another station, and frames of nobody else', async () => {
  const lab = await pairOfNodes()
  inNode(lab, 'h1', 'nft', 'add table netdev t')
  inNode(lab, 'h1', 'nft', 'add chain netdev t c { type filter hook egress device e0 priority 0; }')
  inNode(lab, 'h1', 'nft', 'add rule netdev t c ether saddr 02:00:00:00:00:aa drop')
  const probes = ['probes', '50', '100000', '60']
  const result = await lab.probeLink(
    ...[...path(lab, 'h1', 'h2'), 'source', '02:00:00:00:00:aa', ...probes],
    ...[...path(lab, 'h1', 'h2'), ...probes, 'wait', '50000000'],
  )
  expect([arrivalsOf(result, 0).length, arrivalsOf(result, 1).length]).toEqual([0, 50])
})

test('a flood at more than the rate of tbf comes out at its rate', async () => {
  const lab = await pairOfNodes()
  inNode(
    lab,
    'h1',
    'tc',
    'qdisc',
    'add',
    'dev',
    'e0',
    'root',
    'tbf',
    'rate',
    '10mbit',
    'burst',
    '3028',
    'limit',
    '60560',
  )
  const result = await lab.probeLink(...path(lab, 'h1', 'h2'), 'flood', '15000000', '1000000000', '1514', 'wait', '0')
  const { bins } = result.reports.find((report) => report.bins) as { bins: [number, number][] }
  const after = bins.filter(([, at]) => at > 0.2e9)
  const frames = after.slice(1).reduce((sum, [count]) => sum + count, 0)
  const seconds = ((after.at(-1)?.[1] ?? 0) - (after[0]?.[1] ?? 0)) / 1e9
  expect((frames * 1514 * 8) / seconds / 10e6).toBeCloseTo(1, 1)
  expect(endOf(result).dropped).toBeGreaterThan(0)
})

test.each([
  ['an interface that is not there', ['e1', 'e0'], { step: 'find-interface', object: 'e1' }],
  ['a name that is too long', ['e0', 'e123456789012345'], { step: 'read-spec' }],
])('%s', async (_, [from = '', to = ''], error) => {
  const lab = await pairOfNodes()
  const [pid = '', startTime = ''] = end(lab, 'h1')
  const [pid2 = '', startTime2 = ''] = end(lab, 'h2')
  const result = await lab.probeLink('path', pid, startTime, from, pid2, startTime2, to, 'probes', '1', '1000', '60')
  expect(result).toMatchObject({ status: 1, reports: [{ error }] })
})

test.each([
  [['probes', '1', '1000', '60']],
  [['path', '1', '1', 'e0', '1', '1', 'e0']],
  [['path', '1', '1', 'e0', '1', '1', 'e0', 'probes', '1', '1000', '59']],
  [['path', '1', '1', 'e0', '1', '1', 'e0', 'flood', '0', '1000', '60']],
  [['path', '1', '1', 'e0', '1', '1', 'e0', 'probes', '1', '1000', '60', 'source', '02:00:00:00:00:xx']],
  [['wait', 'long']],
])('a spec that is wrong: %j', async (spec) => {
  const lab = await ShimLab.start()
  labs.push(lab)
  expect(await lab.probeLink(...spec)).toMatchObject({ status: 1, reports: [{ error: { step: 'read-spec' } }] })
})

test('an interface that is down', async () => {
  const lab = await pairOfNodes()
  lab.ip('h1', 'link set e0 down')
  const result = await lab.probeLink(...path(lab, 'h1', 'h2'), 'probes', '5', '1000000', '60', 'wait', '0')
  expect(endOf(result)).toMatchObject({ sent: 0, errno: 100 })
})
