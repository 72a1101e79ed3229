// The table of attempts: what an attacker tries by a system call or two (attempt.c), and with which errno it must be refused.
import { program } from '../command.mjs'
import { CLOSED, disk, KEY, NEIGHBOUR, SECRET, SECRET_FILE, USER } from './setting.mjs'

/**
 * @typedef {object} Row
 * @property {string} attempt words for attempt.c
 * @property {string} expected names of errnos that will do; `alike`: as any user of the machine is refused it
 * @property {RegExp} [said] where it succeeds, the README must say so in such words
 */

/** @returns {Row} */
const row = (attempt, expected, said) => ({ attempt, expected, ...(said ? { said } : {}) })

const UNMOUNTING = /unmount/i
/** The mount is locked, or nothing is below, or what is there is closed. */
const NOTHING_BELOW = 'EINVAL ENOENT EACCES'

/** What the machine has one of. @type {readonly Row[]} */
const MACHINE = [
  row('module', 'EPERM ENOSYS'),
  row('kexec', 'EPERM ENOSYS'),
  row('swap', 'EPERM ENOSYS'),
  row('account', 'EPERM ENOSYS'),
  row('ports', 'EPERM ENOSYS'),
  // Of its own PID namespace, root may ask; the argument is then wrong.
  row('reboot', 'EPERM EINVAL'),
  row('set-time', 'EPERM'),
  row('adjust-time', 'EPERM'),
  row('program', 'EPERM ENOSYS'),
  row('events', 'EPERM EACCES ENOENT ENOSYS'),
  row('kernel-log', 'alike'),
  row('priority', 'EPERM EACCES'),
  row('realtime', 'EPERM'),
  row('limit', 'EPERM'),
  row('unkillable', 'EACCES'),
  row('socket 40 1', 'EAFNOSUPPORT', /vsock/i),
  ...['core_pattern', 'modprobe', 'randomize_va_space', 'sysrq', 'threads-max'].map((key) =>
    row(`write /proc/sys/kernel/${key}`, 'EACCES EROFS ENOENT'),
  ),
  ...['vm/overcommit_memory', 'fs/file-max', 'fs/suid_dumpable'].map((key) =>
    row(`write /proc/sys/${key}`, 'EACCES EROFS ENOENT'),
  ),
  row('write /proc/sysrq-trigger', 'EACCES EPERM EROFS ENOENT'),
  row('write /sys/power/state', 'EACCES EROFS ENOENT'),
  row('write /sys/kernel/uevent_helper', 'EACCES EROFS ENOENT'),
  row('read /proc/kcore', 'EACCES EPERM ENOENT'),
  row('handle /', 'EPERM'),
  ...['debugfs', 'tracefs', 'securityfs', 'cgroup'].map((type) => row(`mount ${type} none /mnt`, 'EPERM ENODEV')),
]

/** Files that are root's. @type {readonly Row[]} */
const FILES = [
  row('read /etc/shadow', 'EACCES'),
  row(`read ${SECRET_FILE}`, 'EACCES'),
  row(`list ${CLOSED}`, 'EACCES'),
  row('write /etc/passwd', 'EACCES EROFS'),
  row('create /nslab-hostile', 'EACCES EROFS'),
  row('create /usr/bin/nslab-hostile', 'EACCES EROFS'),
]

/** Of a node's root. @param {import('./setting.mjs').Setting} setting @returns {readonly Row[]} */
function ofNode({ roots, users }) {
  const { path, major, minor } = disk()
  return [
    ...MACHINE,
    ...FILES,
    row(`read ${path}`, 'ENOENT EACCES'),
    row('read /dev/mem', 'ENOENT EACCES'),
    row('read /dev/kmsg', 'ENOENT EACCES'),
    row(`device ${major} ${minor} b`, 'EPERM'),
    row('device 1 1 c', 'EPERM'),
    row(`mount ext4 ${path} /mnt`, 'EPERM ENOENT'),
    row(`key ${KEY}`, 'ENOKEY'),
    row('descriptors', 'ENOENT'),
    row('reach', 'ECONNREFUSED'),
    ...[roots, users].flatMap(({ pid, others }) =>
      [pid, ...others].flatMap((each) =>
        ['kill', 'pidfd', 'trace', 'memory'].map((what) => row(`${what} ${each}`, 'ESRCH')),
      ),
    ),
    row('uncover /run', NOTHING_BELOW),
    row('uncover /tmp', NOTHING_BELOW),
    row('uncover /dev list /dev/pts', NOTHING_BELOW),
    row('uncover /dev list /dev/shm', NOTHING_BELOW),
    row('uncover /sys', NOTHING_BELOW, UNMOUNTING),
    row('uncover /proc outside', NOTHING_BELOW),
    row('uncover /proc read /proc/1/environ', NOTHING_BELOW),
    ...['net', 'mnt', 'user', 'pid'].map((kind) => row(`uncover /proc join /proc/1/ns/${kind}`, NOTHING_BELOW)),
    ...['fd/0', 'root/etc/shadow', 'environ'].map((part) =>
      row(`uncover /proc read /proc/${roots.pid}/${part}`, NOTHING_BELOW),
    ),
    row('uncover /proc write /proc/sys/kernel/core_pattern', NOTHING_BELOW),
    row('uncover /run list /run/nslab', NOTHING_BELOW),
    row(`uncover /run read ${roots.directory}/state.json`, NOTHING_BELOW),
    row(`uncover /run lock ${roots.directory}/lock`, NOTHING_BELOW),
    row(`uncover /dev read ${path}`, NOTHING_BELOW),
    row('uncover /dev write /dev/kmsg', NOTHING_BELOW),
    row('uncover /dev write /dev/mem', NOTHING_BELOW),
  ]
}

