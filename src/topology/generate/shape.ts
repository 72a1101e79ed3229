// The shape of a network: its nodes, and which of them are linked.
import type { NodeKind } from '../../model/resolved.js'

export interface Shape {
  /** In the order of the file. */
  nodes: Map<string, NodeKind>
  links: [string, string][]
}

/** Builds a shape node by node. */
export class ShapeBuilder implements Shape {
  readonly nodes = new Map<string, NodeKind>()
  readonly links: [string, string][] = []

  /** @returns the name of the node */
  add(kind: NodeKind, name: string): string {
    this.nodes.set(name, kind)
    return name
  }

  link(a: string, b: string): void {
    this.links.push([a, b])
  }

  /** Links each node of one list with each node of another. */
  linkAll(some: readonly string[], others: readonly string[]): void {
    for (const a of some) for (const b of others) this.link(a, b)
  }

  /** Links a node with new hosts: one host is called `h3`, several `h3-1`, `h3-2`, … @param stem such as `h3` */
  addHosts(node: string, count: number, stem: string): void {
    for (const i of upTo(count)) this.link(node, this.add('host', count === 1 ? stem : `${stem}-${i}`))
  }
}

/** 1, 2, …, count */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1)

/** Adds routers r1 to rN with hosts on each. @param hosts the number of hosts of each router */
export function routers(shape: ShapeBuilder, count: number, hosts: number): string[] {
  const names = upTo(count).map((i) => shape.add('router', `r${i}`))
  for (const [at, name] of names.entries()) shape.addHosts(name, hosts, `h${at + 1}`)
  return names
}
