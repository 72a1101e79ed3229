// Parsers for files of /proc/PID (proc(5)).
import { describe, expect, test } from 'vitest'
import { parseProcessStatus } from '../../../../src/kernel/proc/list-processes.js'
import { parseMountStatistics } from '../../../../src/kernel/proc/mount-statistics.js'
import { parseMounts } from '../../../../src/kernel/proc/mount-table.js'
import { mountsText } from '../../../../src/present/processes.js'

const STATUS = `Name:\todd\\nname\\\\
Umask:\t0022
State:\tS (sleeping)
Tgid:\t4711
Pid:\t4711
PPid:\t17
Uid:\t1000\t100033\t1000\t1000
NSpid:\t4711\t12\t3
`

// The statistics of an NFSv4 client, shortened (nfs(5), net/sunrpc/stats.c).
const STATISTICS = `device proc mounted on /proc with fstype proc
no device mounted on /dev with fstype devtmpfs
device server:/export mounted on /mnt/a\\040b with fstype nfs4 statvers=1.1
\topts:\trw,vers=4.2,rsize=1048576
\tage:\t1234
\tper-op statistics
\t        READ: 1 1 0 144 4220 0 0 0 0

device tmpfs mounted on /run with fstype tmpfs
`

const INFO = `22 1 0:5 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard
36 22 0:40 /sub /mnt/a\\040b rw,nosuid - nfs4 server:/export ro,vers=4.2
`

test('a process’s name, state, effective user and PIDs in each namespace', () => {
  expect(parseProcessStatus(4711, STATUS)).toEqual({
    pid: 4711,
    name: 'odd\nname\\',
    state: 'S',
    parent: 17,
    uid: 100_033,
    nsPids: [4711, 12, 3],
  })
})

test('mounts with all that mountinfo says of them', () => {
  expect(parseMounts(INFO)).toMatchObject([
    { id: 22, parent: 1, device: '0:5', propagation: ['shared:1', 'master:2'], source: '/dev/vda' },
    { id: 36, target: '/mnt/a b', root: '/sub', options: ['rw', 'nosuid'], propagation: [], source: 'server:/export' },
  ])
})

describe('mount statistics', () => {
  const expected = [
    'statvers=1.1',
    'opts: rw,vers=4.2,rsize=1048576',
    'age: 1234',
    'per-op statistics',
    'READ: 1 1 0 144 4220 0 0 0 0',
  ]
  test('are those of file systems that count, and of no other', () => {
    expect(parseMountStatistics(STATISTICS)).toEqual([{ target: '/mnt/a b', type: 'nfs4', lines: expected }])
  })

  test('stand below the table of mounts, which shows what is read-only in either way', () => {
    const mounts = parseMounts(INFO).map((mount) => ({ ...mount, statistics: mount.type === 'nfs4' ? expected : null }))
    const text = mountsText({ lab: 'l', node: 'n', pid: 1, mounts })
    expect(text).toContain('nosuid,ro,vers=4.2   private\n\nstatistics of /mnt/a b:\n  statvers=1.1\n')
    expect(text).toContain('rw,relatime,discard  shared:1,master:2')
    expect(text).not.toContain('statistics of /:')
  })
})
