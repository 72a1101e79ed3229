// Finds where cgroups can be made, from the text of /proc/self/cgroup and /proc/self/mountinfo.
import { expect, test } from 'vitest'
import { candidateCgroups, nodeCgroup } from '../../../../src/lab/record/cgroup.js'

const mount = (root: string, target: string, type: string, options = 'rw') =>
  `30 25 0:26 ${root} ${target} rw,nosuid - ${type} ${type} ${options}`
const V2 = mount('/', '/sys/fs/cgroup', 'cgroup2')
const SYSTEMD = mount('/', '/sys/fs/cgroup/systemd', 'cgroup', 'rw,xattr,name=systemd')

test.each<[string, string, string[], string[]]>([
  ['version 2', '0::/user.slice/a.scope', [V2], ['/sys/fs/cgroup/user.slice/a.scope']],
  ['the root of version 2', '0::/', [V2], ['/sys/fs/cgroup']],
  [
    'version 2 beside version 1, wherever it is mounted',
    '3:cpu,cpuacct:/\n1:name=systemd:/s\n0::/u',
    [
      mount('/', '/sys/fs/cgroup/cpu', 'cgroup', 'rw,cpu,cpuacct'),
      SYSTEMD,
      mount('/', '/sys/fs/cgroup/unified', 'cgroup2'),
    ],
    ['/sys/fs/cgroup/unified/u', '/sys/fs/cgroup/systemd/s'],
  ],
  ['a hierarchy with a controller', '3:cpu:/a', [mount('/', '/c', 'cgroup', 'rw,cpu')], []],
  ['a part of the tree that is mounted', '0::/box/in', [mount('/box', '/cg', 'cgroup2')], ['/cg/in']],
  ['exactly the part that is mounted', '0::/box', [mount('/box', '/cg', 'cgroup2')], ['/cg']],
  ['another part', '0::/boxes', [mount('/box', '/cg', 'cgroup2')], []],
  ['a cgroup outside the cgroup namespace', '0::/../other', [V2], []],
  ['a mount from outside the cgroup namespace', '0::/', [mount('/..', '/cg', 'cgroup2')], []],
  ['a blank in a path', '0::/a b', [mount('/', '/c\\040g', 'cgroup2')], ['/c g/a b']],
  ['a colon in a path', '0::/a:b', [V2], ['/sys/fs/cgroup/a:b']],
  ['nothing', '', [], []],
])('%s', (_, cgroup, mounts, places) => {
  expect(candidateCgroups(`${cgroup}\n`, `${mounts.join('\n')}\n`)).toEqual(places)
})

test('no node’s cgroup is called like a file of a cgroup, or like the shared one', () => {
  expect(nodeCgroup('/cg/lab', { name: 'tasks' })).toBe('/cg/lab/tasks.node')
  expect(nodeCgroup('/cg/lab', { name: 'shared' })).toBe('/cg/lab/shared.node')
})
