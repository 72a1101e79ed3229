// Traces in mahimahi's format: the milliseconds at which a packet can leave, one a line (mahimahi, mm-link(1)).

export interface TraceFault {
  /** Offset into the text. */
  at: number
  message: string
}

/** What one chance to send can carry in mahimahi: an IP packet of 1500 bytes, and 4 of TUN's header. */
export const OPPORTUNITY_BYTES = 1504
/** 24 days. */
const MILLISECONDS_MAX = 2_147_483_647

/** The milliseconds, ascending; the last one is the period. */
export function parseTrace(text: string, most: number): number[] | TraceFault {
  const opportunities: number[] = []
  let before = 0
  let at = 0
  const body = text.replace(/\r?\n?$/, '')
  if (body === '') return { at: 0, message: 'the trace is empty: expected milliseconds, one number a line' }
  for (const line of body.split('\n')) {
    const digits = line.replace(/\r$/, '')
    const fault = (message: string): TraceFault => ({ at, message })
    if (!/^[0-9]{1,10}$/.test(digits))
      return fault('expected a whole number of milliseconds, and nothing else, on each line of a trace')
    const time = Number(digits)
    if (time < before) return fault('expected a time that is not before that of the line above')
    if (time > MILLISECONDS_MAX) return fault(`expected at most ${MILLISECONDS_MAX} milliseconds`)
    if (opportunities.length >= most) return fault(`the traces and samples of a topology have over ${most} values here`)
    opportunities.push(time)
    before = time
    at += line.length + 1
  }
  return before === 0
    ? { at: 0, message: 'the trace ends at 0 ms: expected a last time above 0, which is the period of its repetition' }
    : opportunities
}

/** Bits per second on average. */
export const meanRateOf = (opportunitiesMs: readonly number[]): number =>
  (opportunitiesMs.length * OPPORTUNITY_BYTES * 8 * 1000) / (opportunitiesMs.at(-1) ?? 1)
