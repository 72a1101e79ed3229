// A ping along one path: from a node to a node, to one of its interfaces, or to an address.
import { LabError } from '../../errors.js'
import type { Family } from '../../model/family.js'
import type { PingResult } from '../../model/reach/ping.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { requireAlive } from '../who/process-identity.js'
import { type AddressesByNode, readAddresses } from './node-addresses.js'
import { addressOf, familiesOf, meaningOf, type NodeTarget, noAddressText, targetName } from './ping-target.js'
import { networkOf, type PingOptions, type PingTarget, pingTargets, witnessesOf } from './ping-targets.js'

/**
 * Pings from a node to a node of the same lab, to one of its interfaces, or to an address. A name stands for an address that
 * the kernel has now.
 *
 * @param to `NODE`, `NODE:INTERFACE`, `NODE-INTERFACE` or an address
 * @throws LabError NODE_NOT_FOUND when `to` is no node of the lab, or has no address of a family that the sender has, or when
 * `from` is dead; USAGE for an address of the other family.
 */
export async function pingPath(
  lab: RunningLab,
  from: NodeState,
  to: string,
  options: PingOptions,
): Promise<PingResult> {
  requireAlive(from)
  const now = await readAddresses(lab)
  const target = { source: from, from: from.name, ...resolveTarget(lab, from, to, options.family, now) }
  const [outcome] = await pingTargets(lab, [target], options, witnessesOf(now, [target.address]))
  const { sent, rttMs, answeredBy } = outcome ?? { sent: 0, rttMs: [], answeredBy: [] }
  const lossPercent = sent === 0 ? 100 : Math.round((1000 * (sent - rttMs.length)) / sent) / 10
  const { address } = target
  const result = { from: from.name, to: target.to, address, answeredBy, sent, received: rttMs.length, lossPercent }
  return { ...result, rttMs: statistics(rttMs) }
}

type Resolved = Pick<PingTarget, 'to' | 'address' | 'expected'>

/** The address that a word stands for, and the name to show with it. */
export function resolveTarget(
  lab: RunningLab,
  from: NodeState,
  word: string,
  family: Family | null,
  now: AddressesByNode,
): Resolved {
  const meaning = meaningOf(lab, word)
  if ('address' in meaning) return { to: word, address: checkFamily(meaning.address, family), expected: null }
  const hasInterface = ({ node, interface: name }: NodeTarget) =>
    name === null || now.get(node.name)?.interfaces.includes(name) === true
  const target = meaning.nodes.find(hasInterface)
  if (!target) throw noInterface(lab, word, meaning.nodes[0] as NodeTarget, now)
  const address = addressOf(target, now.get(target.node.name), familiesOf(now.get(from.name), family))
  if (address === null) throw noAddress(target, from, now, family)
  return { to: targetName(target), address, expected: networkOf(now, target.node.name) }
}

function noAddress(target: NodeTarget, from: NodeState, now: AddressesByNode, family: Family | null): LabError {
  const any = addressOf(target, now.get(target.node.name), familiesOf(undefined, family))
  const message =
    any === null
      ? `node ${noAddressText(target, family)}`
      : `${from.name} and ${targetName(target)} have no addresses of one family; ${targetName(target)} has ${any}`
  return new LabError('NODE_NOT_FOUND', message)
}

function noInterface(
  lab: RunningLab,
  word: string,
  { node, interface: name }: NodeTarget,
  now: AddressesByNode,
): LabError {
  const interfaces = now.get(node.name)?.interfaces
  if (!interfaces) return new LabError('NODE_NOT_FOUND', `${node.name} is dead, and only its name can be pinged`)
  const message = `lab ${lab.name} has no node ${word}, and node ${node.name} no interface ${name}`
  return new LabError('NODE_NOT_FOUND', word.includes(':') ? `node ${node.name} has no interface ${name}` : message, {
    hint: `its interfaces: ${interfaces.join(', ')}`,
  })
}

function checkFamily(address: string, family: Family | null): string {
  const actual = address.includes(':') ? 6 : 4
  if (family === null || family === actual) return address
  throw new LabError('USAGE', `${address} is not an IPv${family} address`)
}

/** Minimum, average, maximum and mean deviation, as ping(8) computes them; null without a reply. */
function statistics(rttMs: readonly number[]): PingResult['rttMs'] {
  if (rttMs.length === 0) return null
  const avg = rttMs.reduce((sum, each) => sum + each, 0) / rttMs.length
  const square = rttMs.reduce((sum, each) => sum + each * each, 0) / rttMs.length
  const mdev = Math.sqrt(Math.max(0, square - avg * avg))
  return { min: Math.min(...rttMs), avg: round(avg), max: Math.max(...rttMs), mdev: round(mdev) }
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000
