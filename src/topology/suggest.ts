// "Did you mean": the candidate nearest to what was written.

/** ` Did you mean X?`, or nothing when no candidate is near. */
export function suggestion(written: string, candidates: Iterable<string>): string {
  let best: { candidate: string; distance: number } | null = null
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - written.length) > 2) continue
    const distance = editDistance(written.toLowerCase(), candidate.toLowerCase())
    if (distance <= Math.max(1, Math.min(2, candidate.length / 2)) && (!best || distance < best.distance)) {
      best = { candidate, distance }
    }
  }
  return best ? `; did you mean ${best.candidate}?` : ''
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other. */
function editDistance(a: string, b: string): number {
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
    rows.push(row)
  }
  return rows[a.length]?.[b.length] as number
}
