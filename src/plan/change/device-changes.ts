// What is changed in place of the devices that stay. Pure.
import type { ResolvedInterface } from '../../model/resolved.js'
import type { LinkAdd, Replacement, VethAdd } from '../op.js'
import type { FactOp } from './facts/fact.js'
import { ANY_SEGMENTS } from './facts/kernel-facts.js'
import { plainSettings, type SettingChange, settingChanges } from './facts/settings.js'

type DeviceOp = Extract<FactOp, { op: 'bridge.add' | 'link.add' | 'tun.add' | 'device.move' }>

/** One end of a veth pair, or another device, as it is and as it is to be. */
export interface DeviceChange {
  node: string
  index: number
  /** Name and MAC address, which are changed before anything else; null: they stay. */
  identity: Replacement | null
  isNewMac: boolean
  /** All else; null: it stays. */
  rest: Replacement | null
  /** For people: from and to. */
  values: SettingChange[]
}

/** What was written of an interface last, by node and ifindex. */
export type Written = (node: string, index: number) => ResolvedInterface | undefined

/** The changes of a device with the same key: one for each of its ends in a node. */
export function deviceChanges(kernel: FactOp, wanted: FactOp, before: Written): DeviceChange[] {
  if (kernel.op === 'veth.add' && wanted.op === 'veth.add') return vethChanges(kernel, wanted)
  if (!isDevice(kernel) || !isDevice(wanted)) return []
  const settings = changedSettings(kernel, wanted, before)
  const now = { ...wanted, mac: wanted.mac === null ? null : kernel.mac, interface: kernel.interface, mtu: kernel.mtu }
  const renamed = { ...now, interface: wanted.interface, mac: wanted.mac }
  const [from, to] = hasSettings(wanted) && settings.length > 0 ? withSettings(wanted, settings) : [wanted, wanted]
  return [
    changeOf(wanted.node, wanted.index, kernel, wanted, settings, {
      identity: [now, renamed],
      rest: [{ ...from, interface: wanted.interface, mtu: kernel.mtu }, to],
    }),
  ]
}

const isDevice = (op: FactOp): op is DeviceOp =>
  op.op === 'bridge.add' || op.op === 'link.add' || op.op === 'tun.add' || op.op === 'device.move'

function vethChanges(kernel: VethAdd, wanted: VethAdd): DeviceChange[] {
  const end = (of: VethAdd, node: string, index: number): VethAdd['peer'] =>
    of.node === node && of.index === index ? of : of.peer
  return [wanted, wanted.peer].flatMap(({ node, index }) => {
    const [is, to] = [end(kernel, node, index), end(wanted, node, index)]
    const far = end(
      kernel,
      to === wanted ? wanted.peer.node : wanted.node,
      to === wanted ? wanted.peer.index : wanted.index,
    )
    if (is.index !== to.index || node.startsWith('@')) return []
    const pair = (own: VethAdd['peer']): VethAdd => ({
      op: 'veth.add',
      ...pick(own),
      queues: wanted.queues,
      peer: pick(far),
    })
    const mac = to.mac ?? is.mac
    const next = { ...to, mac, gsoMaxSegs: to.gsoMaxSegs ?? ANY_SEGMENTS }
    const segments = is.gsoMaxSegs ?? ANY_SEGMENTS
    return [
      changeOf(node, index, is, next, segmentChange(segments, next.gsoMaxSegs), {
        identity: [pair(is), pair({ ...is, interface: next.interface, mac })],
        rest: [pair({ ...is, interface: next.interface, mac }), pair(next)],
      }),
    ]
  })
}

const segmentChange = (from: number, to: number): SettingChange[] =>
  from === to ? [] : [{ key: 'gso_max_segs', from, to }]

const pick = ({
  node,
  interface: name,
  index,
  mac,
  mtu,
  gsoMaxSegs = ANY_SEGMENTS,
}: VethAdd['peer']): VethAdd['peer'] => ({
  ...{ node, interface: name, index, mac, mtu, gsoMaxSegs },
})

interface End {
  interface: string
  mac: string | null
  mtu: number
}

function changeOf(
  node: string,
  index: number,
  is: End,
  wanted: End,
  settings: readonly SettingChange[],
  ops: Record<'identity' | 'rest', [Replacement['from'], Replacement['to']]>,
): DeviceChange {
  const isNewMac = wanted.mac !== null && wanted.mac !== is.mac
  const isNewName = wanted.interface !== is.interface
  const isNewMtu = wanted.mtu !== is.mtu
  const replace = ([from, to]: [Replacement['from'], Replacement['to']]): Replacement => ({
    op: 'replace',
    node,
    from,
    to,
  })
  return {
    ...{ node, index, isNewMac },
    identity: isNewName || isNewMac ? replace(ops.identity) : null,
    rest: isNewMtu || settings.length > 0 ? replace(ops.rest) : null,
    values: [
      ...(isNewName ? [{ key: 'name', from: is.interface, to: wanted.interface }] : []),
      ...(isNewMac ? [{ key: 'mac', from: is.mac, to: wanted.mac }] : []),
      ...(isNewMtu ? [{ key: 'mtu', from: is.mtu, to: wanted.mtu }] : []),
      ...settings,
    ],
  }
}

function changedSettings(kernel: DeviceOp, wanted: DeviceOp, before: Written): SettingChange[] {
  if (!hasSettings(kernel) || !hasSettings(wanted)) return []
  const written = before(wanted.node, wanted.index)?.settings
  const names = 'indexes' in wanted ? wanted.indexes : {}
  const last =
    written === undefined || written.kind === 'device'
      ? null
      : plainSettings({ op: 'link.add', settings: written, indexes: names } as LinkAdd)
  const kind = wanted.settings?.kind ?? 'bridge'
  return settingChanges(kind, plainSettings(kernel), last, plainSettings(wanted)) ?? []
}

const hasSettings = (op: DeviceOp): op is Extract<DeviceOp, { op: 'bridge.add' | 'link.add' }> =>
  op.op === 'bridge.add' || op.op === 'link.add'

/** The device with the settings that it has, and with those that it is to have. */
function withSettings(
  wanted: Extract<DeviceOp, { settings?: unknown }>,
  changes: readonly SettingChange[],
): [DeviceOp, DeviceOp] {
  const settings: Record<string, unknown> = { ...(wanted.settings ?? { kind: 'bridge' }) }
  const [before, after] = [{ ...settings }, { ...settings }]
  const indexes: Record<string, number> = 'indexes' in wanted ? { ...wanted.indexes } : {}
  for (const { key, from, to } of changes) {
    const value = settings[key]
    if (key === 'remote' && Array.isArray(value)) before.remote = [from, ...value.slice(1)]
    // The interface that is named has another ifindex, or there was none.
    else if (typeof value === 'string' && value in indexes) {
      if (typeof from === 'number') indexes[value] = from
      else delete before[key]
    } else {
      before[key] = from
      after[key] = to
    }
  }
  const old = { ...wanted, settings: before, ...('indexes' in wanted ? { indexes } : {}) }
  return [old, { ...wanted, settings: after }] as unknown as [DeviceOp, DeviceOp]
}
