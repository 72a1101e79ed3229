// What a lab needs, and what a machine has too little of.
import { expect, test } from 'vitest'
import { needsOf, type Room, shortfallsOf } from '../../../src/machine/needs.js'
import { NAMESPACE_KINDS } from '../../../src/namespace-kinds.js'
import { resolve } from '../topology/support.js'

const ROOMY: Room = {
  ...{ openFiles: Infinity, processes: Infinity, pids: Infinity, cgroupTasksFree: Infinity, memoryFree: Infinity },
  namespaces: Object.fromEntries(NAMESPACE_KINDS.map((kind) => [kind, null])) as Room['namespaces'],
  keys: Infinity,
}
const HUNDRED = resolve('nodes: {"h{i}": {repeat: 100}}')

test('each node counts, and so does each namespace that it has of its own', () => {
  const mixed = resolve(
    'nodes: {a: {}, b: {namespaces: {ipc: shared}}, c: {namespaces: {ipc: shared, uts: host}, time: {boottime: 5s}}}',
  )
  expect(needsOf(mixed)).toMatchObject({
    openFiles: 30,
    processes: 6,
    namespaces: { user: 3, pid: 3, net: 3, ipc: 2, uts: 2, time: 1 },
  })
  expect(needsOf(HUNDRED)).toMatchObject({ openFiles: 224, processes: 103, namespaces: { net: 100, time: 0 } })
})

test('a machine with room lacks nothing', () => {
  expect(shortfallsOf(needsOf(HUNDRED), ROOMY, true)).toEqual([])
})

test.each<[Partial<Room>, RegExp, RegExp, boolean]>([
  [{ openFiles: 223 }, /^224 open files, and a process may have 223/, /ulimit -Hn 512/, true],
  [{ processes: 102 }, /^103 processes, and this user may have 102 more/, /ulimit -u unlimited/, true],
  [{ pids: 102 }, /^103 processes, and the machine has room for 102 more/, /sysctl -w kernel\.pid_max/, true],
  [{ cgroupTasksFree: 7 }, /^103 processes, and this cgroup allows 7 more/, /TasksMax=/, true],
  [
    { namespaces: { ...ROOMY.namespaces, mnt: 99 } },
    /^100 mnt namespaces, and a user may have 99/,
    /sysctl -w user\.max_mnt_namespaces=256/,
    true,
  ],
  [{ keys: 2 }, /^3 keyrings/, /sysctl -w kernel\.keys\.root_maxkeys=/, false],
  [{ memoryFree: 1024 ** 2 }, /^about 45 MiB of memory, and 1 MiB/, /memory\.max/, false],
])('%j', (room, text, remedy, isFatal) => {
  expect(shortfallsOf(needsOf(HUNDRED), { ...ROOMY, ...room }, true)).toEqual([
    { text: expect.stringMatching(text), remedy: expect.stringMatching(remedy), isFatal },
  ])
})
