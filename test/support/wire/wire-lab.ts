// A lab of two nodes, `a` and `b`, whose links run through its wire: interface `e0` of each for link 0, and so on.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { compiled } from '../compiled.js'
import { cmdline, isAlive, node, runVerb, SHIM, ShimLab, type VerbResult, words } from '../shim.js'

/** Of the inner end of link 0 towards `a`; the one towards `b` is the next, then those of link 1. */
const FIRST_INDEX = 1_000_000

export interface WireStatistics {
  link: number
  direction: 'a' | 'b'
  packets: number
  queued: number
  drops: Record<string, number>
  delayNs: { count: number; p50: number }
}

export class WireLab {
  private isCommitted = false

  private constructor(
    readonly lab: ShimLab,
    /** Of root in the wire's user namespace, in that of the keeper. */
    readonly rootId: number,
    /** Of the wire's network namespace, in the keeper. */
    readonly netnsFd: number,
    /** Words of a command that runs the shim as the lab's owner. */
    private readonly before: readonly string[],
  ) {}

  /** @param uid of the ordinary user who owns the lab; root owns it by default */
  static async start(uid = 0): Promise<WireLab> {
    const user = ['setpriv', '--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups', SHIM, 'rootless']
    const maps = ['--uidmap', `0 ${uid} 1`, '--gidmap', `0 ${uid} 1`, '--']
    const lab = await ShimLab.start(uid === 0 ? [] : [...user, ...maps])
    const keeper = ['--keeper', String(lab.keeper.pid), '--start-time', String(lab.keeper.startTime)]
    const join = ['--pid', String(lab.keeper.pid), '--start-time', String(lab.keeper.startTime), '--']
    const before = uid === 0 ? [] : [...user, ...join]
    const root = ['uidmap', '0 0 1', 'gidmap', '0 0 1', 'setgroups', 'deny', 'end']
    const nodes = uid === 0 ? [...node('a'), ...node('b')] : ['node', 'a', ...root, 'node', 'b', ...root]
    const spawned = await lab.spawnRaw(words(nodes), [], before)
    const rootId = uid === 0 ? 100_000 : 0
    const args = [...keeper, '--creator', '4']
    const spec = words(['start', String(rootId)])
    const started = await runVerb('wire', args, { spec, fds: [lab.creatorFd], before })
    if (spawned.status !== 0 || started.status !== 0) {
      await lab.close()
      throw new Error(`no wire: ${JSON.stringify([spawned, started])}`)
    }
    return new WireLab(lab, rootId, started.reports[0].wire.netnsFd, before)
  }

  /** Runs the verb `wire` with this spec. */
  request(...spec: (string | number)[]): Promise<VerbResult> {
    const { pid, startTime } = this.lab.keeper
    const args = ['--keeper', String(pid), '--start-time', String(startTime)]
    const { before } = this
    if (this.isCommitted) return runVerb('wire', args, { spec: words(spec.map(String)), before })
    const fds = [this.lab.creatorFd]
    return runVerb('wire', [...args, '--creator', '4'], { spec: words(spec.map(String)), fds, before })
  }

  /** Runs the verb, which must succeed. @returns the wire's answer */
  async wire(...spec: (string | number)[]): Promise<any[]> {
    const result = await this.request(...spec)
    if (result.status !== 0 || result.stderr !== '') throw new Error(JSON.stringify(result))
    return result.reports
  }

  /** The words for link `number`. */
  link(number: number, ...configuration: (string | number)[]): (string | number)[] {
    return ['link', number, FIRST_INDEX + 2 * number, FIRST_INDEX + 2 * number + 1, ...configuration]
  }

