import { expect, test } from 'vitest'
import { limitHintFor } from '../../../../src/lab/run/limit-hints.js'

test.each([
  ['dnsmasq: failed to create inotify: Too many open files', 'fs.inotify.max_user_instances'],
  ['inotify_init1: No file descriptors available', 'fs.inotify.max_user_instances'],
  ['started\nsh: 1: Cannot fork\nbash: fork: retry: Resource temporarily unavailable', 'kernel.pid_max'],
  ['open: Too many open files in system', 'fs.file-max'],
  ['accept: Too many open files', 'ulimit -n'],
  ['add_key: Disk quota exceeded', 'kernel.keys.maxkeys'],
])('%s', (output, sysctl) => {
  expect(limitHintFor(output)).toContain(sysctl)
})

test('an output that speaks of no limit', () => {
  expect(limitHintFor('RTNETLINK answers: File exists')).toBeNull()
})
