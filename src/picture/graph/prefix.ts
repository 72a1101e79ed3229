// Subnets of addresses, in canonical text (RFC 5952 for IPv6).

/** Groups of an IPv6 address (RFC 4291, section 2.2). */
const GROUPS = 8

/** The subnet of `ADDRESS/LENGTH` as `PREFIX/LENGTH`; null for an address alone (/32, /128), and for a text that is no address. */
export function subnetOf(address: string): string | null {
  const [host = '', lengthText = ''] = address.split('/')
  const length = Number(lengthText)
  if (!/^[0-9]+$/.test(lengthText)) return null
  if (!host.includes(':')) return length >= 32 ? null : ipv4Subnet(host, length)
  return length >= 128 ? null : ipv6Subnet(host, length)
}

/** The address without its length. */
export const hostOf = (address: string): string => address.split('/')[0] ?? ''

function ipv4Subnet(host: string, length: number): string | null {
  const parts = host.split('.').map(Number)
  if (parts.length !== 4 || !parts.every((part) => part >= 0 && part <= 255)) return null
  return `${masked(parts, 8, length).join('.')}/${length}`
}

function ipv6Subnet(host: string, length: number): string | null {
  const groups = groupsOf(host)
  return groups === null ? null : `${groupsText(masked(groups, 16, length))}/${length}`
}

/** @param bits of each part */
const masked = (parts: readonly number[], bits: number, length: number): number[] =>
  parts.map((part, at) => {
    const kept = Math.min(bits, Math.max(0, length - at * bits))
    return part - (part % 2 ** (bits - kept))
  })

function groupsOf(host: string): number[] | null {
  const halves = host.split('::')
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':').flatMap(groupsOfPart)))
  const missing = GROUPS - head.length - tail.length
  if (halves.length > 2 || (halves.length === 2 ? missing < 1 : missing !== 0)) return null
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail]
  return groups.every((group) => group >= 0 && group <= 0xffff) ? groups : null
}

/** One group, or the two of an IPv4 address at the end. */
function groupsOfPart(part: string): number[] {
  if (!part.includes('.')) return [Number.parseInt(part, 16)]
  const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number)
  return [a * 256 + b, c * 256 + d]
}

/** The longest run of two or more zero groups, the first of several, is left out (RFC 5952, section 4.2). */
function groupsText(groups: readonly number[]): string {
  let best = { start: 0, length: 1 }
  for (let start = 0; start < GROUPS; start++) {
    let end = start
    while (end < GROUPS && groups[end] === 0) end++
    if (end - start > best.length) best = { start, length: end - start }
  }
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':')
  if (best.length < 2) return text(groups)
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`
}
