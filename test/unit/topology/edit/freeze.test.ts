// A topology in which all names and addresses are written that it resolves to resolves to the same.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve as resolvePath } from 'node:path'
import { expect, test } from 'vitest'
import { freeze } from '../../../../src/topology/edit/freeze.js'
import { type Machine, resolveTopology } from '../../../../src/topology/resolve.js'
import { isScenario } from '../../../../src/topology/scenario/parse.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'
import { ROOT } from '../../../support/root.js'

const directory = join(ROOT, 'topologies')
const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'))

test.for(files)('%s', (name) => {
  const file = join(directory, name)
  const text = readFileSync(file, 'utf8')
  if (isScenario(text)) return
  const read = (path: string, from: string | undefined) => {
    const found = resolvePath(dirname(from ?? file), path)
    return { file: found, identity: found, text: readFileSync(found, 'utf8') }
  }
  const machine: Machine = {
    readSource: (path) => read(path, file),
    findSource: (path) => path,
    findOwnerFault: () => null,
  }
  const topology = parseTopology(text, { file, defaultName: basename(name, '.yaml'), readIncluded: read })
  const present = resolveTopology(topology, machine)
  expect(resolveTopology(freeze(topology, present), machine)).toEqual(present)
})
