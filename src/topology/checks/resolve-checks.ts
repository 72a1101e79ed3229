// Resolves the checks of a topology: patterns become names, texts numbers, and what no lab could meet is refused. The lab itself
// does not depend on them.
import type { Check, CheckKind, Checks } from '../../model/reach/check.js'
import { CHECK_KINDS, parseRttLimit, type WrittenCheck, type WrittenKind } from '../schema/checks.js'
import { parseMoment } from '../schema/scenario.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import type { Topology } from '../source/topology.js'
import { parsePrefix } from '../values/prefix.js'
import { checkText } from './check-text.js'
import { CheckedNames, isAddress, type NamedNodes } from './ends.js'
import { patternFault } from './output-pattern.js'

/** Three packets tell a lost one from a lost path. */
const COUNT = 3

/** The checks of a topology; undefined if it has none. */
export function resolveChecks(topology: Topology, nodes: NamedNodes, faults: Faults): Checks | undefined {
  const { checks: written, within } = topology
  if (written === undefined || written.length === 0) return undefined
  const names = new CheckedNames(nodes, faults)
  const checks = written.flatMap((check, index): Check[] => {
    const path = ['checks', index]
    const kind = kindOf(check, path, names, faults)
    if (!kind) return []
    const { origin } = topology.locate(path)
    return [{ ...kind, text: checkText(check), line: origin.source.position(origin.start).line }]
  })
  return { withinMs: within === undefined ? 0 : Number(parseMoment(within)), checks }
}

function kindOf(check: WrittenCheck, above: Path, names: CheckedNames, faults: Faults): CheckKind | undefined {
  const [kind, ...others] = CHECK_KINDS.filter((each) => check[each] !== undefined)
  for (const other of others)
    faults.add(
      [...above, other],
      `a check is about one thing, here ${kind}: write ${other} as a check of its own`,
      'key',
    )
  if (kind === undefined)
    return faults.add(above, `the check says nothing: it needs one of ${CHECK_KINDS.join(', ')}`) as undefined
  return kindIn(check, kind, [...above, kind], names, faults)
}

function kindIn(
  check: WrittenCheck,
  kind: WrittenKind,
  path: Path,
  names: CheckedNames,
  faults: Faults,
): CheckKind | undefined {
  switch (kind) {
    case 'ping': {
      const { rtt, loss = 0, count = COUNT, ...pair } = { ...mapOf(check.ping) }
      const limits = { rttBelowMs: rtt === undefined ? null : Number(parseRttLimit(rtt)), lossAtMost: loss, count }
      return { kind, ...pairsOf(pair, path, check.ping, names, faults), ...limits }
    }
    case 'unreachable':
      return { kind, ...pairsOf({ ...mapOf(check.unreachable) }, path, check.unreachable, names, faults) }
    case 'tcp':
    case 'udp': {
      const { port, ...pair } = portOf(check[kind], path, faults)
      return { kind, ...pairsOf(pair, path, check[kind], names, faults), port }
    }
    case 'path': {
      if (!check.path) return undefined
      const { from, to, via, family = null } = check.path
      names.node(from, [...path, 'from'])
      names.receiver(to, [...path, 'to'])
      for (const [index, node] of via.entries()) names.node(node, [...path, 'via', index])
      return { kind, from, to, via, family }
    }
    case 'route':
      return check.route && routeOf(check.route, path, names, faults)
    case 'exec': {
      if (!check.exec) return undefined
      const { node, run, status = 0, stdout = null, stderr = null } = check.exec
      names.node(node, [...path, 'node'])
      for (const [key, pattern] of Object.entries({ stdout, stderr })) {
        const fault = pattern === null ? null : patternFault(pattern)
        if (fault !== null) faults.add([...path, key], fault)
      }
      return { kind, node, run: typeof run === 'string' ? ['/bin/sh', '-c', run] : run, status, stdout, stderr }
    }
  }
}

interface WrittenPair {
  from?: string
  to?: string
  family?: 4 | 6 | undefined
}

/** `A -> B` as a map; a map stays as it is. */
function mapOf<T extends WrittenPair>(written: string | T | undefined): T {
  if (typeof written !== 'string') return written as T
  const [from = '', to = ''] = written.split('->', 2).map((part) => part.trim())
  return { from, to } as T
}

function portOf(
  written: NonNullable<WrittenCheck['tcp']> | undefined,
  path: Path,
  faults: Faults,
): WrittenPair & { port: number } {
  if (typeof written !== 'string') return { port: 0, ...written }
  const { from = '', to = '' } = mapOf<WrittenPair>(written)
  const colon = to.lastIndexOf(':')
  const port = Number(to.slice(colon + 1))
  if (port < 1 || port > 65_535) faults.add(path, `${to.slice(colon + 1)} is no port: a port is 1 to 65535`)
  // An IPv6 address stands in brackets before a port, as in a URL.
  return { from, to: to.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port }
}

function pairsOf(
  { from = '', to = '', family = null }: { from?: string; to?: string; family?: 4 | 6 | null | undefined },
  path: Path,
  written: unknown,
  names: CheckedNames,
  faults: Faults,
) {
  const isShort = typeof written === 'string'
  const senders = names.senders(from, isShort ? path : [...path, 'from'])
  const receivers = names.receivers(to, isShort ? path : [...path, 'to'])
  if (senders.length === 1 && receivers.length === 1 && senders[0] === receivers[0])
    faults.add(path, `${from} would reach itself: a check is about two nodes`)
  const prefix = isAddress(to) ? parsePrefix(to) : null
  if (prefix && family !== null && prefix.family !== family)
    faults.add(isShort ? path : [...path, 'family'], `${to} is no IPv${family} address`)
  return { from: senders, to: receivers, family }
}

function routeOf(
  written: NonNullable<WrittenCheck['route']>,
  path: Path,
  names: CheckedNames,
  faults: Faults,
): CheckKind {
  const { node, to, via = null, interface: device = null } = written
  names.node(node, [...path, 'node'])
  if (via !== null) names.receiver(via, [...path, 'via'])
  if (to === 'default') return { kind: 'route', node, to, via, interface: device }
  const prefix = parsePrefix(to)
  if (!prefix) faults.add([...path, 'to'], `${to} is not ADDRESS/LENGTH, an address or default`)
  else if (prefix.address !== prefix.network)
    faults.add([...path, 'to'], `${to} has bits beside its prefix; did you mean ${prefix.networkText}?`)
  return { kind: 'route', node, to: prefix?.networkText ?? to, via, interface: device }
}
