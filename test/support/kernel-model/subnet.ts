// The subnet of an address, bit by bit.
import { isIPv6 } from 'node:net'

export function subnetOf(address: string): string {
  const [host = '', length = '32'] = address.split('/')
  const size = isIPv6(host) ? 'IPv6' : 'IPv4'
  return `${size} ${(isIPv6(host) ? bits6(host) : bits4(host)).slice(0, Number(length))}/${length}`
}

const bits4 = (host: string): string =>
  host
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('')

function bits6(host: string): string {
  const [head = '', tail] = host.split('::').map((half) => (half === '' ? [] : half.split(':')))
  const groups = [...head, ...Array(tail === undefined ? 0 : 8 - head.length - tail.length).fill('0'), ...(tail ?? [])]
  return groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('')
}
