// Which interfaces hear each other, from links and switches alone.

/** Sets that are joined one by one. */
export class Sets {
  #parents = new Map()

  /** @param {string} item @returns {string} */
  find(item) {
    const parent = this.#parents.get(item)
    return parent === undefined || parent === item ? item : this.find(parent)
  }

  /** @param {string} a @param {string} b @returns {boolean} whether they were apart */
  join(a, b) {
    const [first, second] = [this.find(a), this.find(b)]
    if (first === second) return false
    this.#parents.set(first, second)
    return true
  }
}

/**
 * An end of a link. `joins`: it is a port of a bridge, that of a switch or of a node that bridges its links.
 *
 * @typedef {{ node: string, interface: string, link: number, joins: boolean }} Port
 */

/**
 * Numbers ports by what they hear: the two ends of a link, and all that hangs on bridges.
 *
 * @param {readonly Port[]} ports
 * @param {(node: string) => boolean} passes whether this node's bridge carries frames
 * @returns {(port: Port) => string}
 */
export function hearing(ports, passes) {
  const sets = new Sets()
  for (const { node, link, joins } of ports) if (joins && passes(node)) sets.join(`link ${link}`, `node ${node}`)
  // A bridge that is down has an end of each link to itself.
  return ({ link }) => sets.find(`link ${link}`)
}
