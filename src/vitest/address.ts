// The matcher toHaveAddress. When it fails, it says which addresses the node has.
import type { MatcherState } from 'vitest'
import { requireNode } from './received.js'
import { listText, prefixOf, viewOf } from './views.js'
import { askWithin, type Within } from './within.js'

export interface AddressOptions {
  interface?: string
  /** Tries again until the node has the address, or with `.not` until it has it no more. */
  within?: Within
}

/**
 * @param address `ADDRESS/LENGTH`, or an address, whatever its length
 * @throws LabError USAGE for a text that is no address
 */
export async function toHaveAddress(
  this: MatcherState,
  received: unknown,
  address: string,
  { interface: device, within }: AddressOptions = {},
) {
  const node = requireNode(received, 'toHaveAddress')
  const wanted = prefixOf(address)
  const isWanted = (text: string) => {
    const { family, address: number, length } = prefixOf(text)
    const isLength = length === wanted.length || !address.includes('/')
    return family === wanted.family && number === wanted.address && isLength
  }
  const ask = async () => {
    const { interfaces } = (await viewOf(node, [])).own
    const all = interfaces.flatMap(({ name, addresses }) => addresses.map((each) => ({ name, text: each.address })))
    return { has: all.some(({ name, text }) => (device === undefined || name === device) && isWanted(text)), all }
  }
  const { has, all } = await askWithin(within, ask, (answer) => answer.has !== (this.isNot === true))
  const said = `${node.name} ${has ? 'has' : 'does not have'} the address ${address}${device === undefined ? '' : ` dev ${device}`}`
  const list = listText(
    `${node.name} has`,
    all.map(({ name, text }) => `${text} dev ${name}`),
  )
  return { pass: has, message: () => `${said}\n\n${list}` }
}
