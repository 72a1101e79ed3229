// Where the parts of an edited topology are written: those of the file at another place than before, others in edits.
import type { Locate, Path } from '../source/located.js'
import type { Topology } from '../source/topology.js'

/** A part, and where it was. */
interface Part {
  locate: Locate
  path: Path
}

/**
 * The places of a topology that is made of parts.
 *
 * @param links where each link was
 * @param nodes where nodes were that are not written in `rest`
 */
export function placesOf(rest: Locate, links: readonly Part[], nodes: ReadonlyMap<string, Part> = new Map()): Locate {
  return (path, kind) => {
    const [first, second, ...below] = path
    const part =
      first === 'links' && typeof second === 'number'
        ? links[second]
        : first === 'nodes'
          ? nodes.get(String(second))
          : undefined
    return part ? part.locate([...part.path, ...below], kind) : rest(path, kind)
  }
}

/** The links of a topology at their present places. */
export const linksIn = ({ links, locate }: Topology): Part[] =>
  links.map((_, place) => ({ locate, path: ['links', place] }))
