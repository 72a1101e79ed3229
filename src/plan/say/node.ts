// The util-linux commands that make about the same node. Pure text.
import type { IdRanges, Isolation } from '../../model/isolation.js'
import { isOfNetwork } from '../../topology/node/sysctls.js'
import type { NodeAdd } from '../op.js'
import { quoted } from './shell.js'

const FLAGS = {
  user: 'user',
  pid: 'pid',
  mnt: 'mount',
  uts: 'uts',
  ipc: 'ipc',
  cgroup: 'cgroup',
  time: 'time',
} as const
const DEFAULTS = ['--user', '--map-root-user', '--pid', '--mount', '--uts', '--ipc', '--cgroup']

export function nodeCommand({ node, hostname, domainname, sysctls, isolation, network, contents }: NodeAdd): string {
  const names = isolation?.namespaces.uts === 'host' ? [] : [`hostname ${hostname}`, ...domainCommand(domainname)]
  const flags = isolation === undefined ? DEFAULTS : flagsOf(isolation)
  const netns = `ip netns exec ${network ?? node}`
  const inside = [
    ...names,
    ...(contents ? contentsCommands(contents) : []),
    ...sysctlCommand(sysctls, (key) => !isOfNetwork(key)),
    '…',
  ].join('; ')
  return [
    ...(network === undefined ? [`ip netns add ${node}`] : []),
    // Written outside: `ip netns` makes a network namespace that root of the node's user namespace does not own.
    ...sysctlCommand(sysctls, isOfNetwork).map((command) => `${netns} ${command}`),
    `${netns} ${['unshare', ...flags, '--fork', '--mount-proc'].join(' ')} sh -c ${quoted(inside)}`,
  ].join(' && ')
}

function contentsCommands({ home, mounts, files, hosts }: NonNullable<NodeAdd['contents']>): string[] {
  return [
    ...(home === undefined ? [] : ['mount -t tmpfs -o mode=0700 tmpfs ~']),
    ...mounts.map(({ target, source, readonly, size, mode }) =>
      source === null
        ? `mount -t tmpfs -o mode=${mode}${size === null ? '' : `,size=${size}`} tmpfs ${quoted(target)}`
        : `mount --rbind${readonly ? ' -o ro' : ''} ${quoted(source)} ${quoted(target)}`,
    ),
    ...files.map(({ path, content, mode, owner }) => {
      const source = typeof content === 'string' ? '/dev/stdin' : quoted(content.source)
      return `install -m ${mode} -o ${owner.replace(':', ' -g ')} ${source} ${quoted(path)}`
    }),
    ...(hosts === '' ? [] : ['cat >> /etc/hosts']),
  ]
}

const domainCommand = (domainname: string | null) => (domainname === null ? [] : [`domainname ${quoted(domainname)}`])

function sysctlCommand(sysctls: Record<string, string>, isMeant: (key: string) => boolean): string[] {
  const settings = Object.entries(sysctls).flatMap(([key, value]) => (isMeant(key) ? [quoted(`${key}=${value}`)] : []))
  return settings.length === 0 ? [] : [`sysctl -qw ${settings.join(' ')}`]
}

/** Options of unshare(1). A shared namespace appears as the file that keeps it. */
function flagsOf({ namespaces, users, time }: Isolation): string[] {
  const kinds = Object.entries(FLAGS).flatMap(([kind, flag]) => {
    const choice = namespaces[kind as keyof typeof FLAGS]
    return choice === 'host' ? [] : [choice === 'shared' ? `--${flag}=shared/${kind}` : `--${flag}`]
  })
  const maps =
    users === null ? ['--map-root-user'] : [...mapFlags('users', users.uids), ...mapFlags('groups', users.gids)]
  const clocks = time.map(({ clock, seconds }) => `--${clock} ${seconds}`)
  return [...kinds, ...(namespaces.user === 'host' ? [] : maps), ...clocks]
}

const mapFlags = (what: 'users' | 'groups', ranges: IdRanges): string[] =>
  ranges === 'host'
    ? [`--map-${what}=0,0,4294967295`]
    : ranges.map(({ inside, outside, count }) => `--map-${what}=${outside},${inside},${count}`)
