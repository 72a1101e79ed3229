// The checks of a lab from which nodes have been removed.
import type { Check, Checks } from '../../model/reach/check.js'

/** Without those that are about a node that is gone; undefined if none are left. */
export function checksOfRest({ withinMs, checks }: Checks, nodes: ReadonlyMap<string, unknown>): Checks | undefined {
  const left = checks.filter((check) => nodesOf(check).every((name) => nodes.has(name)))
  return left.length === 0 ? undefined : { withinMs, checks: left }
}

/** What a check names. An address has no node, and stays. */
function nodesOf(check: Check): string[] {
  switch (check.kind) {
    case 'ping':
    case 'unreachable':
    case 'tcp':
    case 'udp':
      return [...check.from, ...check.to.flatMap(nodeOf)]
    case 'path':
      return [check.from, ...nodeOf(check.to), ...check.via]
    case 'route':
      return [check.node, ...(check.via === null ? [] : nodeOf(check.via))]
    case 'exec':
      return [check.node]
  }
}

const nodeOf = (text: string): string[] => (/^[0-9.]+$|:.*:/.test(text) ? [] : [text.split(':', 1)[0] as string])
