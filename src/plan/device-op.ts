// Which operations make devices.
import type { DeviceOp } from './op.js'

/** Whether an operation makes a device. */
export const isDevice = <T extends { op: string }>(op: T): op is Extract<T, { op: DeviceOp['op'] }> =>
  DEVICES.includes(op.op)

const DEVICES: readonly string[] = [
  'bridge.add',
  'veth.add',
  'link.add',
  'tun.add',
  'device.move',
] satisfies DeviceOp['op'][]
