// Where one lab after another is built and damaged: a directory of labs with another lab that runs, and other files beside it
// that nobody may touch.
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { nslab, program } from '../command.mjs'

/** Both nodes share an IPC namespace, so that the directory has all that one can have, and a link of the wire's. */
const TOPOLOGY = `nodes: { a: { namespaces: { ipc: shared } }, b: { namespaces: { ipc: shared } } }
links: [{ endpoints: [a, b], emulation: wire, delay: 1ms }]
`
const STRANGER = 65_533
const CHAOS = fileURLToPath(new URL('..', import.meta.url))

/** A process as the kernel tells it from others. @typedef {{ pid: number, startTime: string }} Identity */

/** Field 22 of proc_pid_stat(5); null for what has ended. @param {number} pid */
function startTimeOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : fields[19]
  } catch {
    return null
  }
}

/** @param {Identity} identity */
const isAlive = ({ pid, startTime }) => startTimeOf(pid) === startTime

export class Site {
  /** @param {number} uid whose labs these are @param {number} number no other site has */
  constructor(uid, number) {
    this.uid = uid
    this.lab = `at${number}`
    this.other = `by${number}`
    this.root = mkdtempSync('/tmp/site-')
    this.place = join(this.root, 'labs')
    this.others = join(this.root, 'others')
    this.topology = join(this.root, 't.yaml')
    this.directory = join(this.place, this.lab)
    chmodSync(this.root, 0o755)
    for (const path of [this.place, this.others]) mkdirSync(path, { mode: 0o711 })
    writeFileSync(this.topology, TOPOLOGY)
    for (const path of [this.place, this.others]) chownSync(path, uid, uid)
    /** @type {Identity[]} */
    this.processes = []
    /** @type {Identity[]} */
    this.bystander = []
  }

  /** @param {readonly string[]} words */
  nslab(words) {
    return nslab(words, { uid: this.uid, env: { NSLAB_STATE_DIR: this.place } })
  }

  /** Builds the lab, and the other where that is gone. */
  async build() {
    rmSync(this.others, { recursive: true })
    mkdirSync(join(this.others, 'directory'), { recursive: true })
    mkdirSync(join(this.place, 'notes'), { recursive: true })
    const files = ['others/file', 'others/directory/file', 'labs/notes/file']
    for (const path of files) writeFileSync(join(this.root, path), `${path} is not nslab's\n`)
    for (const path of [...files, 'others', 'others/directory', 'labs/notes'])
      chownSync(join(this.root, path), this.uid, this.uid)
    if (this.bystander.length === 0 || !this.bystander.every(isAlive)) this.bystander = await this.up(this.other)
    this.processes = await this.up(this.lab)
    /** Where its cgroups are; null without. */
    this.cgroup = JSON.parse(readFileSync(join(this.directory, 'state.json'), 'utf8')).cgroup
    this.bystanderFiles = this.filesOf(join(this.place, this.other))
  }

  /** @param {string} name @returns {Promise<Identity[]>} the lab's processes, the keeper first */
  async up(name) {
    const { status, stdout, stderr } = await this.nslab(['up', this.topology, '--name', name, '--json'])
    if (status !== 0) throw new Error(`up ${name} ended with ${status}: ${stderr}${stdout}`)
    const { keeper, nodes } = JSON.parse(stdout)
    return [keeper.pid, ...nodes.map(({ pid }) => pid)].map((pid) => ({ pid, startTime: startTimeOf(pid) }))
  }

  /** Kills the lab without a word to nslab. */
  async kill() {
    const [keeper] = this.processes
    if (keeper && isAlive(keeper)) process.kill(keeper.pid, 'SIGKILL')
    await this.ended()
  }

  /** Waits until nothing of the lab runs; for long enough where something goes on. @returns {Promise<boolean>} */
  async ended() {
    for (let tries = 0; tries < 500 && this.alive() > 0; tries++) await setTimeout(10)
    return this.alive() === 0
  }

  /** How many of the lab's first processes run. */
  alive() {
    return this.processes.filter(isAlive).length
  }

  /** How many run once what was killed has ended: the kernel is a moment behind. @param {number} before */
  async settled(before) {
    for (let tries = 0; tries < 100 && this.alive() > 0 && this.alive() < before; tries++) await setTimeout(10)
    return this.alive()
  }

  /** @param {string} shell */
  async damage(shell) {
    const env = { D: this.directory, B: join(this.place, this.other), O: this.others, U: String(STRANGER), CHAOS }
    // The owner does most of it; another's files and devices, only root can make.
    const uid = /\bchown\b|\bmknod\b/.test(shell) ? 0 : this.uid
    const { status, stderr } = await program(['sh', '-ec', shell], { env, uid })
    // What is not there cannot be damaged in every way; then the case is one without damage.
    if (status !== 0 && !/No such file/.test(stderr)) throw new Error(`${shell}: ${stderr}`)
    this.otherFiles = this.filesOf(this.others, join(this.place, 'notes'))
  }

  /** What has become of what is not the lab's. @returns {string[]} */
  touched() {
    const faults = []
    if (this.filesOf(this.others, join(this.place, 'notes')) !== this.otherFiles) faults.push('touches other files')
    if (!this.bystander.every(isAlive)) faults.push('ends another lab')
    else if (this.filesOf(join(this.place, this.other)) !== this.bystanderFiles)
      faults.push("touches another lab's files")
    return faults
  }

  /** Names and contents below directories. The moved directory of the lab itself may change. @param {string[]} roots */
  filesOf(...roots) {
    const walk = (path) => {
      const stats = lstatSync(path)
      const own = `${path} ${stats.mode} ${stats.uid} ${stats.rdev}`
      if (stats.isSymbolicLink()) return [`${own} ${readlinkSync(path)}`]
      if (stats.isFile()) return [`${own} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`]
      const inner = stats.isDirectory() ? readdirSync(path).sort() : []
      return [own, ...inner.filter((name) => name !== 'moved').flatMap((name) => walk(join(path, name)))]
    }
    return roots.flatMap(walk).join('\n')
  }

  /** What there is of the lab outside its directory: names in /run/netns, a cgroup. @returns {string[]} */
  names() {
    const links = existsSync('/run/netns') ? readdirSync('/run/netns') : []
    const own = links.filter((name) => name.startsWith(`${this.lab}.`)).map((name) => `/run/netns/${name}`)
    return this.cgroup !== null && existsSync(this.cgroup) ? [...own, this.cgroup] : own
  }

  /** Removes all that is left of the lab, whatever nslab thinks of it. */
  async clear() {
    await this.kill()
    rmSync(this.directory, { recursive: true, force: true })
    for (const name of readdirSync(this.place))
      if (name !== this.other && name !== 'notes') rmSync(join(this.place, name), { recursive: true, force: true })
    for (const path of this.names()) {
      if (path !== this.cgroup) rmSync(path)
      else await program(['find', path, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'])
    }
  }
}
