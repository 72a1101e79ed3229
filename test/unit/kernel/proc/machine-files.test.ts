// Parsers for limits, cgroups and mounts in /proc, with text from real machines.
import { describe, expect, test } from 'vitest'
import { directoriesOf, parseMemberships } from '../../../../src/kernel/proc/cgroup.js'
import { parseAvailable, parseLimits } from '../../../../src/kernel/proc/limits.js'
import { isProcSysReadOnly, maskedPaths, parseMounts, sysOfNodes } from '../../../../src/kernel/proc/mount-table.js'
import { numberOf } from '../../../../src/kernel/small-file.js'
import { parseGrants } from '../../../../src/kernel/subordinate-ids.js'

const DOCKER = `613 515 0:51 / / rw,relatime master:161 - overlay overlay rw,lowerdir=/a:/b
614 613 0:54 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
617 613 0:56 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro
618 617 0:29 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate
516 614 0:54 /bus /proc/bus ro,nosuid,nodev,noexec,relatime - proc proc rw
519 614 0:54 /sys /proc/sys ro,nosuid,nodev,noexec,relatime - proc proc rw
521 614 0:57 / /proc/acpi ro,relatime - tmpfs tmpfs ro
522 614 0:55 /null /proc/kcore rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
526 617 0:58 / /sys/firmware ro,relatime - tmpfs tmpfs ro
`
const DESKTOP = `23 30 0:22 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw
24 30 0:23 / /sys rw,nosuid,nodev,noexec,relatime shared:2 - sysfs sysfs rw
29 24 0:27 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:5 - cgroup2 cgroup2 rw,nsdelegate
33 23 0:31 / /proc/sys/fs/binfmt_misc rw,relatime shared:15 - autofs systemd-1 rw,fd=30
90 30 8:1 / /mnt/a\\040b rw - ext4 /dev/sda1 rw
`
const VERSION_1 = `30 29 0:26 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
37 30 0:33 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
40 30 0:36 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`

describe('mounts', () => {
  test('what a container engine hides is told from what is mounted there on any machine', () => {
    expect(maskedPaths(parseMounts(DOCKER))).toEqual(['/proc/acpi', '/proc/kcore', '/sys/firmware'])
    expect(maskedPaths(parseMounts(DESKTOP))).toEqual([])
    expect(maskedPaths(parseMounts(VERSION_1))).toEqual([])
  })

  test('a read-only /proc/sys', () => {
    expect(isProcSysReadOnly(parseMounts(DOCKER))).toBe(true)
    expect(isProcSysReadOnly(parseMounts(DESKTOP))).toBe(false)
    expect(isProcSysReadOnly(parseMounts('1 0 0:1 / /proc ro - proc proc rw\n'))).toBe(true)
    expect(isProcSysReadOnly([])).toBe(false)
    expect(sysOfNodes(parseMounts(DOCKER))).toBe('the machine’s')
    expect(sysOfNodes(parseMounts(DESKTOP))).toBe('own')
    expect(sysOfNodes(parseMounts('1 0 0:1 / /sys ro - sysfs sysfs rw\n'))).toBe('read-only')
  })

  test('names with blanks', () => {
    expect(parseMounts(DESKTOP).at(-1)).toMatchObject({ target: '/mnt/a b', type: 'ext4', readOnly: false })
  })
})

describe('cgroups', () => {
  test('version 2: the group and all above it, as far as they are mounted', () => {
    const [membership] = parseMemberships('0::/user.slice/user-1000.slice/session-2.scope\n')
    expect(directoriesOf(membership as never, parseMounts(DESKTOP))).toEqual([
      '/sys/fs/cgroup',
      '/sys/fs/cgroup/user.slice',
      '/sys/fs/cgroup/user.slice/user-1000.slice',
      '/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope',
    ])
  })

  test('version 1: each controller has its own; one with a name has none', () => {
    const memberships = parseMemberships('9:name=systemd:/a\n8:pids:/b\n2:cpu,cpuacct:/\n0::/\n')
    expect(memberships.map((each) => directoriesOf(each, parseMounts(VERSION_1)))).toEqual([
      [],
      ['/sys/fs/cgroup/pids', '/sys/fs/cgroup/pids/b'],
      ['/sys/fs/cgroup/cpu,cpuacct'],
      ['/sys/fs/cgroup/unified'],
    ])
  })

  test('a path outside of what is mounted leads to the top of that', () => {
    const [membership] = parseMemberships('0::/../other\n')
    expect(directoriesOf(membership as never, parseMounts(DESKTOP))).toEqual(['/sys/fs/cgroup'])
    const mounted = parseMounts('1 0 0:1 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup rw\n')
    const [whole] = parseMemberships('0::/docker/abc/x\n')
    expect(directoriesOf(whole as never, mounted)).toEqual(['/sys/fs/cgroup', '/sys/fs/cgroup/x'])
  })
})

test('limits: the hard one of files, the soft one of processes', () => {
  const text = `Limit                     Soft Limit           Hard Limit           Units
Max processes             1000                 unlimited            processes
Max open files            1024                 524288               files
`
  expect(parseLimits(text)).toEqual({ openFiles: 524_288, processes: 1000 })
  expect(parseLimits(text.replace('1000 ', 'unlimited '))).toMatchObject({ processes: Number.POSITIVE_INFINITY })
  expect(parseLimits('')).toEqual({ openFiles: Number.POSITIVE_INFINITY, processes: Number.POSITIVE_INFINITY })
})

test('available memory is in bytes', () => {
  expect(parseAvailable('MemTotal:  1000 kB\nMemAvailable:    200 kB\n')).toBe(204_800)
  expect(parseAvailable('')).toBe(Number.POSITIVE_INFINITY)
})

test('subordinate ids are granted line by line, and what is no grant is passed over', () => {
  const text = 'alice:100000:65536\n1000:300000:10\nbob:200000:65536\n# alice:1:1\n\nalice:x:y\n'
  expect(parseGrants(text)).toEqual([
    { owner: 'alice', start: 100_000, count: 65_536 },
    { owner: '1000', start: 300_000, count: 10 },
    { owner: 'bob', start: 200_000, count: 65_536 },
  ])
})

test.each([
  ['max', Number.POSITIVE_INFINITY],
  ['42', 42],
  ['', null],
  ['-1', null],
  ['12 34', null],
])('the number of %j is %s', (text, number) => {
  expect(numberOf(text)).toBe(number)
})
