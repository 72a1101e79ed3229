// "Did you mean": finds the candidate that is most like a written word.

/** The largest edit distance of a mistyped word. */
const MAX_DISTANCE = 2
/** Limits of the time that a suggestion takes. Nobody mistypes longer words. */
const MAX_LENGTH = 64
const MAX_CANDIDATES = 2000

/** `; did you mean X?`, or an empty text if no candidate is near. */
export function suggestion(written: string, candidates: Iterable<string>): string {
  if (written.length > MAX_LENGTH) return ''
  let best: { candidate: string; distance: number } | null = null
  let tried = 0
  for (const candidate of candidates) {
    if (++tried > MAX_CANDIDATES) break
    if (Math.abs(candidate.length - written.length) > MAX_DISTANCE) continue
    const distance = editDistance(written.toLowerCase(), candidate.toLowerCase())
    const isNear = distance <= Math.max(1, Math.min(MAX_DISTANCE, candidate.length / 3))
    // Of two words of one letter, the distance says nothing.
    const isAlike = distance < Math.max(written.length, candidate.length)
    if (isNear && isAlike && (!best || distance < best.distance)) {
      best = { candidate, distance }
    }
  }
  return best ? `; did you mean ${best.candidate}?` : ''
}

/** The number of insertions, deletions, substitutions and swaps of neighbours between two texts; infinite if it is large. */
function editDistance(a: string, b: string): number {
  let nearest = 0
  const rows = [Array.from({ length: b.length + 1 }, (_, i) => i)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const above = rows[i - 1] as number[]
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      row[j] = Math.min((above[j] as number) + 1, (row[j - 1] as number) + 1, (above[j - 1] as number) + same)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) row[j] = Math.min(row[j] as number, (rows[i - 2]?.[j - 2] as number) + 1)
    }
    const before = nearest
    nearest = row.reduce((least, distance) => Math.min(least, distance))
    // A swap uses the row before the last, so both rows must be beyond the limit.
    if (Math.min(before, nearest) > MAX_DISTANCE) return Number.POSITIVE_INFINITY
    rows.push(row)
  }
  return rows[a.length]?.[b.length] as number
}
