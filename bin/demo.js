// `npm start`: sets up the checkout, then shows the main job: a lab from a file, pings over both routers on both
// families, its tables, and nothing left behind.
const { spawnSync } = require('node:child_process')
const { join } = require('node:path')
const { setUp } = require('./setup.js')

const run = join(__dirname, 'run.js')
const topology = join(__dirname, '../topologies/two-routers.yaml')
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
