// What carrying out a plan asks of the kernel.
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

/** Operations that are route netlink requests; of a tun, a tap and a moved device, the one that gives them MAC and MTU. */
export type RouteOp = Exclude<DeviceOp | ConfigOp, WireguardSet | SysctlSet | NodeSysctlSet>

/** What the executor asks of the kernel. Each function carries out what it is given, or throws. */
export interface KernelPort {
  /** Carries out operations in the network of one node, in order. There is one call a node at a time. */
  send(node: string, ops: readonly RouteOp[]): Promise<void>
  makeTun(op: TunAdd): void
  writeSysctl(op: SysctlSet | NodeSysctlSet): void
  takeDevice(op: DeviceMove): Promise<void>
  tellWireguard(op: WireguardSet): Promise<void>
  /** Carries out a replacement that is not route netlink requests alone: of a device, a sysctl, or WireGuard's settings. */
  change(op: Replacement): Promise<void>
  /** Starts peers, and waits until those that they write to have heard of them. */
  startWireguard(rounds: readonly (readonly WireguardStart[])[], signal: AbortSignal): Promise<void>
  /**
   * Resolves when every interface of a node that is up also runs.
   *
   * @param withoutCarrier names of interfaces with nothing at their other end
   * @param only waits for these alone; absent: for all
   */
  linksRun(
    node: string,
    withoutCarrier: ReadonlySet<string>,
    signal: AbortSignal,
    only?: ReadonlySet<string>,
  ): Promise<void>
}
