// Durations such as `1d12h` or `-1.5s`, exact to the nanosecond.

/** A signed duration in the kernel's form: nanoseconds are never negative, so -1.5 s is -2 s and 500,000,000 ns. */
export interface Duration {
  seconds: number
  /** 0 to 999,999,999 */
  nanoseconds: number
}

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  w: 604_800_000_000_000n,
  d: 86_400_000_000_000n,
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1_000n,
  ns: 1n,
}
/** The longest text that is read, since parts of it may be repeated. */
const MAX_LENGTH = 100
const SECOND = 1_000_000_000n
const WHOLE = /^[+-]?(?:[0-9]+(?:\.[0-9]+)?(?:ms|us|ns|[wdhms]))+$/
const PART = /([0-9]+)(?:\.([0-9]+))?(ms|us|ns|[wdhms])/g

/** Reads a duration. Returns a text that describes the fault if it is none. */
export function parseDuration(text: string): Duration | string {
  if (text.length > MAX_LENGTH) return `a duration has at most ${MAX_LENGTH} characters`
  if (!WHOLE.test(text)) return `${JSON.stringify(text)} is not a duration such as 7d, -3h, 1d12h or 1.5s`
  let total = 0n
  for (const [part, whole = '', fraction = '', unit = ''] of text.matchAll(PART)) {
    const scaled = BigInt(whole + fraction) * (NANOSECONDS[unit] as bigint)
    const scale = 10n ** BigInt(fraction.length)
    if (scaled % scale !== 0n) return `${part} is no whole number of nanoseconds`
    total += scaled / scale
  }
  return fromNanoseconds(text.startsWith('-') ? -total : total)
}

function fromNanoseconds(total: bigint): Duration {
  const nanoseconds = ((total % SECOND) + SECOND) % SECOND
  return { seconds: Number((total - nanoseconds) / SECOND), nanoseconds: Number(nanoseconds) }
}
