// How many descriptors building a lab takes.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ROOT, test, uniqueName } from '../../../support/lab.js'

// In a star, the requests of one node name the namespaces of all others; in a ring, those of each name another.
const NODES = 200
const star = [...Array(NODES).keys()].map((i) => `[hub, "h${i}"]`)
const ring = [...Array(NODES).keys()].map((i) => `["h${i}:r", "h${(i + 1) % NODES}:l"]`)
const names = [...Array(NODES).keys()].map((i) => `h${i}: {}`)

test.for([
  ['a star', `{hub: {kind: switch}, ${names}}`, star],
  ['a ring', `{${names}}`, ring],
] as const)('%s of 200 nodes takes one for each node', ([, nodes, links], { stateDirectory }) => {
  const up = ['--nofile=384:384', process.execPath, join(ROOT, 'bin/run.js'), 'up', '-', '--name', uniqueName('fds')]
  const input = `{nodes: ${nodes}, links: [${links}]}`
  const env = { ...process.env, NSLAB_STATE_DIR: stateDirectory }
  expect(spawnSync('prlimit', up, { input, env, encoding: 'utf8' })).toMatchObject({ status: 0 })
})
