// Which events are wanted: of which nodes, and of which kinds.
import { LabError } from '../../errors.js'
import type { LabEventKind, NetworkEventKind } from '../../model/lab-event.js'
import { globPattern } from '../who/node-glob.js'
import { NETWORK_KINDS } from './entries/kinds.js'

export const EVENT_KINDS: readonly LabEventKind[] = [...NETWORK_KINDS, 'node', 'impairment', 'lab', 'lost']

export interface WatchFilter {
  /** Names of nodes, in which `*` stands for any characters and `?` for one; all nodes by default. */
  nodes?: readonly string[]
  /** All kinds by default. `lab` and `lost` are always told. */
  events?: readonly LabEventKind[]
}

export interface Wanted {
  node: (name: string) => boolean
  networks: ReadonlySet<NetworkEventKind>
  nodeEvents: boolean
  impairments: boolean
}

/** @throws LabError USAGE for an unknown kind */
export function wantedBy({ nodes, events = EVENT_KINDS }: WatchFilter): Wanted {
  const unknown = events.find((kind) => !EVENT_KINDS.includes(kind))
  if (unknown !== undefined) {
    throw new LabError('USAGE', `there are no events ${JSON.stringify(unknown)}`, {
      hint: `there are ${EVENT_KINDS.join(', ')}`,
    })
  }
  const patterns = nodes?.map(globPattern)
  return {
    node: (name) => patterns === undefined || patterns.some((pattern) => pattern.test(name)),
    networks: new Set(NETWORK_KINDS.filter((kind) => events.includes(kind))),
    nodeEvents: events.includes('node'),
    impairments: events.includes('impairment'),
  }
}
