// `npm start`: sets up the checkout, then shows the main job: a lab from a file, pings over both routers on both
// families, its tables, and nothing left behind.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { setUp } from './setup.js'

const run = fileURLToPath(new URL('run.js', import.meta.url))
const topology = fileURLToPath(new URL('../topologies/two-routers.yaml', import.meta.url))
const lab = `demo-${process.pid}`

function nslab(...args) {
  process.stdout.write(`\n$ nslab ${args.join(' ').replace(topology, 'topologies/two-routers.yaml')}\n`)
  return spawnSync(process.execPath, [run, ...args], { stdio: 'inherit' }).status ?? 1
}

setUp()
const status = nslab('up', topology, '--name', lab)
if (status !== 0) process.exit(status)
const steps = [
  ['ping', `${lab}/h1`, 'h2', '-4'],
  ['ping', `${lab}/h1`, 'h2', '-6'],
  ...['nodes', 'links', 'addresses', 'routes'].map((table) => ['export', lab, '--table', table]),
]
const failed = steps.map((step) => nslab(...step)).find((each) => each !== 0)
const down = nslab('down', lab)
process.exit(failed ?? down)
