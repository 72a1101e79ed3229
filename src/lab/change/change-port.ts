// Carries out the executor's requests in the nodes of a running lab, and writes down what was carried out, so that it can be undone.
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { type KernelError, LabError } from '../../errors.js'
import { appendRoute } from '../../kernel/netlink/rtnl/route.js'
import { sysctlPath } from '../../kernel/sysctl.js'
import { isDevice } from '../../plan/device-op.js'
import type {
  ConfigOp,
  DeviceMove,
  DeviceOp,
  NodeSysctlSet,
  Replacement,
  SysctlSet,
  TunAdd,
  WireguardSet,
  WireguardStart,
} from '../../plan/op.js'
import type { NodeSockets } from '../build/node-sockets.js'
import type { KernelPort, RouteOp } from '../execute/kernel-port.js'
import { routeOf } from '../requests/path-settings.js'
import { endsIn } from '../requests/replacement-requests.js'
import { renameInterface } from './rename.js'

const { EADDRNOTAVAIL, EBUSY, EEXIST, ENODEV, ENOENT, ENXIO, ESRCH } = constants.errno
/** What the kernel says of something that is not there. A next hop that is gone is EINVAL to a route over it. */
const NOT_THERE: readonly number[] = [ENOENT, ESRCH, ENODEV, ENXIO, EADDRNOTAVAIL]
/** An ifindex is free when the last user of a device that was deleted has gone. */
const BUSY_TRIES = 100
const BUSY_PAUSE_MS = 10

type Done = DeviceOp | ConfigOp

/** How strict the port is. */
export type Strictness =
  /** What is to be removed may be gone already: it went with something else. */
  | 'change'
  /** What is to be made may be there, too. */
  | 'undo'

export class ChangePort implements KernelPort {
  /** What was carried out, in order. */
  readonly done: Done[] = []

  constructor(
    private readonly sockets: NodeSockets,
    private readonly strictness: Strictness,
  ) {}

  async send(node: string, ops: readonly RouteOp[]): Promise<void> {
    const refusals = await this.sockets.tryEach(node, ops)
    let failure: unknown = null
    for (const [at, op] of ops.entries()) {
      const refusal = await this.outcome(node, op, refusals[at] ?? null)
      // What went with something else is to come back with it.
      if (refusal === null || (refusal === 'as it should be' && op.op === 'remove')) this.note(op)
      else if (refusal !== 'as it should be') failure ??= refusal
    }
    if (failure !== null) throw failure
  }

  makeTun(op: TunAdd): void {
    this.sockets.makeTun(op)
    this.note(op)
  }

  writeSysctl(op: SysctlSet | NodeSysctlSet): void {
    const before = this.sockets.visit(op.node, () => sysctlValue(op.key))
    this.sockets.writeSysctl(op)
    if (before !== null) this.note({ op: 'replace', node: op.node, from: { ...op, value: before }, to: op })
  }

  takeDevice({ node, device }: DeviceMove): Promise<void> {
    throw new LabError('INTERNAL', `${device} of the machine cannot be moved into ${node}, which runs`)
  }

  async tellWireguard(op: WireguardSet): Promise<void> {
    await this.sockets.tellWireguard(op)
    this.note(op)
  }

  async change(op: Replacement): Promise<void> {
    if (op.to.op === 'sysctl.set' || op.to.op === 'node-sysctl.set') return this.writeSysctl(op.to)
    const { from, to } = op
    if (isDevice(from) && isDevice(to)) {
      const before = new Map(endsIn(op.node, from).map((end) => [end.index, end.interface]))
      for (const { node, interface: name, index } of endsIn(op.node, to)) {
        const old = before.get(index)
        if (old === undefined || old === name) continue
        await renameInterface(this.sockets.routeOf(node), { target: `${node}:${old}`, index, newName: name })
      }
      await this.send(op.node, [op])
    } else {
      await this.sockets.change(op)
      this.note(op)
    }
  }

  async startWireguard(rounds: readonly (readonly WireguardStart[])[], signal: AbortSignal): Promise<void> {
    await this.sockets.startWireguard(rounds, signal)
  }

  async linksRun(
    node: string,
    withoutCarrier: ReadonlySet<string>,
    signal: AbortSignal,
    only?: ReadonlySet<string>,
  ): Promise<void> {
    await this.sockets.linksRun(node, withoutCarrier, signal, only)
  }

  private note(op: Done): void {
    this.done.push(op)
  }

  /** What came of an operation: null when it was carried out; the error when it was not. */
  private async outcome(
    node: string,
    op: RouteOp,
    refusal: KernelError | null,
  ): Promise<KernelError | 'as it should be' | null> {
    if (refusal === null) return null
    if (op.op === 'remove' && NOT_THERE.includes(refusal.errno)) return 'as it should be'
    if (this.strictness === 'undo' && refusal.errno === EEXIST) return 'as it should be'
    // A connected route that goes with its address, later.
    if (op.op === 'route.add' && op.family === 4 && refusal.errno === EEXIST)
      return (await this.sockets.routeOf(node).sendEach([appendRoute(routeOf(op))]))[0] ?? null
    if (isDevice(op) && refusal.errno === EBUSY) return await this.untilFree(node, op, refusal)
    return refusal
  }

  private async untilFree(node: string, op: RouteOp, refusal: KernelError): Promise<KernelError | null> {
    let last: KernelError | null = refusal
    for (let tries = 0; tries < BUSY_TRIES && last?.errno === EBUSY; tries++) {
      await setTimeout(BUSY_PAUSE_MS)
      last = (await this.sockets.tryEach(node, [op]))[0] ?? null
    }
    return last
  }
}

/** The value of a sysctl of the calling thread's network namespace; null for one without a value (EIO, EINVAL). */
function sysctlValue(key: string): string | null {
  try {
    return readFileSync(sysctlPath(key), 'utf8').trimEnd()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).errno === undefined) throw error
    return null
  }
}
