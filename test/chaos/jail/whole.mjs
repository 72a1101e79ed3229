// Whether a lab that runs is whole: what nslab says of it, held against the topology and against what the kernel has.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { nslab } from './command.mjs'
import { processIds } from './snapshot.mjs'

/** A node has these of its own where its topology says nothing else. */
const OWN_BY_DEFAULT = ['user', 'pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup']
/** The keeper lets go of its builder a moment after that was told. */
const SETTLE_TRIES = 10
const SETTLE_PAUSE_MS = 50
/** The jail's, the lab's, the node's. */
const PID_NAMESPACES = 3

/**
 * @param {{ name: string, nodes: Record<string, { namespaces?: Record<string, string> }>, links: unknown[] }} topology
 * @param {string} user
 * @returns {Promise<{ faults: string[], document: object | null }>} what is wrong, a sentence each, and what inspect says
 */
export async function faultsOfLab(topology, user) {
  const { status, stdout, stderr } = await nslab(['inspect', topology.name, '--json'], { user })
  if (status !== 0) return { faults: [`inspect of the lab ends with ${status}: ${stderr || stdout}`], document: null }
  const document = JSON.parse(stdout)
  let faults = faultsOfDocument(document, topology)
  for (let tries = 0; faults.length > 0 && tries < SETTLE_TRIES; tries++) {
    await setTimeout(SETTLE_PAUSE_MS)
    faults = faultsOfDocument(document, topology)
  }
  return { faults, document }
}

function faultsOfDocument({ status, nodes, links, keeper }, topology) {
  const names = nodes.map(({ name }) => name).sort()
  const hasWire = links.some(({ emulation }) => emulation?.backend === 'wire')
  return [
    ...(status === 'running' ? [] : [`inspect says that the lab is ${status}`]),
    ...(`${names}` === `${Object.keys(topology.nodes).sort()}` ? [] : [`the lab's nodes are ${names}`]),
    ...(links.length === topology.links.length ? [] : [`the lab has ${links.length} links`]),
    ...links.filter(({ state }) => state !== 'up').map(({ endpoints }) => `the link ${endpoints} is not up`),
    ...nodes.flatMap((node) => faultsOfNode(node, topology.nodes[node.name] ?? {})),
    ...faultsOfKeeper(keeper.pid, topology, hasWire),
    ...faultsOfWire(topology, hasWire),
    ...strangers(),
  ]
}

function faultsOfNode({ name, pid, status, namespaces }, { namespaces: chosen = {} }) {
  if (status !== 'running') return [`node ${name} is ${status}`]
  const own = OWN_BY_DEFAULT.filter((kind) => (chosen[kind] ?? 'own') === 'own')
  const shared = own.filter((kind) => namespaces[kind] === inodeOf(kind))
  const levels = /^NSpid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1].split('\t').length
  const open = descriptorsOf(pid).filter((link) => link !== '/dev/null')
  return [
    ...shared.map((kind) => `node ${name} has the machine's ${kind} namespace`),
    ...(levels === PID_NAMESPACES ? [] : [`node ${name} is ${levels} PID namespaces deep`]),
    ...open.map((link) => `the first process of node ${name} has ${link} open`),
  ]
}

/** It holds the lock, the two ends of its control socket, a network namespace for each node, and what a wire is started with. */
function faultsOfKeeper(pid, { name, nodes }, hasWire) {
  const open = descriptorsOf(pid).filter((link) => link !== '/dev/null')
  const namespaces = open.filter((link) => link.startsWith('net:['))
  const sockets = open.filter((link) => link.startsWith('socket:['))
  const ofWire = open.filter((link) => hasWire && /^(?:\/memfd:wire|anon_inode:\[pidfd\])/.test(link))
  const known = [...namespaces, ...sockets, ...ofWire]
  const others = open.filter((link) => !known.includes(link) && !link.endsWith(`/${name}/lock`))
  const expected = Object.keys(nodes).length + (hasWire ? 1 : 0)
  return [
    ...(namespaces.length === expected ? [] : [`the keeper holds ${namespaces.length} networks`]),
    ...(sockets.length === (hasWire ? 3 : 2) ? [] : [`the keeper has ${sockets.length} sockets`]),
    ...(ofWire.length === (hasWire ? 3 : 0) ? [] : [`the keeper has ${ofWire} for the wire`]),
    ...(open.some((link) => link.endsWith('/lock')) ? [] : ['the keeper does not hold the lock']),
    ...others.map((link) => `the keeper has ${link} open`),
  ]
}

/** The wire is a process of the lab's own. */
function faultsOfWire({ name }, hasWire) {
  const wires = processIds().filter((pid) => commandOf(pid) === `nslab: ${name} wire`)
  return wires.length === (hasWire ? 1 : 0) ? [] : [`the lab has ${wires.length} wires`]
}

/** Processes of nslab's that should have ended with the command. */
const strangers = () =>
  processIds()
    .map((pid) => ({ pid, command: commandOf(pid) }))
    .filter(({ command }) => command.includes('nslab-shim') || command.includes('bin/run.js'))
    .map(({ pid, command }) => `process ${pid} still runs: ${command}`)

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trimEnd()
  } catch {
    return ''
  }
}

const inodeOf = (kind) => Number(/\d+/.exec(readlinkSync(`/proc/self/ns/${kind}`))?.[0])

function descriptorsOf(pid) {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
}
