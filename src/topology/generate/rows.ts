// Routers in rows: chain, ring, grid, torus.
import { Growth, routers, type Shape, upTo } from './shape.js'

/** r1 ── r2 ── … */
export function chain(count: number, hosts: number): Shape {
  const growth = new Growth()
  const names = routers(growth, count, hosts)
  for (const [at, name] of names.entries()) if (at > 0) growth.link(names[at - 1] as string, name)
  return growth
}

/** A chain whose last is linked with the first. */
export function ring(count: number, hosts: number): Shape {
  const shape = chain(count, hosts)
  shape.links.push([`r${count}`, 'r1'])
  return shape
}

/** Each linked with its neighbours in the row and in the column. */
export const grid = (rows: number, columns: number, hosts: number): Shape => lattice(rows, columns, hosts, false)

/** A grid in which the last of every row and column is linked with its first. */
export const torus = (rows: number, columns: number, hosts: number): Shape => lattice(rows, columns, hosts, true)

function lattice(rows: number, columns: number, hosts: number, wraps: boolean): Shape {
  const growth = new Growth()
  const router = (row: number, column: number) => `r${row}-${column}`
  for (const row of upTo(rows)) {
    for (const column of upTo(columns)) {
      growth.addHosts(growth.add('router', router(row, column)), hosts, `h${row}-${column}`)
    }
  }
  for (const row of upTo(rows)) {
    for (const column of upTo(columns)) {
      if (column < columns || wraps) growth.link(router(row, column), router(row, (column % columns) + 1))
      if (row < rows || wraps) growth.link(router(row, column), router((row % rows) + 1, column))
    }
  }
  return growth
}
