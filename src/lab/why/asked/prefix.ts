// Whether prefixes have an address in them.
import { BlockList, isIP, isIPv6 } from 'node:net'

/** Whether the prefix of a line of `ip route` that begins with a type has an address in it. */
export function contains(line: string, address: string): boolean {
  const prefix = line.split(' ')[1] ?? ''
  return prefix === 'default' || isWithin(prefix, address)
}

export function isWithin(prefix: string, address: string): boolean {
  const [network = '', length = isIPv6(address) ? '128' : '32'] = prefix.split('/')
  const kind = isIPv6(address) ? 'ipv6' : 'ipv4'
  if (isIP(network) !== isIP(address)) return false
  const list = new BlockList()
  list.addSubnet(network, Number(length), kind)
  return list.check(address, kind)
}