  /** Makes the interfaces of a link, and tells the wire. The nodes' ends are up afterwards, and have a carrier. */
  async addLink(number: number, { mtu = 1500, configuration = [] as (string | number)[] } = {}): Promise<void> {
    const ends = ['a', 'b'].map((name, side) => {
      const inner = `link add w${number}${name} index ${FIRST_INDEX + 2 * number + side} mtu 65535`
      return `${inner} type veth peer name e${number} mtu ${mtu} netns ${this.lab.node(name).pid}`
    })
    this.ip(...ends)
    for (const [side, name] of ['a', 'b'].entries())
      this.lab.ip(name, `link set e${number} up`, `addr add 10.0.${number}.${side + 1}/24 dev e${number}`)
    const [answer] = await this.wire(...this.link(number, ...configuration))
    if (!answer.ok) throw new Error(JSON.stringify(answer))
    await this.until(() => this.hasCarrier('a', number) && this.hasCarrier('b', number))
  }

  /** Runs `ip` in the wire's network namespace. */
  ip(...commands: string[]): string {
    const args = [`--net=/proc/${this.lab.keeper.pid}/fd/${this.netnsFd}`, 'ip', '-batch', '-']
    return execFileSync('nsenter', args, { input: `${commands.join('\n')}\n`, encoding: 'utf8' })
  }

  private interfaceOf(name: string, link: number): { flags: string[] } {
    const args = ['-t', String(this.lab.node(name).pid), '-n', 'ip', '-json', 'link', 'show', `e${link}`]
    return JSON.parse(execFileSync('nsenter', args, { encoding: 'utf8' }))[0]
  }

  hasCarrier(name: string, link: number): boolean {
    return this.interfaceOf(name, link).flags.includes('LOWER_UP')
  }

  async statistics(): Promise<{ ends: WireStatistics[]; wire: { restarts: number; links: number } }> {
    const lines = await this.wire('statistics')
    return { ends: lines.slice(0, -1), wire: lines.at(-1).wire }
  }

  /** PIDs of the lab's wire: none while it is dead. */
  processes(): number[] {
    const { pid } = this.lab.keeper
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
    return children.map(Number).filter((child) => child > 0 && isAlive(child) && cmdline(child).endsWith(' wire'))
  }

  /** Zombies among the keeper's children. */
  zombies(): number {
    const { pid } = this.lab.keeper
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
    return children.filter((child) => !isAlive(Number(child)) && readdirSync('/proc').includes(child)).length
  }

  /** Starts the reference in a node. @returns its lines after `ready`, once it has ended. */
  async frames(name: string, ...words_: string[]): Promise<() => Promise<string[]>> {
    const args = ['-t', String(this.lab.node(name).pid), '-n', compiled('frames'), ...words_]
    const child = spawn('nsenter', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines: string[] = []
    const reader = createInterface({ input: child.stdout as Readable })
    const closed = once(reader, 'close')
    await new Promise<void>((resolve) => reader.on('line', (line) => (line === 'ready' ? resolve() : lines.push(line))))
    return async () => {
      await closed
      return lines
    }
  }

  /** Sends frames from a node. Each begins with its struct virtio_net_hdr of 10 bytes. */
  sendFrames(name: string, interfaceName: string, frames: readonly Buffer[]): void {
    const args = ['-t', String(this.lab.node(name).pid), '-n', compiled('frames'), 'send', interfaceName]
    execFileSync('nsenter', args, { input: frames.map((frame) => `${frame.toString('hex')}\n`).join('') })
  }

  /** Round-trip times of pings from `a` to `b`, in ms. */
  async ping(link = 0, count = 3): Promise<number[]> {
    const { pid, startTime } = this.lab.node('a')
    const settings = ['count', String(count), 'interval', '10', 'timeout', '2000']
    const { reports } = await this.lab.ping(...settings, 'from', `${pid}`, `${startTime}`, 'to', `10.0.${link}.2`)
    return reports.flatMap((report) => report.rttMs ?? [])
  }

  commit(): void {
    writeSync(this.lab.creatorFd, 'commit')
    readSync(this.lab.creatorFd, Buffer.alloc(16))
    this.isCommitted = true
  }

  async until(what: () => boolean): Promise<void> {
    for (let tries = 0; !what(); tries++) {
      if (tries === 500) throw new Error('it does not happen')
      await setTimeout(10)
    }
  }

  async close(): Promise<void> {
    if (this.isCommitted) process.kill(this.lab.keeper.pid, 'SIGTERM')
    await this.lab.close()
  }
}