/** Of an ordinary user of the machine, to labs that are others'. @returns {readonly Row[]} */
function ofNeighbour({ roots, users }) {
  const labs = [roots, users]
  return [
    ...labs.flatMap(({ directory }) => [
      row(`list ${directory}`, 'EACCES'),
      row(`list ${directory}/..`, 'EACCES'),
      row(`create ${directory}/x`, 'EACCES'),
      row(`create ${directory}/../x`, 'EACCES'),
      row(`lock ${directory}/..`, 'EACCES'),
      row(`lock ${directory}/lock`, 'EACCES'),
      row(`read ${directory}/state.json`, 'EACCES'),
      row(`read ${directory}/private/hosts`, 'EACCES'),
    ]),
    ...labs
      .flatMap(({ pid, others }) => [pid, ...others])
      .flatMap((pid) => [
        row(`kill ${pid}`, 'EPERM'),
        row(`pidfd ${pid}`, 'EPERM'),
        row(`steal ${pid} 0`, 'EPERM'),
        row(`trace ${pid}`, 'EPERM'),
        row(`memory ${pid}`, 'EPERM'),
        ...['net', 'mnt', 'user'].map((kind) => row(`join /proc/${pid}/ns/${kind}`, 'EACCES')),
        ...['environ', 'fd/0', 'root/etc/passwd', 'cwd/etc/passwd'].map((part) =>
          row(`read /proc/${pid}/${part}`, 'EACCES'),
        ),
      ]),
    row('reach', 'ECONNREFUSED'),
    // Both ends of the keeper's control socket.
    ...labs.flatMap(({ pid }) => [3, 4].map((fd) => row(`steal ${pid} ${fd}`, 'EPERM'))),
    row('join /run/netns/roots.a', 'EACCES'),
    row('create /run/netns/x', 'EACCES'),
  ]
}

/** Of whoever attacks what root runs in an ordinary user's node: seen from within that. @type {readonly Row[]} */
const OF_ROOTS_EXEC = [
  row(`key ${KEY}`, 'ENOKEY'),
  row(`environment ${SECRET}`, 'ENOENT'),
  row('descriptors', 'ENOENT'),
  row('here inside', 'ENOENT EACCES'),
  ...FILES,
]

/**
 * Whose node, or which user, and what is tried there.
 *
 * @param {import('./setting.mjs').Setting} setting
 * @returns {readonly { who: string, how: string, rows: readonly Row[], run: (words: string[]) => Promise<import('../command.mjs').Outcome> }[]}
 */
export const attackers = (setting) => [
  {
    who: "root of a node of root's lab",
    how: 'nslab exec roots/a --',
    rows: [...ofNode(setting), row(`uncover /tmp list ${setting.users.directory}`, NOTHING_BELOW)],
    run: (words) => setting.root(['exec', 'roots/a', '--', ...words]),
  },
  {
    who: "root of a node of a user's lab",
    how: 'nslab exec users/a --',
    rows: ofNode(setting),
    run: (words) => setting.user(['exec', 'users/a', '--', ...words]),
  },
  {
    who: "root of the machine in a node of a user's lab",
    how: `nslab exec ${USER}:users/a --`,
    rows: OF_ROOTS_EXEC,
    run: (words) => setting.root(['exec', `${USER}:users/a`, '--', ...words]),
  },
  {
    who: 'another user of the machine',
    how: '',
    rows: ofNeighbour(setting),
    run: (words) => program(words, { uid: NEIGHBOUR }),
  },
]
