// What must go before anything is added: what clashes with something new, and what the kernel changes only in this way. Pure.
import { LabError } from '../../../errors.js'
import { identityOf } from '../../../model/interfaces/kinds.js'
import { isDevice } from '../../device-op.js'
import type { LinkAdd } from '../../op.js'
import { type ChangeContext, isRemoved, namesOf } from '../context.js'
import { type DeviceChange, deviceChanges } from '../device-changes.js'
import { type Fact, type FactOp, type Place, placeKey } from '../facts/fact.js'
import { hostOf, subnetOf } from '../facts/subnet.js'
import { freeRoutes } from './free-routes.js'
import { rename } from './rename.js'

/** Removes what must go first. @returns what is changed in place of the devices that stay. @throws LabError USAGE for names of others */
export function makeRoom(context: ChangeContext): DeviceChange[] {
  const changes = changesOf(context)
  freeNames(context, changes)
  setDown(context, changes)
  freeMasters(context)
  freeAddresses(context)
  freeMovedAddresses(context)
  freeDisconnected(context)
  freeRoutes(context)
  freeNexthops(context)
  rename(changes, context.removing)
  return changes
}

function changesOf({ wanted, removing, before }: ChangeContext): DeviceChange[] {
  return [...wanted.values()].flatMap(({ key, op }) => {
    const kernel = removing.kernel.get(key)
    return kernel && isDevice(op) ? deviceChanges(kernel, op, before) : []
  })
}

const nameKey = (node: string, name: string): string => `${node}:${name}`

/** Devices whose name or identity a new one takes. */
function freeNames(context: ChangeContext, changes: readonly DeviceChange[]): void {
  const { wanted, removing, notes } = context
  const taken = new Set<string>()
  const identities = new Set<string>()
  for (const { key, op } of wanted.values()) {
    if (!isDevice(op)) continue
    const now = removing.kernel.get(key)
    if (now === undefined) for (const end of namesOf(op)) taken.add(nameKey(end.node, end.interface))
    if (op.op === 'link.add') for (const text of identitiesOf(op)) identities.add(`${op.node} ${text}`)
  }
  const renamed = new Set<string>()
  for (const { node, values, identity } of changes) {
    const name = values.find(({ key }) => key === 'name')
    if (!identity || !name) continue
    taken.add(nameKey(node, String(name.to)))
    renamed.add(nameKey(node, String(name.from)))
  }
  for (const fact of [...removing.kernel.facts.values()]) {
    const { key, op } = fact
    if (!isDevice(op) || wanted.has(key)) continue
    const name = namesOf(op).find(
      (end) => taken.has(nameKey(end.node, end.interface)) && !renamed.has(nameKey(end.node, end.interface)),
    )
    const identity =
      op.op === 'link.add' ? identitiesOf(op).find((text) => identities.has(`${op.node} ${text}`)) : undefined
    if (!name && identity === undefined) continue
    if (!isRemoved(fact, context)) throw takenName(op, name?.interface ?? op.interface, identity)
    notes.set(
      key,
      name
        ? `goes first, since a new interface is called ${name.interface}`
        : `goes first, since a new interface is ${identity}`,
    )
    removing.take(fact)
  }
}

function takenName(
  { node, interface: own }: FactOp & { interface: string },
  name: string,
  identity?: string,
): LabError {
  const what = identity === undefined ? `an interface called ${name}` : `${own}, which is ${identity}`
  return new LabError('USAGE', `${node} has ${what}, which no topology of this lab made, and the file has one, too`, {
    hint: `delete it (\`nslab exec ${node} -- ip link delete ${own}\`), or remove all that is not in the file with --prune`,
  })
}

function identitiesOf({ settings, mac }: LinkAdd): string[] {
  // A kind that no topology has.
  if (!(settings.kind in KNOWN)) return []
  const own = identityOf(settings)
  const address = settings.kind === 'macvlan' && mac !== null ? [`the one with ${mac} on ${settings.parent}`] : []
  return [...(own ? [own.text] : []), ...address]
}

const KNOWN: Record<LinkAdd['settings']['kind'], true> = {
  ...{ dummy: true, ifb: true, vlan: true, macvlan: true, ipvlan: true, bond: true, vrf: true, wireguard: true },
  ...{
    vxlan: true,
    gre: true,
    gretap: true,
    ip6gre: true,
    ip6gretap: true,
    ipip: true,
    sit: true,
    ip6tnl: true,
    geneve: true,
  },
}

/** The kernel makes a link-local address of a new MAC address only when the interface comes up. */
function setDown({ removing }: ChangeContext, changes: readonly DeviceChange[]): void {
  for (const { isNewMac, node, index } of changes) if (isNewMac) takeUp(removing, { node, index })
}

