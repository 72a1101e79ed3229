// The identities of tunnels within a node. The kernel refuses a second tunnel of the same identity with EEXIST.
import type { SettingsFor } from './interface-settings.js'
import type { Identity } from './interface-traits.js'

export const inNode = (text: string, key: string | null = null): Identity => ({ text, key, scope: 'node' })

export const greTunnel = (settings: SettingsFor<'gre'>): Identity =>
  inNode(
    `the ${settings.kind} tunnel ${between(settings)}${settings.key === undefined ? '' : ` with key ${settings.key}`}`,
  )

export const ipTunnel = (settings: SettingsFor<'ipip'> | SettingsFor<'ip6tnl'>): Identity =>
  inNode(`the ${settings.kind} tunnel ${between(settings)}`)

/** The kernel compares the links of two VXLANs only where an address is valid on one link alone. */
export function vxlan({ id, remote, local = '', dev, dstport }: SettingsFor<'vxlan'>): Identity {
  const addresses = [...remote, local]
  const family = addresses.some((address) => address.includes(':')) ? 'IPv6' : 'IPv4'
  const link = addresses.some(isLinkLocal) ? ` by ${dev}` : ''
  return inNode(`VXLAN ${id} over ${family} at port ${dstport}${link}`)
}

interface Ends {
  remote: string
  local?: string | undefined
  dev?: string | undefined
}

const between = ({ remote, local, dev }: Ends): string =>
  `${local === undefined ? '' : `from ${local} `}to ${remote}${dev === undefined ? '' : ` by ${dev}`}`

/** Unicast or multicast of link-local scope (RFC 4291 section 2.7). */
const isLinkLocal = (address: string): boolean => /^f(?:e[89ab][0-9a-f]|f[0-9a-f]2):/.test(address)
