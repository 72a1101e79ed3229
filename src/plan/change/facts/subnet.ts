// IPv4 subnets of addresses, in the text of `ADDRESS/LENGTH`. Pure.

/** The prefix that an IPv4 address is in, as a text that addresses of the same subnet share. */
export function subnetOf(address: string): string {
  const [host = '', length = '32'] = address.split('/')
  const bits = host.split('.').reduce((value, byte) => value * 256 + Number(byte), 0)
  const size = 2 ** (32 - Number(length))
  return `${Math.floor(bits / size)}/${length}`
}

export const hostOf = (address: string): string => address.split('/')[0] as string