function takeUp(removing: ChangeContext['removing'], place: Place): void {
  const up = removing.kernel.facts.get(`up ${placeKey(place)}`)
  if (up) removing.take(up)
}

/** An interface leaves its master before it joins another one. While it joins or leaves a bond or a VRF, it is down. */
function freeMasters(context: ChangeContext): void {
  const { wanted, removing, before } = context
  for (const fact of [...removing.kernel.facts.values()]) {
    if (fact.op.op !== 'link.enslave') continue
    const { node, index, master } = fact.op
    const next = wanted.get(fact.key)?.op
    const isSame = next?.op === 'link.enslave' && next.master.index === master.index
    const port = wanted.get(`port ${placeKey(fact.op)}`)?.op
    const last = before(node, master.index)?.ports?.find((each) => each.interface === before(node, index)?.name)
    const losesCost = last?.cost !== undefined && (port?.op !== 'bridge-port.set' || port.cost === undefined)
    if (isSame && !losesCost) continue
    if (next === undefined && !isRemoved(fact, context)) continue
    if (isBridge(context, node, master.index)) {
      if (next !== undefined) removing.take(fact)
      continue
    }
    takeUp(removing, fact.op)
    removing.take(fact)
  }
  for (const { key, op } of wanted.values()) {
    if (op.op !== 'link.enslave' || removing.kernel.get(key) || isBridge(context, op.node, op.master.index)) continue
    takeUp(removing, op)
  }
}

function isBridge({ wanted, removing }: ChangeContext, node: string, index: number): boolean {
  const key = `device ${placeKey({ node, index })}`
  return (removing.kernel.get(key) ?? wanted.get(key)?.op)?.op === 'bridge.add'
}

/** The first IPv4 address of a subnet takes the others with it; IPv6 has an address of an interface once, whatever its length. */
function freeAddresses(context: ChangeContext): void {
  const { wanted, removing, notes } = context
  const wantedFirst = new Map<string, string>()
  for (const { op } of wanted.values()) {
    if (op.op !== 'address.add') continue
    const group = `${placeKey(op)} ${op.family === 4 ? subnetOf(op.address) : hostOf(op.address)}`
    if (!wantedFirst.has(group)) wantedFirst.set(group, op.address)
  }
  const seen = new Set<string>()
  for (const fact of [...removing.kernel.facts.values()]) {
    const { op } = fact
    if (op.op !== 'address.add') continue
    const group = `${placeKey(op)} ${op.family === 4 ? subnetOf(op.address) : hostOf(op.address)}`
    const isFirst = !seen.has(group)
    seen.add(group)
    const first = wantedFirst.get(group)
    if (!isFirst || first === undefined || first === op.address) continue
    if (!wanted.has(fact.key) && !isRemoved(fact, context)) continue
    notes.set(fact.key, `goes first, since it would take ${first} with it`)
    removing.take(fact)
  }
}

/**
 * An address that another interface gets, of any node: two must not have it at once, and the kernel takes no route over a gateway that
 * is an address of the node itself.
 */
function freeMovedAddresses(context: ChangeContext): void {
  const { wanted, removing, notes } = context
  const hosts = new Set([...wanted.values()].flatMap(({ op }) => (op.op === 'address.add' ? [hostOf(op.address)] : [])))
  for (const fact of [...removing.kernel.facts.values()]) {
    const { key, op } = fact
    if (op.op !== 'address.add' || wanted.has(key) || !hosts.has(hostOf(op.address)) || !isRemoved(fact, context))
      continue
    notes.set(key, 'goes first, since another interface gets it')
    removing.take(fact)
  }
}

/** The kernel makes the routes of an address, which others may need, only with the address. */
function freeDisconnected({ wanted, removing, notes }: ChangeContext): void {
  for (const fact of [...removing.kernel.facts.values()]) {
    if (!('disconnected' in fact.op) || !wanted.has(fact.key) || !removing.kernel.get(fact.key)) continue
    notes.set(fact.key, 'is made again, since the kernel has lost its route')
    removing.take(fact)
  }
}

/** A next-hop object does not become one of another type. */
function freeNexthops({ wanted, removing }: ChangeContext): void {
  for (const { key, op } of wanted.values()) {
    const now: Fact | undefined = removing.kernel.facts.get(key)
    if (op.op === 'nexthop.add' && now?.op.op === 'nexthop.add' && typeOf(now.op) !== typeOf(op)) removing.take(now)
  }
}

function typeOf({ nexthop }: Extract<FactOp, { op: 'nexthop.add' }>): string {
  if ('group' in nexthop) return 'group'
  return `${'blackhole' in nexthop ? 'blackhole' : 'hop'} ${nexthop.family}`
}
