// Interfaces of the topology that a node no longer has by their names: links are found by these.
import type { Asked } from './asked/facts.js'
import { type Fault, fault } from './fault.js'

/** @returns null where all nodes have the interfaces that the topology links */
export async function renamedFault(asked: Asked, nodes: readonly string[]): Promise<Fault | null> {
  for (const node of new Set(nodes)) {
    const facts = await asked.facts(node)
    if (facts === null || facts.isOpaque) continue
    const planned = asked.linked(node)
    const [gone, another] = planned.filter((name) => !facts.interfaces.has(name))
    if (gone === undefined) continue
    const others = [...facts.interfaces.values()].filter(({ name, kind }) => kind === 'veth' && !planned.includes(name))
    const [other] = others
    const isKnown = other !== undefined && others.length === 1 && another === undefined
    return fault({
      ...{ about: 'interface', code: 'interface-gone', node, interface: gone },
      evidence: `${node} has no interface ${gone}, but ${[...facts.interfaces.keys()].join(', ')}`,
      remedy: isKnown ? ['ip', 'link', 'set', 'dev', other.name, 'name', gone] : null,
      words: isKnown
        ? `interface ${gone} of ${node} was renamed to ${other.name}`
        : `${node} has no interface ${gone} any longer`,
    })
  }
  return null
}
