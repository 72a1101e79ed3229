// Specs as the shim reads them, words ended by NUL bytes, with some words and bytes changed.

/** @typedef {ReturnType<typeof import('../random.mjs').randomFrom>} Random */

const MAPS = ['uidmap', '0 1000 1000', 'gidmap', '0 1000 1000']
const SHARED = [...['user', 'mnt', 'ipc'].flatMap((kind) => ['namespace', kind, 'shared']), 'shm', '/run']
const node = (name, ...words) => ['node', name, 'title', `fuzz/${name}`, ...MAPS, ...words, 'end']

/** @type {Record<'spawn' | 'ping' | 'probe', readonly (readonly string[])[]>} */
const SEEDS = {
  spawn: [
    [...node('a'), ...node('b', 'hostname', 'b', 'domainname', 'example.org', 'netns', 'fuzz.b')],
    node('a', 'write', '/etc/nslab/x', '0644', '0:0', '616263', 'write', '/run/x', '0600', '1:1', ''),
    node('a', 'tmpfs', '/srv/x', 'mode=0755,size=1m', 'mount', '/usr', '/srv/y', 'ro', 'mount', '/tmp', '/mnt/z', 'rw'),
    node('a', 'copy', '/etc', '/etc/hosts', 'owner', '/etc', '0:0', 'write', '/etc/hostname', '644', '0:0', '610a'),
    node('a', 'sysctl', 'net.ipv4.ip_forward', '1', 'try-sysctl', 'net.ipv4.conf.lo/x.forwarding', '1'),
    node('a', 'namespace', 'time', 'own', 'time', 'boottime 604800 0', 'time', 'monotonic 5 0'),
    [...node('a', 'namespace', 'net', 'shared'), ...node('b', 'namespace', 'net', 'shared')],
    [...node('a', ...SHARED), ...node('b', ...SHARED)],
    node('a', 'namespace', 'uts', 'host', 'namespace', 'cgroup', 'host', 'cgroup', 'a.node'),
    ['node', 'a', 'setgroups', 'deny', 'uidmap', '0 0 1', 'gidmap', '0 0 1', 'end'],
  ],
  ping: [
    ['count', '1', 'interval', '10', 'timeout', '100', 'from', 'PID', 'TICKS', 'to', '127.0.0.1', 'to', '::1'],
    [
      'count',
      '2',
      'interval',
      '0',
      'timeout',
      '50.5',
      'from',
      'PID',
      'TICKS',
      'to',
      '127.0.0.1',
      'from',
      'PID',
      'TICKS',
      'to',
      'fe80::1%lo',
    ],
  ],
  probe: [
    ['namespace', 'user', 'namespace', 'net', 'namespace', 'time', 'mount', 'proc', 'mount', 'tmpfs'],
    // RTM_GETLINK of lo; an ACK is asked for.
    ['send', '0', '200000001200050001000000000000000000000001000000000000000000000000000000'],
    ['namespace', 'user', 'send', '16', '1400000010000500010000000000000003010000', 'send', '0', ''],
  ],
}

const POISON = [
  '',
  '0',
  '-1',
  '1',
  '4294967296',
  '99999999999999999999',
  '0x10',
  '1e9',
  '1.5.5',
  'nan',
  '%s%n%p',
  '.',
  '..',
  '/',
  '//',
  'relative',
  'relative/path',
  '/..',
  '../../etc',
  '/proc/self/fd/0',
  '/dev/null',
  '/dev/zero',
  '/nowhere/at/all',
  '/etc/hosts/x',
  '"',
  '\\',
  '\x01\x1b\x7f',
  '\xff\xfe',
  'a'.repeat(300),
  'a'.repeat(5000),
  'a'.repeat(70_000),
  `/${'a/'.repeat(3000)}`,
  '0 0 4294967295',
  '0 1000',
  'own',
  'shared',
  'host',
  'deny',
  '6162636',
  'zz',
  'fe80::1%',
  'fe80::1%aaaaaaaaaaaaaaaaaaaaaa',
  '1.2.3.4%lo',
  '::',
  '0.0.0.0',
]

/** All words that any verb knows. */
const KEYWORDS = [...new Set(Object.values(SEEDS).flat(2))]

/** @type {readonly ((words: string[], random: Random) => string[])[]} */
const EDITS = [
  (words, random) => words.with(random.integer(0, words.length - 1), random.pick(POISON)),
  (words, random) => words.with(random.integer(0, words.length - 1), random.pick(POISON)),
  (words, random) => words.with(random.integer(0, words.length - 1), random.pick(KEYWORDS)),
  (words, random) => words.toSpliced(random.integer(0, words.length), 0, random.pick(KEYWORDS)),
  (words, random) => words.toSpliced(random.integer(0, words.length), 0, random.pick(POISON)),
  (words, random) => words.toSpliced(random.integer(0, words.length - 1), random.integer(1, 4)),
  (words, random) => [...words.slice(0, random.integer(1, words.length)), ...words],
  // One part, more often than there is room for.
  (words, random) => {
    const at = random.integer(0, words.length - 1)
    const part = words.slice(at, at + random.integer(1, 3))
    return words.toSpliced(at, 0, ...Array.from({ length: random.pick([3, 40, 150]) }, () => part).flat())
  },
]

/** @param {string} word @param {{ pid: number, startTime: number }} process */
const filled = (word, { pid, startTime }) =>
  word === 'PID' ? String(pid) : word === 'TICKS' ? String(startTime) : word

/**
 * @param {'spawn' | 'ping' | 'probe'} verb
 * @param {Random} random
 * @returns {string[]}
 */
export function mutatedSpec(verb, random) {
  let words = [...random.pick(SEEDS[verb])]
  for (let left = random.integer(1, 4); left > 0 && words.length > 0; left--) words = random.pick(EDITS)(words, random)
  return words
}

/**
 * The bytes of a spec; of some, the end is cut off or a byte changed.
 *
 * @param {readonly string[]} words
 * @param {{ pid: number, startTime: number }} process that pings
 * @param {Random} random
 */
export function bytesOf(words, process, random) {
  const bytes = Buffer.from(words.map((word) => `${filled(word, process)}\0`).join(''), 'latin1')
  if (random.fraction() < 0.05) return bytes.subarray(0, random.integer(0, bytes.length))
  if (random.fraction() < 0.05 && bytes.length > 0) bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255)
  return bytes
}
