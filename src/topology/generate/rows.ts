// Networks of routers in rows: chain, ring, grid, torus.
import { routers, type Shape, ShapeBuilder, upTo } from './shape.js'

/** r1 ── r2 ── … */
export function chain(count: number, hosts: number): Shape {
  const shape = new ShapeBuilder()
  const names = routers(shape, count, hosts)
  for (const [at, name] of names.entries()) if (at > 0) shape.link(names[at - 1] as string, name)
  return shape
}

/** A chain whose last router is linked with the first. */
export function ring(count: number, hosts: number): Shape {
  const shape = chain(count, hosts)
  shape.links.push([`r${count}`, 'r1'])
  return shape
}

/** Routers that are linked with their neighbours in the row and in the column. */
export const grid = (rows: number, columns: number, hosts: number): Shape => lattice(rows, columns, hosts, false)

/** A grid in which the last router of every row and column is linked with the first. */
export const torus = (rows: number, columns: number, hosts: number): Shape => lattice(rows, columns, hosts, true)

function lattice(rows: number, columns: number, hosts: number, wraps: boolean): Shape {
  const shape = new ShapeBuilder()
  const router = (row: number, column: number) => `r${row}-${column}`
  for (const row of upTo(rows)) {
    for (const column of upTo(columns)) {
      shape.addHosts(shape.add('router', router(row, column)), hosts, `h${row}-${column}`)
    }
  }
  for (const row of upTo(rows)) {
    for (const column of upTo(columns)) {
      if (column < columns || wraps) shape.link(router(row, column), router(row, (column % columns) + 1))
      if (row < rows || wraps) shape.link(router(row, column), router((row % rows) + 1, column))
    }
  }
  return shape
}
