// Carries out operations in one node, in order: those that are route netlink requests together, the others apart.
import { isDevice } from '../../plan/device-op.js'
import type { ConfigOp, DeviceOp, Replacement } from '../../plan/op.js'
import type { KernelPort, RouteOp } from './kernel-port.js'

/**
 * @param onDone called for each operation of route netlink that was carried out
 * @throws the first error that the port throws; the signal's reason when aborted
 */
export async function perform(
  port: KernelPort,
  node: string,
  ops: readonly (DeviceOp | ConfigOp)[],
  signal: AbortSignal,
  onDone: (op: RouteOp) => void = () => {},
): Promise<void> {
  let batch: RouteOp[] = []
  const sendBatch = async () => {
    const sent = batch
    batch = []
    signal.throwIfAborted()
    if (sent.length > 0) await port.send(node, sent)
    for (const op of sent) onDone(op)
  }
  for (const op of ops) {
    switch (op.op) {
      case 'tun.add':
        await sendBatch()
        port.makeTun(op)
        batch.push(op)
        break
      case 'device.move':
        await sendBatch()
        await port.takeDevice(op)
        batch.push(op)
        break
      case 'wireguard.set':
        await sendBatch()
        await port.tellWireguard(op)
        break
      case 'sysctl.set':
      case 'node-sysctl.set':
        await sendBatch()
        port.writeSysctl(op)
        break
      case 'replace':
        if (!isApart(op)) batch.push(op)
        else {
          await sendBatch()
          await port.change(op)
        }
        break
      default:
        batch.push(op)
    }
  }
  await sendBatch()
}

/** What is replaced by more than requests of route netlink. */
const isApart = ({ to }: Replacement): boolean =>
  isDevice(to) || to.op === 'wireguard.set' || to.op === 'sysctl.set' || to.op === 'node-sysctl.set'
