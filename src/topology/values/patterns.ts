// Regular expressions for single values, which editors use (json-schema.ts). A pattern may allow more than the check of the value,
// but must not refuse a value that the check accepts. Each means the same with and without the flags of JavaScript.

/** Matches a whole text. */
const whole = (...alternatives: string[]): RegExp => new RegExp(`^(?:${alternatives.join('|')})$`)

const BYTE = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
const IPV4 = `${BYTE}(?:\\.${BYTE}){3}`
const GROUP = '[0-9A-Fa-f]{1,4}'
/** Eight groups. The last two may be an IPv4 address, and `::` may replace one or more (RFC 4291 section 2.2). */
const IPV6 = `(?:${[
  `(?:${GROUP}:){6}(?:${GROUP}:${GROUP}|${IPV4})`,
  ...Array.from({ length: 8 }, (_, before) => shortened(before)),
].join('|')})`

/** An address with `::`. @param before the number of groups before it */
function shortened(before: number): string {
  const after = 7 - before
  const start = before === 0 ? '::' : `(?:${GROUP}:){${before}}:`
  if (after === 0) return start
  const mixed = after < 2 ? '' : `|(?:${GROUP}:){0,${after - 2}}${IPV4}`
  return `${start}(?:(?:${GROUP}:){0,${after - 1}}${GROUP}${mixed})?`
}

const LENGTHS = { 4: '(?:[12]?[0-9]|3[0-2])', 6: '(?:[1-9]?[0-9]|1[01][0-9]|12[0-8])' }
/** A lookahead that excludes addresses which no interface can have; see `specialUse`. */
const UNUSABLE = '(?!(?:0|127|22[4-9]|2[3-5][0-9])\\.|::0{0,3}1?/|[Ff]{2}[0-9A-Fa-f]{2}:)'
const NAME = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
/** At most 15 bytes, so at most 7 letters beyond ASCII. */
const INTERFACE =
  '(?!(?:\\.{1,2}|all|default)$)(?!(?:[\\x00-\\x7f]*[^\\x00-\\x7f]){8})[^/:%\\s\\x00-\\x1f\\x7f-\\x9f]{1,15}'
const HEX = '[0-9A-Fa-f]'
/** Numbers of ten digits below 2³². */
const TEN_DIGITS = [
  ...['[1-3][0-9]{9}', '4[01][0-9]{8}', '42[0-8][0-9]{7}', '429[0-3][0-9]{6}', '4294[0-8][0-9]{5}'],
  ...['42949[0-5][0-9]{4}', '429496[0-6][0-9]{3}', '4294967[01][0-9]{2}', '42949672[0-8][0-9]', '429496729[0-5]'],
]
const MARK = `(?:0[xX]${HEX}{1,8}|[0-9]{1,9}|0[0-9]{9}|${TEN_DIGITS.join('|')})`
const PORT = '0{0,4}(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])'
const DURATION = '(?:[0-9]+(?:\\.[0-9]+)?(?:ms|us|ns|[wdhms]))+'

export const ADDRESS = whole(IPV4, IPV6)
export const PREFIX = whole(`${IPV4}/${LENGTHS[4]}`, `${IPV6}/${LENGTHS[6]}`)
export const USABLE_PREFIX = whole(`${UNUSABLE}(?:${IPV4}/${LENGTHS[4]}|${IPV6}/${LENGTHS[6]})`)
export const HOST_ADDRESS = whole(`${UNUSABLE}(?:${IPV4}/32|${IPV6}/128)`)
export const MAC = whole(`(?!00(?::00){5}$)${HEX}[02468ACEace](?::${HEX}{2}){5}`)
export const HOST_NAME = whole(NAME)
export const NODE_NAME = whole(`(?!default$)${NAME}`)
export const INTERFACE_NAME = whole(INTERFACE)
/** `NODE` or `NODE:INTERFACE` */
export const NODE_OR_INTERFACE = whole(`${NAME}(?::${INTERFACE})?`)
export const ADDRESS_OR_NODE = whole(IPV4, IPV6, `${NAME}(?::${INTERFACE})?`)
export const NETWORK_OR_NODE = whole(`${IPV4}/${LENGTHS[4]}`, `${IPV6}/${LENGTHS[6]}`, `${NAME}(?::${INTERFACE})?`)
export const ADDRESS_OR_INTERFACE = whole(IPV4, IPV6, INTERFACE)
/** An address with or without a port, or an interface. */
export const ENDPOINT = whole(IPV4, IPV6, `(?:${IPV4}|\\[${IPV6}\\]):${PORT}`, INTERFACE)
export const NEXTHOP_ID = whole('[1-9][0-9]{0,8}', ...TEN_DIGITS)
/** `MARK` or `MARK/MASK` */
export const FIREWALL_MARK = whole(`${MARK}(?:/${MARK})?`)
export const OFFSET = whole(`[+-]?${DURATION}`)
export const KEEPALIVE = whole(`(?=.*[1-9])\\+?${DURATION}`)
/** A path in a node. */
export const NODE_PATH = whole('(?!/(?:proc|sys)(?:/|$))(?:/(?!\\.{1,2}(?:/|$))[^/\\x00-\\x1f\\x7f-\\x9f]+)+')
export const TEXT = whole('[^\\x00]*')
/** A text that is not empty. */
export const SOME_TEXT = whole('[^\\x00]+')
