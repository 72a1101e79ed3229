// A child process that takes topologies one at a time, carries each as far as a script, and says what it cost.
import { readFileSync, writeFileSync } from 'node:fs'
import { LabError, networkScript, parseTopology, planLab, resolveTopology } from '../../../dist/index.js'

const INCLUDED = { 'lab.yaml': 'include: self.yaml', 'self.yaml': 'include: lab.yaml\nnodes: {h9: {}}' }
/** What the heap may keep of the inputs before, so that it is not taken for what the next one costs. */
const KEPT_MB = 150

function readIncluded(path) {
  if (!Object.hasOwn(INCLUDED, path)) throw new LabError('FILE_UNREADABLE', `there is no ${path}`)
  return { file: path, identity: path, text: INCLUDED[path] }
}

const memory = (key) =>
  Number(new RegExp(`^${key}:\\s+([0-9]+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024

/** @param {(size: number) => void} onSize told how many nodes and links there are, also where they are refused then */
function build(text, onSize) {
  const topology = parseTopology(text, { file: 'fuzz.yaml', readIncluded })
  onSize(topology.nodes.size + topology.links.length)
  const resolved = resolveTopology(topology, { findSource: (path) => path })
  onSize(resolved.nodes.length + resolved.links.length)
  planLab(resolved)
  networkScript(resolved)
}

/** @returns {{ outcome: 'accepted' | 'refused' | 'threw', size: number, message?: string }} */
function tried(text) {
  let size = 0
  try {
    build(text, (known) => {
      size = known
    })
    return { outcome: 'accepted', size }
  } catch (error) {
    const fault = error instanceof LabError ? faultOf(error) : (error.stack ?? String(error))
    return fault === null ? { outcome: 'refused', size } : { outcome: 'threw', size, message: fault }
  }
}

/** A refusal has a place and words for people. */
function faultOf({ code, issues = [], message }) {
  // What only an interface cannot be said as a script with.
  if (code === 'USAGE' || code === 'FEATURE_MISSING') return null
  if (code !== 'TOPOLOGY_INVALID') return `${code}: ${message}`
  if (issues.length === 0) return `no place: ${message}`
  const bad = issues.find(
    ({ message, line, column }) => /undefined|\[object|Invalid input/.test(message) || !(line > 0) || !(column > 0),
  )
  return bad ? JSON.stringify(bad) : null
}

/** Processor time of a loop that always does the same: what it takes more than elsewhere, others on the machine cost. */
function loopSeconds() {
  const { user } = process.cpuUsage()
  let sum = 0
  for (let i = 0; i < 20_000_000; i++) sum = (sum + i * 31) % 1_000_003
  return sum >= 0 ? (process.cpuUsage().user - user) / 1e6 : 0
}

process.on('message', ({ text, isTimed }) => {
  if (memory('VmRSS') > KEPT_MB) globalThis.gc()
  // Makes VmHWM what is used now (proc(5)).
  writeFileSync('/proc/self/clear_refs', '5')
  const before = process.cpuUsage()
  const result = tried(text)
  const { user, system } = process.cpuUsage(before)
  const loop = isTimed ? loopSeconds() : 0
  process.send({ ...result, cpuSeconds: (user + system) / 1e6, rssMb: memory('VmHWM'), loopSeconds: loop })
})
