// The nodes that a check names: alone, or by a pattern.
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import { parsePrefix } from '../values/prefix.js'
import { suggestion } from '../values/suggest.js'
import { isPattern, matching } from './glob.js'

/** What the checks of a lab can name. */
export interface NamedNodes {
  /** By name, the interfaces that the node has. */
  interfaces: ReadonlyMap<string, readonly string[]>
  /** Nodes without addresses of their own as a rule, which patterns leave out. */
  switches: ReadonlySet<string>
}

const MAX_SHOWN = 20

export class CheckedNames {
  constructor(
    private readonly nodes: NamedNodes,
    private readonly faults: Faults,
  ) {}

  /** Adds a fault for a name that no node has. */
  node(name: string, path: Path): void {
    if (this.nodes.interfaces.has(name)) return
    if (isPattern(name)) this.faults.add(path, `${name} is a pattern, and this is about one node`)
    else this.faults.add(path, this.unknown(name))
  }

  /** The nodes that send. */
  senders(text: string, path: Path): string[] {
    if (isPattern(text)) return this.fitting(text, path)
    this.node(text, path)
    return [text]
  }

  /** What is sent to: nodes, one interface of a node, or an address. */
  receivers(text: string, path: Path): string[] {
    if (isPattern(text)) return this.fitting(text, path)
    this.receiver(text, path)
    return [text]
  }

  /** Adds a fault for what is no node, no interface of one and no address. */
  receiver(text: string, path: Path): void {
    if (isAddress(text) || this.nodes.interfaces.has(text)) return
    const [, node, name] = /^([^:]+):([^:]+)$/.exec(text) ?? []
    const interfaces = this.nodes.interfaces.get(node ?? '')
    if (node === undefined || name === undefined) this.node(text, path)
    else if (!interfaces) this.faults.add(path, this.unknown(node))
    else if (!interfaces.includes(name)) {
      const help = suggestion(name, interfaces) || `; its interfaces: ${interfaces.join(', ')}`
      this.faults.add(path, `${node} has no interface ${name}${help}`)
    }
  }

  private fitting(pattern: string, path: Path): string[] {
    const names = [...this.nodes.interfaces.keys()]
    const all = matching(pattern, names)
    const found = all.filter((name) => !this.nodes.switches.has(name))
    if (found.length > 0) return found
    const why = all.length > 0 ? `only switches fit ${pattern}, which cannot be pinged` : `no node fits ${pattern}`
    this.faults.add(path, all.length > 0 ? why : `${why}; its nodes: ${shown(names)}`)
    return []
  }

  private unknown(name: string): string {
    const names = [...this.nodes.interfaces.keys()]
    return `the lab has no node ${name}${suggestion(name, names) || `; its nodes: ${shown(names)}`}`
  }
}

const shown = (names: readonly string[]): string =>
  `${names.slice(0, MAX_SHOWN).join(', ')}${names.length > MAX_SHOWN ? ', …' : ''}`

export const isAddress = (text: string): boolean => !text.includes('/') && parsePrefix(text) !== null
