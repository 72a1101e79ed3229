import { expect, test } from 'vitest'
import { restartRefusal } from '../../../../src/lab/session/restart-refusal.js'
import type { NamespaceChoice } from '../../../../src/model/isolation.js'
import type { NamespaceKind } from '../../../../src/namespace-kinds.js'

const isolated = (namespaces: Partial<Record<NamespaceKind, NamespaceChoice>>) => ({
  isolation: {
    namespaces: {
      ...{ user: 'own', pid: 'own', mnt: 'own', uts: 'own', ipc: 'own', net: 'own', cgroup: 'own', time: 'host' },
      ...namespaces,
    } as Record<NamespaceKind, NamespaceChoice>,
    users: null,
    time: [],
  },
})

test.each([
  ['nothing', {}, null],
  ['the IPC namespace', isolated({ ipc: 'shared', uts: 'shared', user: 'shared', cgroup: 'shared' }), null],
  ['its network', isolated({ net: 'shared' }), 'it shares its network with other nodes'],
  ['the network of the machine', isolated({ net: 'host' }), 'its network is the host’s'],
  ['its PID namespace', isolated({ pid: 'shared' }), 'it shares its PID namespace with other, which goes on running'],
  ['the PID namespace of the machine', isolated({ pid: 'host' }), 'its PID namespace is the host’s'],
])('of a node that shares %s', (_, node, reason) => {
  expect(restartRefusal(node, [{ node: 'other', ...isolated({ pid: 'shared' }) }])).toBe(reason)
})

test('nodes that share a PID namespace restart when none of them goes on running', () => {
  expect(restartRefusal(isolated({ pid: 'shared' }), [{ node: 'other', ...isolated({}) }])).toBeNull()
})
