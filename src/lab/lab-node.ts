// A node of a running lab, as users of the library work with it.
import { LabError } from '../errors.js'
import type { Explanation } from '../model/reach/explanation.js'
import type { PingResult } from '../model/reach/ping.js'
import type { PortReport } from '../model/reach/port-report.js'
import type { Trace } from '../model/reach/trace.js'
import { CONNECT_DEFAULTS, type ConnectOptions, probePort } from './observe/connect.js'
import { pingPath } from './observe/ping.js'
import { PING_DEFAULTS, type PingOptions } from './observe/ping-targets.js'
import { TRACE_DEFAULTS, type TraceOptions, tracePath } from './observe/trace.js'
import type { NamedNode, RunningLab } from './record/select.js'
import { passedEnvironment } from './run/environment.js'
import { type ExecOptions, type ExecResult, execAttached, execCaptured } from './run/exec.js'
import { type NodeProcess, type SpawnOptions, spawnInNode } from './run/node-process.js'
import { pauseNodes, resumeNodes } from './run/pause.js'
import { isRunning } from './who/process-identity.js'
import { explainPath, type WhyOptions } from './why/explain.js'
import { callSiteOf } from './worker/call-site.js'
import type { AnyFunction } from './worker/function-text.js'
import type { NodeWorkers } from './worker/node-workers.js'

/** A node of a running lab. */
export class LabNode implements AsyncDisposable {
  constructor(
    private readonly lab: RunningLab,
    private readonly state: NamedNode,
    private readonly workers: NodeWorkers,
  ) {}

  get name(): string {
    return this.state.name
  }

  /** What `console.log` and test runners print of it. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `LabNode { ${this.lab.name}/${this.name} }`
  }

  /** Name of its lab. */
  get labName(): string {
    return this.lab.name
  }

  /** PID of the node's first process on the machine. */
  get pid(): number {
    return this.state.pid
  }

  /** Stops every process of the node until `resume`; no command can be run in it meanwhile. */
  async pause(): Promise<void> {
    requireUp(this.lab)
    await pauseNodes([{ lab: this.lab, node: this.state }])
  }

  async resume(): Promise<void> {
    requireUp(this.lab)
    await resumeNodes([{ lab: this.lab, node: this.state }])
  }

  /**
   * Runs a command in all of the node's namespaces and returns its output. An exit status other than 0 is not an error,
   * unless `reject` asks for one.
   *
   * @throws CommandError with `reject`; LabError USAGE for a `timeoutMs` out of range, NODE_NOT_FOUND for a dead node, NODE_PAUSED
   */
  async exec(command: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    requireUp(this.lab)
    return execCaptured(this.state, command, { ...options, passed: passedEnvironment(this.lab) })
  }

  /**
   * Starts a process that goes on, such as a server, and waits until it is ready: as soon as its program runs, or as `ready` says. It ends
   * with the lab, and with this process.
   *
   * @throws CommandError when it cannot be run, ends before it is ready, or is not ready in time: it has been killed then; LabError USAGE,
   * ALREADY_EXISTS when the node listens on the port already, NODE_NOT_FOUND for a dead node, NODE_PAUSED
   */
  async spawn(command: readonly string[], options: SpawnOptions = {}): Promise<NodeProcess> {
    requireUp(this.lab)
    return spawnInNode(this.state, command, { ...options, passed: passedEnvironment(this.lab) })
  }

  /**
   * Calls a function in the node, in a process of Node.js that the first call starts and that stays until the lab is down: what the
   * function has made, such as a server, goes on. The function is sent as its source text, so it has no variables and no imports of its
   * file; `require` and `import()` in it are relative to the calling file. Arguments and result are copied, as by structuredClone.
   *
   * @param fn a function, or the URL of a module, whose default export is called
   * @throws what the function throws: an error with the same name, message, stack and `code`; LabError USAGE for what cannot be sent,
   * COMMAND_FAILED when the process ends before the function has returned, NODE_NOT_FOUND for a dead node, NODE_PAUSED
   */
  async run<Args extends readonly unknown[], T>(
    fn: (...args: Args) => T | Promise<T>,
    ...args: Args
  ): Promise<Awaited<T>>
  async run<T = unknown>(module: URL, ...args: readonly unknown[]): Promise<T>
  async run(what: AnyFunction | URL, ...args: readonly unknown[]): Promise<unknown> {
    const site = callSiteOf(this.run)
    requireUp(this.lab)
    return this.workers.run(this.state, what, { args, site, passed: passedEnvironment(this.lab) })
  }

  /** Ends the process in which `run` calls functions, and with it all that they have made. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.workers.end(this.state)
  }

  /** Runs a command (a shell if empty) on this process's own terminal; resolves to its exit status. */
  async attach(command: readonly string[] = []): Promise<number> {
    requireUp(this.lab)
    return execAttached(this.state, command, passedEnvironment(this.lab))
  }

  /** Pings another node by its name, or an address. @throws LabError NODE_NOT_FOUND. */
  async ping(to: string, options: Partial<PingOptions> = {}): Promise<PingResult> {
    requireUp(this.lab)
    return pingPath(this.lab, this.state, to, { ...PING_DEFAULTS, ...options })
  }

  /** Asks a port of another node by its name, or of an address, by TCP or UDP. @throws LabError NODE_NOT_FOUND. */
  async connect(
    to: string,
    options: Pick<ConnectOptions, 'protocol' | 'port'> & Partial<ConnectOptions>,
  ): Promise<PortReport> {
    requireUp(this.lab)
    return probePort(this.lab, this.state, to, { ...CONNECT_DEFAULTS, ...options })
  }

  /** Shows over which nodes packets to another node, or to an address, go. @throws LabError NODE_NOT_FOUND. */
  async trace(to: string, options: Partial<TraceOptions> = {}): Promise<Trace> {
    requireUp(this.lab)
    return tracePath(this.lab, this.state, to, { ...TRACE_DEFAULTS, ...options })
  }

  /**
   * Explains why pings to another node or an address are answered or not; with `protocol` and `port`, why that port is open or not.
   *
   * @throws LabError NODE_NOT_FOUND; USAGE for a protocol without a port, or a size of a port
   */
  async why(to: string, options: Partial<WhyOptions> = {}): Promise<Explanation> {
    requireUp(this.lab)
    return explainPath(this.lab, this.state, to, { family: null, ...options })
  }
}

/** @throws LabError LAB_NOT_FOUND once the lab is down */
export function requireUp({ name, state }: RunningLab): void {
  if (!isRunning(state.keeper)) throw new LabError('LAB_NOT_FOUND', `lab ${name} is down`)
}
