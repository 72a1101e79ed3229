// A network by its shape alone: what is linked with what.
import type { NodeKind } from '../../model/resolved.js'

export interface Shape {
  /** In the order of the file. */
  nodes: Map<string, NodeKind>
  links: [string, string][]
}

/** What shapes are grown from. */
export class Growth implements Shape {
  readonly nodes = new Map<string, NodeKind>()
  readonly links: [string, string][] = []

  /** @returns the node's name */
  add(kind: NodeKind, name: string): string {
    this.nodes.set(name, kind)
    return name
  }

  link(a: string, b: string): void {
    this.links.push([a, b])
  }

  /** Links each of some nodes with each of others. */
  linkAll(some: readonly string[], others: readonly string[]): void {
    for (const a of some) for (const b of others) this.link(a, b)
  }

  /** Gives a node its hosts: `h3` where there is one, else `h3-1`, `h3-2`, … */
  addHosts(node: string, count: number, stem: string): void {
    for (const i of upTo(count)) this.link(node, this.add('host', count === 1 ? stem : `${stem}-${i}`))
  }
}

/** 1, 2, …, count */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1)

/** Routers that are all alike, r1 to rN, with so many hosts each. */
export function routers(growth: Growth, count: number, hosts: number): string[] {
  const names = upTo(count).map((i) => growth.add('router', `r${i}`))
  for (const [at, name] of names.entries()) growth.addHosts(name, hosts, `h${at + 1}`)
  return names
}
