// The limits of the machine that programs in nodes come upon, told from what a program says when it fails; pure. The programs have
// words of their own, so this only gives a hint. `nslab doctor` examines the same limits (machine/limits.ts).

interface LimitHint {
  said: RegExp
  hint: string
}

const LIMITS: readonly LimitHint[] = [
  {
    said: /inotify/i,
    hint: 'the machine may have no more inotify instances for this user, which all nodes share: `sysctl -w fs.inotify.max_user_instances=8192`',
  },
  {
    said: /no space left on device.*watch|watch.*no space left on device/i,
    hint: 'the machine may have no more inotify watches for this user, which all nodes share: `sysctl -w fs.inotify.max_user_watches=524288`',
  },
  {
    said: /too many open files in system|file table overflow/i,
    hint: 'the machine may have no more open files: `sysctl -w fs.file-max=9223372036854775807`',
  },
  {
    said: /too many open files|no file descriptors available/i,
    hint: 'the limit of open files is reached (`ulimit -n`), or that of inotify instances, which all nodes share: `sysctl -w fs.inotify.max_user_instances=8192`',
  },
  {
    said: /\b(?:fork|clone|thread)\b.*(?:resource temporarily unavailable|cannot allocate memory|no space left)|resource temporarily unavailable.*\b(?:fork|clone|thread)\b/i,
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
