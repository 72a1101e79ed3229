// Gives an interface that was made anew all that the old one of its name and ifindex had.
import { readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError } from '../../errors.js'
import { attempt } from '../../kernel/attempt.js'
import {
  addBridgeVlan,
  deleteBridgeVlan,
  listBridgeVlans,
  parseBridgeVlans,
} from '../../kernel/netlink/rtnl/bridge-vlan.js'
import { listForwarding } from '../../kernel/netlink/rtnl/forwarding.js'
import { addAltnames, parseLink, setLink } from '../../kernel/netlink/rtnl/link.js'
import { replayAddress } from '../../kernel/netlink/rtnl/replay.js'
import type { Request } from '../../kernel/netlink/rtnl/request.js'
import {
  forwardingKey,
  isAddedForwarding,
  restoreForwarding,
  restoreLink,
  restorePort,
  wasUp,
} from '../../kernel/netlink/rtnl/same-link.js'
import type { NetlinkSocket } from '../../kernel/netlink/socket.js'
import type { ForgottenEntries, KeptEnd } from '../record/state.js'
import { endText, type LinkEnd } from './endpoint.js'
import { remake } from './forgotten.js'
import { readSysctls, sysctlFile } from './kept-end.js'
import type { LabNetwork } from './lab-network.js'

/** With it, addresses are used at once, without duplicate address detection: they were used before. */
const ACCEPT_DAD = 'ipv6/conf/accept_dad'
/** Only the kernel writes it. */
const MULTICAST_ROUTING = /\/mc_forwarding$/

const payloadOf = (text: string): Buffer => Buffer.from(text, 'base64')

/** All that does not need a carrier: settings, sysctls, its place in a bridge or a VRF, addresses; up, where it was. @throws KernelError */
export async function restoreSettings(network: LabNetwork, end: LinkEnd, kept: KeptEnd): Promise<void> {
  const [target, socket, payload] = [endText(end), network.of(end.node), payloadOf(kept.link)]
  const { name, altnames, master } = parseLink(payload)
  const { index } = end
  await socket.send([
    ...(altnames.length === 0 ? [] : [addAltnames({ target, index, altnames })]),
    restoreLink(target, payload),
  ])
  network.visit(end.node, () => writeSysctls(name, { ...kept.sysctls, ...withoutDad(kept) }))
  if (master !== null) await socket.send([setLink({ target, index, master }), ...restoredPort(target, payload)])
  await restoreVlans(socket, end, kept)
  await restoreAllForwarding(socket, end, kept)
  if (wasUp(payload)) await socket.send([setLink({ target, index, up: true })])
  for (const text of kept.addresses) {
    const request = replayAddress({ target, index, payload: payloadOf(text) }, 0)
    // The kernel may have made an address by itself.
    if (request) await socket.send([request]).catch(unlessThere)
  }
}

/**
 * The rest, once the link runs: routes and neighbours.
 *
 * @returns what the kernel refuses
 */
export async function restoreTables(network: LabNetwork, end: LinkEnd, kept: KeptEnd): Promise<ForgottenEntries> {
  const { routes, neighbours } = kept
  const refused = await remake(
    network.of(end.node),
    { target: endText(end), index: end.index },
    { nexthops: [], routes, neighbours },
  )
  const { name } = parseLink(payloadOf(kept.link))
  const before = kept.sysctls[ACCEPT_DAD]
  if (before !== undefined) network.visit(end.node, () => writeSysctls(name, { [ACCEPT_DAD]: before }))
  return refused
}

const withoutDad = ({ sysctls }: KeptEnd) => (sysctls[ACCEPT_DAD] === undefined ? {} : { [ACCEPT_DAD]: '0' })

/** Writes those that differ. @throws KernelError */
function writeSysctls(name: string, wanted: Readonly<Record<string, string>>): void {
  const now = readSysctls(name)
  for (const [key, value] of Object.entries(wanted)) {
    if (now[key] === value || MULTICAST_ROUTING.test(key)) continue
    const path = sysctlFile(key, name)
    attempt('write sysctl', path, () => {
      // Some follow others: those of neighbour tables have two units.
      if (readFileSync(path, 'utf8').trimEnd() !== value) writeFileSync(path, `${value}\n`)
    })
  }
}

/** A bridge gives a new port its default VLAN. */
async function restoreVlans(socket: NetlinkSocket, { node, interface: name, index }: LinkEnd, kept: KeptEnd) {
  const target = `${node.name}:${name}`
  const wanted = kept.vlans.map(payloadOf).flatMap(parseBridgeVlans)
  const now = (await socket.dump(listBridgeVlans())).flatMap(parseBridgeVlans).filter((each) => each.index === index)
  const keyOf = ({ vid, pvid, untagged }: (typeof wanted)[number]) => `${vid} ${pvid} ${untagged}`
  const [have, want] = [now, wanted].map((vlans) => new Set(vlans.map(keyOf))) as [Set<string>, Set<string>]
  await socket.send([
    ...now.filter((vlan) => !want.has(keyOf(vlan))).map((vlan) => deleteBridgeVlan({ target, ...vlan })),
    ...wanted.filter((vlan) => !have.has(keyOf(vlan))).map((vlan) => addBridgeVlan({ target, ...vlan })),
  ])
}

async function restoreAllForwarding(socket: NetlinkSocket, end: LinkEnd, kept: KeptEnd): Promise<void> {
  const all = await socket.dump(listForwarding())
  const now = new Set(all.filter((payload) => isAddedForwarding(payload, end.index)).map(forwardingKey))
  const missing = kept.forwarding.map(payloadOf).filter((payload) => !now.has(forwardingKey(payload)))
  for (const payload of missing) await socket.send([restoreForwarding(endText(end), payload)]).catch(unlessThere)
}

function unlessThere(error: unknown): void {
  if (!(error instanceof KernelError && error.errno === constants.errno.EEXIST)) throw error
}

function restoredPort(target: string, payload: Buffer): Request[] {
  const request = restorePort(target, payload)
  return request === null ? [] : [request]
}
