// The IPv4 subnet of an address, bit by bit.
export function subnetOf(address: string): string {
  const [host = '', length = '32'] = address.split('/')
  const bits = host
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('')
  return `${bits.slice(0, Number(length))}/${length}`
}
