// What programs print when a limit of the machine stops them, as dnsmasq, coreutils, Python, Node.js, Go, dash and bash say it.
import { expect, test } from 'vitest'
import { limitHintFor } from '../../../../src/lab/run/limit-hints.js'

test.each([
  ['dnsmasq: failed to create inotify: Too many open files', 'fs.inotify.max_user_instances'],
  ['inotify_init1: No file descriptors available', 'fs.inotify.max_user_instances'],
  ['OSError: [Errno 24] inotify instance limit reached', 'fs.inotify.max_user_instances'],
  ["Error: EMFILE: too many open files, watch '/'", 'fs.inotify.max_user_instances'],
  ['OSError: [Errno 28] inotify watch limit reached', 'fs.inotify.max_user_watches'],
  ['inotify_add_watch: No space left on device', 'fs.inotify.max_user_watches'],
  ["ENOSPC: System limit for number of file watchers reached, watch '/'", 'fs.inotify.max_user_watches'],
  ['started\nsh: 1: Cannot fork', 'kernel.pid_max'],
  ['bash: fork: retry: Resource temporarily unavailable', 'kernel.pid_max'],
  ["RuntimeError: can't start new thread", 'kernel.pid_max'],
  ['runtime: failed to create new OS thread (have 2 already; errno=11)', 'kernel.pid_max'],
  ['pthread_create: Resource temporarily unavailable', 'kernel.pid_max'],
  ['unshare: unshare failed: No space left on device', 'user.max_*_namespaces'],
  ['Failed to create a new network namespace "x": No space left on device', 'user.max_*_namespaces'],
  ['open: Too many open files in system', 'fs.file-max'],
  ['accept: Too many open files', 'ulimit -n'],
  ['add_key: Disk quota exceeded', 'kernel.keys.maxkeys'],
])('%s', (output, sysctl) => {
  expect(limitHintFor(output)).toContain(sysctl)
})

test.each([
  'RTNETLINK answers: File exists',
  'sh: 1: inotifywait: not found',
  'cp: error writing "x": No space left on device',
  'recvmsg: Resource temporarily unavailable',
])('%s speaks of no limit', (output) => {
  expect(limitHintFor(output)).toBeNull()
})
