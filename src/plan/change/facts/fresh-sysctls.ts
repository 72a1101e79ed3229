// The values that kernel parameters have in a new node once all that is written of the node has been written. Pure.

/** `net.ipv4.conf.eth0.rp_filter` in parts; null for a parameter that is not of an interface. */
export function partsOf(key: string): { family: string; owner: string; leaf: string } | null {
  const [, family, , owner, leaf] =
    /^(net[./](?:ipv4|ipv6|mpls)[./](?:conf|neigh))([./])(.+)[./]([a-z0-9_]+)$/.exec(key) ?? []
  if (family === undefined || owner === undefined || leaf === undefined) return null
  return { family: family.replaceAll('/', '.'), owner, leaf }
}

export const IP_FORWARD = 'net.ipv4.ip_forward'
/** The same parameter. */
export const ALL_FORWARDING = 'net.ipv4.conf.all.forwarding'
/** `all.*` of IPv6 that the kernel also writes to `default` and to every interface (addrconf_sysctl_* of net/ipv6/addrconf.c). */
const SPREADING = ['forwarding', 'disable_ipv6', 'addr_gen_mode', 'ignore_routes_with_linkdown']
/** Only to every interface. */
const SPREADING_TO_INTERFACES = ['force_forwarding']

/** Whether the kernel writes the value of `key` to `other`, too (inet_forward_change, addrconf_fixup_forwarding, addrconf_disable_ipv6). */
export function spreads(key: string, other: string): boolean {
  if (key === other) return false
  const [from, to] = [partsOf(key), partsOf(other)]
  if (key === IP_FORWARD || key === ALL_FORWARDING)
    return other === IP_FORWARD || (to?.family === 'net.ipv4.conf' && to.leaf === 'forwarding')
  if (from?.owner !== 'all' || from.family !== 'net.ipv6.conf' || to?.family !== from.family) return false
  if (to.leaf !== from.leaf || to.owner === 'all') return false
  return SPREADING.includes(to.leaf) || (SPREADING_TO_INTERFACES.includes(to.leaf) && to.owner !== 'default')
}

/**
 * Whether an interface that is there follows what is written to `default` (devinet_copy_dflt_conf), as long as it has no address of
 * IPv4: in a new node, `lo` does when parameters are written.
 */
const isCopied = ({ family, leaf }: { family: string; leaf: string }): boolean =>
  family === 'net.ipv4.conf' && leaf !== 'forwarding'

/** The key of the parameters of new interfaces; null for a parameter that is not of an interface. */
export const defaultKey = (key: string): string | null => {
  const parts = partsOf(key)
  return parts === null ? null : `${parts.family}.default.${parts.leaf}`
}

/** The key of the same parameter where its value in a new interface of a kind comes from. */
export const originOf = (key: string, kind: string): string | null => {
  const parts = partsOf(key)
  return kind === 'loopback' && parts !== null ? `${parts.family}.lo.${parts.leaf}` : defaultKey(key)
}

/** Whether what is written to `default` reaches an interface of a kind in a new node. */
export const isFollowedBy = (key: string, kind: string): boolean => {
  const parts = partsOf(key)
  return kind !== 'loopback' || (parts !== null && isCopied(parts))
}

/**
 * The value of a parameter of a new node, or of an interface that is called `default` or `lo`, after all has been written, in order.
 *
 * @param pristine values before anything is written
 * @returns undefined where it is not known
 */
export function freshValue(
  key: string,
  written: Readonly<Record<string, string>>,
  pristine: ReadonlyMap<string, string>,
): string | undefined {
  const parts = partsOf(key)
  let value = pristine.get(key)
  let forwards = pristine.get(IP_FORWARD)
  for (const [other, to] of Object.entries(written)) {
    const isCopy = parts?.owner === 'lo' && isCopied(parts) && defaultKey(key) === other
    if (other === key || isCopy || spreads(other, key)) value = to
    if (other !== IP_FORWARD && other !== ALL_FORWARDING) continue
    // inet_forward_change
    if (key === ALL_REDIRECTS && to !== forwards) value = to === '0' ? '1' : '0'
    forwards = to
  }
  return value
}

const ALL_REDIRECTS = 'net.ipv4.conf.all.accept_redirects'

/** The parameters whose values in a new node must be known to tell that of this one. */
export const originsOf = (key: string): string[] => (key === ALL_REDIRECTS ? [key, IP_FORWARD] : [key])
