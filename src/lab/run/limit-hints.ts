// The limits of the machine that programs in nodes come upon, told from what a program says when it fails; pure. The programs have
// words of their own, so this only gives a hint. `nslab doctor` examines the same limits (machine/limits.ts).

interface LimitHint {
  said: RegExp
  hint: string
}

/** EMFILE, as strerror(3) of the GNU C library and of musl says it. */
const MANY_FILES = 'too many open files|no file descriptors available'

/**
 * The first that fits is told. Node.js names the file that it watches after `watch`; the C library's EMFILE alone may be either
 * limit (inotify_init(2)).
 */
const LIMITS: readonly LimitHint[] = [
  {
    said: /inotify watch limit|(?:inotify|watch).*no space left on device|no space left on device.*watch|number of file watchers reached/i,
    hint: 'the machine may have no more inotify watches for this user, which all nodes share: `sysctl -w fs.inotify.max_user_watches=524288`',
  },
  {
    said: new RegExp(`inotify.*(?:${MANY_FILES}|limit)|(?:${MANY_FILES}).*\\b(?:inotify|watch)\\b`, 'i'),
    hint: 'the machine may have no more inotify instances for this user, which all nodes share: `sysctl -w fs.inotify.max_user_instances=8192`',
  },
  {
    said: /too many open files in system|file table overflow/i,
    hint: 'the machine may have no more open files: `sysctl -w fs.file-max=9223372036854775807`',
  },
  {
    said: new RegExp(MANY_FILES, 'i'),
    hint: 'the limit of open files is reached (`ulimit -n`), or that of inotify instances, which all nodes share: `sysctl -w fs.inotify.max_user_instances=8192`',
  },
  {
    said: /(?:unshare|namespace).*no space left on device/i,
    hint: 'the user may have no more namespaces: `sysctl user` lists the limits, user.max_*_namespaces, and root raises them',
  },
  {
    said: /(?:fork|clone|thread|process).*(?:resource temporarily unavailable|cannot allocate memory|no space left|EAGAIN|errno=11)|resource temporarily unavailable.*(?:fork|clone|thread|process)|\bcannot fork\b|can't start new thread/i,
    hint: 'there may be no more processes: `ulimit -u`, pids.max of the cgroup, or `sysctl -w kernel.pid_max=4194304 kernel.threads-max=4194304`',
  },
  {
    said: /disk quota exceeded/i,
    hint: 'the user may have no more keys, which all nodes share: `sysctl -w kernel.keys.maxkeys=20000 kernel.keys.maxbytes=2000000`',
  },
]

/** The limit that a program has probably come upon, and the command that raises it; null when its output speaks of none. */
export const limitHintFor = (output: string): string | null =>
  LIMITS.find(({ said }) => output.split('\n').some((line) => said.test(line)))?.hint ?? null
