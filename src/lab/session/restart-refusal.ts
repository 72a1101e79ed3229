// Whether a node can be given new processes and namespaces while it keeps its network: pure.
import type { NodeAdd } from '../../plan/op.js'

/**
 * Why a node cannot be restarted, as a clause about it; null when it can.
 *
 * @param running the nodes that go on running
 */
export function restartRefusal(
  { isolation }: Pick<NodeAdd, 'isolation'>,
  running: readonly Pick<NodeAdd, 'node' | 'isolation'>[],
): string | null {
  const { net, pid } = isolation?.namespaces ?? { net: 'own', pid: 'own' }
  if (net === 'host') return 'its network is the host’s'
  if (net === 'shared') return 'it shares its network with other nodes'
  if (pid === 'host') return 'its PID namespace is the host’s'
  const other = pid === 'shared' ? running.find((each) => each.isolation?.namespaces.pid === 'shared') : undefined
  return other === undefined ? null : `it shares its PID namespace with ${other.node}, which goes on running`
}
