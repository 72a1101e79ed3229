// Two hosts behind a router each: how much slower is the path than the first hop?
//
//   h1 ── r1 ── r2 ── h2
import { Lab } from 'nslab'

const lab = await Lab.up(`
name: example-${process.pid}
nodes:
  h1: {}
  r1: { kind: router }
  r2: { kind: router }
  h2: {}
links: [[h1, r1], [r1, r2], [r2, h2]]
`)

const near = await lab.node('h1').ping('r1', { count: 5, intervalMs: 10 })
const far = await lab.node('h1').ping('h2', { count: 5, intervalMs: 10 })
console.log(`first hop ${near.rttMs.avg} ms, whole path ${far.rttMs.avg} ms, lost ${far.lossPercent} %`)

const { stdout } = await lab.node('r1').exec(['ip', '-4', 'route'])
console.log(stdout.trimEnd())
await lab.down()
