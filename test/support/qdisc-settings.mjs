// A queueing discipline of every kind that nslab makes: its settings, and what `tc -j qdisc show` says of them. Plain JavaScript,
// so that it runs in the guest of test/vm as well.

const CODEL = { limitPackets: 100, targetUs: 5000, intervalUs: 100_000, ecn: true }
const NETEM = {
  kind: 'netem',
  ...{ limitPackets: 2000, delayNs: 10_000_000, jitterNs: 2_000_000, jitterCorrelation: 0.25, ecn: false },
  loss: { model: 'random', probability: 0.01, correlation: 0.5 },
  duplicate: { probability: 0.02, correlation: 0.1 },
  corrupt: { probability: 0.001, correlation: 0.05 },
  reorder: { probability: 0.05, correlation: 0.5, gap: 3 },
  rate: { bytesPerSecond: 12_500_000, overheadBytes: -20, cellBytes: 48, cellOverheadBytes: 5 },
}

/** Numbers of tc that are computed are left out, such as a burst from ticks. */
export const QDISCS = {
  tbf: {
    settings: { kind: 'tbf', bytesPerSecond: 1_250_000, overheadBytes: 24, burstBytes: 3028, limitBytes: 150_000 },
    shown: { rate: 1_250_000, overhead: 24 },
  },
  'tbf above 2^32 bytes a second': {
    settings: {
      ...{ kind: 'tbf', bytesPerSecond: 12_500_000_000, overheadBytes: 0 },
      ...{ burstBytes: 1_875_000, limitBytes: 100_000_000 },
    },
    shown: { rate: 12_500_000_000 },
  },
  htb: { settings: { kind: 'htb', defaultClass: 0x12 }, shown: { default: '0x12' } },
  pfifo: { settings: { kind: 'pfifo', limit: 77 }, shown: { limit: 77 } },
  bfifo: { settings: { kind: 'bfifo', limit: 77_000 }, shown: { limit: 77_000 } },
  codel: {
    settings: { kind: 'codel', ...CODEL },
    shown: { limit: 100, target: 4999, interval: 99_999, ecn: true },
  },
  fq_codel: {
    settings: { kind: 'fq_codel', ...CODEL, ecn: false, flows: 64, quantumBytes: 1514 },
    shown: { limit: 100, flows: 64, quantum: 1514, target: 4999, interval: 99_999 },
  },
  red: {
    settings: {
      ...{ kind: 'red', limitBytes: 60_000, minBytes: 5000, maxBytes: 15_000, probability: 0.25, ecn: true },
      bytesPerSecond: 1_250_000,
    },
    shown: { limit: 60_000, min: 5000, max: 15_000, ecn: true },
  },
  netem: {
    settings: NETEM,
    shown: {
      limit: 2000,
      delay: { delay: 0.01, jitter: 0.002, correlation: 0.25 },
      'loss-random': { loss: 0.01, correlation: 0.5 },
      duplicate: { duplicate: 0.02, correlation: 0.1 },
      reorder: { reorder: 0.05, correlation: 0.5 },
      corrupt: { corrupt: 0.001, correlation: 0.05 },
      rate: { rate: 12_500_000, packetoverhead: -20, cellsize: 48, celloverhead: 5 },
      gap: 3,
    },
  },
  'netem with bursts of losses': {
    settings: {
      ...{ kind: 'netem', limitPackets: 1000, delayNs: 3_600_000_000_001 },
      loss: { model: 'gilbert-elliott', p: 0.01, r: 0.1, lossInBad: 0.75, lossInGood: 0.001 },
    },
    shown: { limit: 1000, 'loss-gemodel': { p: 0.01, r: 0.1, '1-h': 0.75, '1-k': 0.001 } },
  },
  'netem with four states': {
    settings: {
      ...{ kind: 'netem', limitPackets: 1000 },
      loss: { model: 'state', p13: 0.01, p31: 0.02, p32: 0.03, p23: 0.04, p14: 0.05 },
    },
    shown: { limit: 1000, 'loss-state': { p13: 0.01, p31: 0.02, p32: 0.03, p23: 0.04, p14: 0.05 } },
  },
  'netem above 2^32 bytes a second, with slots': {
    settings: {
      ...{ kind: 'netem', limitPackets: 1000, ecn: true },
      loss: { model: 'random', probability: 0.5, correlation: 0 },
      rate: { bytesPerSecond: 1e12, overheadBytes: 0, cellBytes: 0, cellOverheadBytes: 0 },
      slot: { time: { minNs: 1_000_000, maxNs: 2_000_000 }, packets: 3, bytes: 4000 },
    },
    shown: {
      ecn: true,
      rate: { rate: 1e12 },
      slot: { 'min-delay': 0.001, 'max-delay': 0.002, packets: 3, bytes: 4000 },
    },
  },
}

/** Frames of a MAC address that u32 has to tell from those of another one. */
export const MACS = ['02:00:00:00:00:0a', '02:00:00:00:ff:0a']

/**
 * What is expected of a value that the kernel reports: probabilities have 32 bits, bursts come from ticks, and what it keeps to
 * itself or was not written is left out.
 */
export function differences(reported, settings, path = '') {
  return Object.entries(settings).flatMap(([key, value]) => {
    const own = reported?.[key]
    if (key === 'bytesPerSecond' && reported.kind === 'red') return []
    if (typeof value === 'object') return differences(own, value, `${path}${key}.`)
    const tolerance =
      key === 'burstBytes' ? 1000 : key.endsWith('Us') ? 1 : typeof value === 'number' && value < 1 ? 1e-8 : 0
    const isSame = typeof value === 'number' ? Math.abs(own - value) <= tolerance : own === value
    return isSame ? [] : [`${path}${key}: ${own} instead of ${value}`]
  })
}
