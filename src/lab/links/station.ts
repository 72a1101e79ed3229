// Finds a station of a LAN, and the source addresses of its frames.
import { LabError } from '../../errors.js'
import { type LinkInfo, listLinks, parseLink } from '../../kernel/netlink/rtnl/link.js'
import type { Station } from '../../topology/emulation/change-link.js'
import { suggestion } from '../../topology/values/suggest.js'
import { linkOf } from './carrier.js'
import { allLinks, endText, type LinkEnd, otherEnd } from './endpoint.js'
import type { LabNetwork } from './lab-network.js'

/**
 * @param port of the LAN's switch, towards the receiver
 * @param text `NODE` or `NODE:INTERFACE`
 * @throws LabError USAGE when the port is none of a switch, or the station is not of its LAN
 */
export async function findStation(network: LabNetwork, port: LinkEnd, text: string): Promise<Station> {
  if (port.node.kind !== 'switch') throw notAPort(port)
  const stations = allLinks(port.lab).flatMap(([a, b]) => {
    const own = [a, b].filter(({ node }) => node.name === port.node.name)
    return own.length === 1 && a.link !== port.link ? [otherEnd(own[0] as LinkEnd)] : []
  })
  const found = stations.find((end) => text === end.node.name || text === endText(end))
  if (!found) {
    const names = stations.map((end) => (text.includes(':') ? endText(end) : end.node.name))
    const help = suggestion(text, names) || `; there are ${names.slice(0, 20).join(', ')}`
    throw new LabError('USAGE', `${text} is no other station of the LAN of ${endText(port)}${help}`)
  }
  const links = (await network.of(found.node).dump(listLinks())).map(parseLink)
  return { name: endText(found), macs: macsOf(await linkOf(network.of(found.node), found), links) }
}

function notAPort(end: LinkEnd): LabError {
  const other = otherEnd(end)
  const hint =
    other.node.kind === 'switch'
      ? `what ${end.node.name} receives from one station is set at the switch: write ${endText(other)}`
      : 'pairs are of the stations of a LAN, which have a switch between them'
  return new LabError('USAGE', `--pair needs the port of a switch, towards the receiver; ${endText(end)} is none`, {
    hint,
  })
}

/** That of the interface, and those of the bridges and bonds that it is in. */
function macsOf(link: LinkInfo, all: readonly LinkInfo[]): string[] {
  const macs = new Set<string>()
  for (let at: LinkInfo | undefined = link; at; at = above(at, all))
    if (at.mac !== null && at.kind !== 'vrf') macs.add(at.mac)
  return [...macs]
}

const above = ({ master }: LinkInfo, all: readonly LinkInfo[]): LinkInfo | undefined =>
  all.find(({ index }) => index === master)
