// Writes a shape as a topology file, as a person would write it.
import { stringify } from 'yaml'
import type { Shape } from './shape.js'

/** @param command the arguments of nslab that made the shape, for the comment at the top */
export function writeTopology(shape: Shape, lab: string, command: string): string {
  const nodes = [...shape.nodes].map(([name, kind]) => `  ${name}: ${kind === 'host' ? '{}' : `{ kind: ${kind} }`}`)
  const links = shape.links.map(([a, b]) => `  - [${a}, ${b}]`)
  const heading = [`# nslab ${command}`, `# ${counted(nodes.length, 'node')}, ${counted(links.length, 'link')}`]
  // YAML puts a name in quotes that looks like a number or like null.
  const name = stringify({ name: lab }).trimEnd()
  return [...heading, name, 'nodes:', ...nodes, ...(links.length === 0 ? [] : ['links:', ...links]), ''].join('\n')
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
