// The stages between a topology's text, on standard input, and its operations, each in ms, in a process that has done nothing
// before; prints one JSON document. With `never`, the routes that there would be without compression are counted instead; null
// where they are more than a lab may have.
import { readFileSync } from 'node:fs'
import { parseTopology, planLab, resolveTopology } from '../../dist/index.js'

const countOf = ({ nodes }) => nodes.reduce((sum, { routes }) => sum + routes.length, 0)

/** The routes of a topology without compression; null where resolving refuses that many. */
function uncompressedRoutes(text) {
  try {
    return countOf(resolveTopology(parseTopology(`${text}\ncompress: never\n`)))
  } catch (error) {
    if (error.issues?.length === 1 && /over [0-9]+ routes/.test(error.issues[0].message)) return null
    throw error
  }
}

const text = readFileSync(0, 'utf8')
if (process.argv[2] === 'never') {
  console.log(JSON.stringify({ routes: uncompressedRoutes(text) }))
} else {
  const at = [performance.now()]
  const topology = parseTopology(text)
  at.push(performance.now())
  const resolved = resolveTopology(topology)
  at.push(performance.now())
  const ops = planLab(resolved).length
  at.push(performance.now())
  const [parse, resolve, plan] = at.slice(1).map((time, stage) => time - at[stage])
  console.log(JSON.stringify({ parse, resolve, plan, routes: countOf(resolved), nodes: resolved.nodes.length, ops }))
}
