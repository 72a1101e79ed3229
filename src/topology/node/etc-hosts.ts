// The text of /etc/hosts (hosts(5)), which all nodes of a lab share.

import type { ResolvedNode } from '../../model/resolved.js'
import { isLinkLocalText, nodeAddress } from '../addresses/node-address.js'

const LOCALHOST = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
]

/** Names every address NODE-INTERFACE, and the main addresses of a node NODE, in order of the nodes. */
export function hostsText(nodes: readonly ResolvedNode[]): string {
  const lines = [...LOCALHOST]
  const allGuests = nodes.filter(({ network }) => network !== undefined)
  for (const node of nodes) {
    const guests = allGuests.filter(({ network }) => network === node.name).map(({ name }) => name)
    const main = new Set([nodeAddress(node, 4), nodeAddress(node, 6)])
    for (const { name, addresses } of node.interfaces) {
      for (const address of addresses.filter((each) => !isLinkLocalText(each))) {
        const bare = address.slice(0, address.indexOf('/'))
        const names = [
          ...(main.has(bare) ? [node.name, ...guests] : []),
          ...(name === 'lo' ? [] : [`${node.name}-${name}`]),
        ]
        if (names.length > 0) lines.push(`${bare}\t${names.join(' ')}`)
      }
    }
  }
  return `${lines.join('\n')}\n`
}
