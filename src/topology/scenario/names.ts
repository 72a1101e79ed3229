// Checks that the nodes and endpoints of a scenario are those of a lab.
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import { suggestion } from '../values/suggest.js'
import { isLikeAddress } from './pinged.js'
import type { Scenario, ScenarioAction } from './scenario.js'

/** By the name of each node of a lab, the interfaces that its links end at. */
export type NamesOfLab = ReadonlyMap<string, readonly string[]>

export function addUnknownNames(scenario: Pick<Scenario, 'steps'>, names: NamesOfLab, faults: Faults): void {
  for (const { action, path } of scenario.steps) {
    for (const named of namedBy(action)) {
      const fault = named.isEndpoint ? endpointFault(named.text, names) : nodeFault(named.text, names)
      if (fault !== null) faults.add([...path, ...named.path], fault, named.isKey ? 'key' : 'value')
    }
  }
}

interface Named {
  text: string
  /** Below the step. */
  path: Path
  isEndpoint?: true
  isKey?: true
}

function namedBy(action: ScenarioAction): Named[] {
  switch (action.action) {
    case 'set':
      return action.changes.map(({ endpoint }) => ({
        text: endpoint,
        path: ['set', endpoint],
        isEndpoint: true,
        isKey: true,
      }))
    case 'clear':
    case 'down':
    case 'up':
      return action.endpoints.map((text, index) => ({ text, path: [action.action, index], isEndpoint: true }))
    case 'pause':
    case 'resume':
      return (action.nodes ?? []).map((text, index) => ({ text, path: [action.action, index] }))
    case 'exec':
      return [{ text: action.node, path: ['exec', 'node'] }]
    case 'expect':
      return 'node' in action.expected
        ? [{ text: action.expected.node, path: ['expect', 'node'] }]
        : [{ text: action.expected.from, path: ['expect', 'from'] }, ...pinged(action.expected.to)]
  }
}

/** What is pinged can also be an address, or an interface by the name that it has in /etc/hosts. */
const pinged = (to: string): Named[] =>
  isLikeAddress(to) || to.includes('-') ? [] : [{ text: nodeOf(to), path: ['expect', 'to'] }]

const nodeOf = (text: string): string => text.split(':', 1)[0] as string

function nodeFault(node: string, names: NamesOfLab): string | null {
  if (names.has(node)) return null
  return `the lab has no node ${node}${suggestion(node, names.keys()) || known('its nodes', [...names.keys()])}`
}

function endpointFault(text: string, names: NamesOfLab): string | null {
  const node = nodeOf(text)
  const interfaces = names.get(node)
  if (!interfaces) return nodeFault(node, names)
  const ends = interfaces.map((name) => `${node}:${name}`)
  if (text === node) {
    if (ends.length === 1) return null
    return `${node} has ${ends.length === 0 ? 'no' : ends.length} links${known('write one of', ends)}`
  }
  if (ends.includes(text)) return null
  return `${node} has no link at ${text.slice(node.length + 1)}${suggestion(text, ends) || known('its links', ends)}`
}

const MAX_SHOWN = 20

const known = (what: string, names: readonly string[]): string =>
  names.length === 0 ? '' : `; ${what}: ${names.slice(0, MAX_SHOWN).join(', ')}${names.length > MAX_SHOWN ? ', …' : ''}`
