// An ordinary user's ids come from all of the user's lines in /etc/subuid and /etc/subgid, by newuidmap(1) and newgidmap(1).
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, closeSync, copyFileSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

const UID = 61_019

// Writes the map of argv[1], as newuidmap(1) does for a user who has been granted the ids.
const HELPER = `
#include <stdio.h>
#include <string.h>
int main(int count, char **words) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/%s", words[1], strstr(words[0], "newuidmap") ? "uid_map" : "gid_map");
  FILE *map = fopen(path, "w");
  if (!map) return 1;
  char text[1024] = "";
  for (int i = 2; i + 2 < count; i += 3)
    sprintf(text + strlen(text), "%s %s %s\\n", words[i], words[i + 1], words[i + 2]);
  return fputs(text, map) < 0 || fclose(map) ? 1 : 0;
}
`

interface Helpers {
  newuidmap?: 'works' | 'refuses'
  newgidmap?: 'works' | 'refuses'
  /** Whether newuidmap is open for writing (execve(2)). */
  busy?: boolean
  /** The user's own group; the process has that of TestUser. */
  group?: number
}

const REFUSAL = '#!/bin/sh\necho "${0##*/}: not for you" >&2\nexit 1\n'

/** Runs nslab as a user to whom `grants` grants ids, with these helpers. */
function userWith(
  grants: string,
  { newuidmap = 'works', newgidmap = 'works', busy = false, group = UID }: Helpers = {},
) {
  const alice = new TestUser(UID)
  onTestFinished(() => alice[Symbol.dispose]())
  const at = (name: string) => join(alice.directory, name)
  writeFileSync(at('granted'), grants)
  writeFileSync(at('helper.c'), HELPER)
  writeFileSync(at('passwd'), `${readFileSync('/etc/passwd', 'utf8')}alice:x:${UID}:${group}::/:/bin/sh\n`)
  execFileSync('cc', ['-o', at('works'), at('helper.c')])
  writeFileSync(at('refuses'), REFUSAL)
  for (const [name, what] of Object.entries({ newuidmap, newgidmap })) {
    copyFileSync(at(what), at(name))
    chmodSync(at(name), 0o4755)
  }
  const writer = busy ? openSync(at('newuidmap'), 'r+') : null
  onTestFinished(() => {
    if (writer !== null) closeSync(writer)
  })
  const script = [
    'mount --make-rprivate /',
    `mount --bind ${at('granted')} /etc/subuid`,
    `mount --bind ${at('granted')} /etc/subgid`,
    `mount --bind ${at('passwd')} /etc/passwd`,
    `exec setpriv --reuid ${UID} --regid ${UID} --clear-groups "$@"`,
  ].join(' && ')
  const env = { PATH: `${alice.directory}:${process.env.PATH}`, NSLAB_STATE_DIR: at('labs') }
  return (...args: string[]) => {
    const program = [process.execPath, join(alice.checkoutPath, 'bin/run.js'), ...args]
    const options = { input: 'nodes: {a: {}}', encoding: 'utf8', cwd: '/', env } as const
    return spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', ...program], options)
  }
}

interface Found {
  status: string
  detail: string
  remedy: string
}

function subidsOf(nslab: ReturnType<typeof userWith>): Found {
  const { checks } = JSON.parse(nslab('doctor', '--json').stdout)
  return checks.find((check: { name: string }) => check.name === 'subids')
}

function uidMap(nslab: ReturnType<typeof userWith>, node: string): number[][] {
  const lines = nslab('exec', node, '--', 'cat', '/proc/self/uid_map').stdout.trim().split('\n')
  return lines.map((line) => line.trim().split(/ +/).map(Number))
}

test('all lines of a user are used, but for those with ids of other users', () => {
  const nslab = userWith(`${UID}:1:1\n${UID}:700000:1000\n${UID}:800000:70000\n`)
  const name = uniqueName('lines')
  expect(nslab('up', '-', '--name', name)).toMatchObject({ status: 0 })
  // Outside, ids are those of the lab's outer user namespace, in which the user is 0.
  expect(uidMap(nslab, `${name}/a`)).toEqual([
    [0, 0, 1],
    [1, 1, 1000],
    [1001, 1001, 64_535],
  ])
  expect(subidsOf(nslab).detail).toContain(`not used: /etc/subuid: ${UID}:1:1 contains 1, the id of user`)
  expect(nslab('down', name)).toMatchObject({ status: 0 })
})

test('where lines overlap, each id is used once; of many lines, the largest are used', () => {
  const small = Array.from({ length: 9 }, (_, index) => `${UID}:${800_000 + 20 * index}:10\n`)
  const nslab = userWith(`${UID}:700010:10\n${UID}:700000:65536\nalice:700000:65536\n${small.join('')}`)
  const name = uniqueName('lines')
  expect(nslab('up', '-', '--name', name)).toMatchObject({ status: 0, stderr: '' })
  expect(uidMap(nslab, `${name}/a`).reduce((sum, [, , count]) => sum + (count ?? 0), 0)).toBe(65_536)
  expect(subidsOf(nslab)).toMatchObject({ status: 'ok', detail: expect.not.stringContaining('not used') })
  expect(nslab('down', name)).toMatchObject({ status: 0 })
})

test('without a range, doctor names one that nobody has', () => {
  const nslab = userWith('bob:100000:65536\ncarol:165536:1000\n')
  expect(subidsOf(nslab)).toMatchObject({
    status: 'limited',
    remedy: `lines \`${UID}:166536:65536\` in /etc/subuid and /etc/subgid`,
  })
})

test('a newuidmap that refuses says why, and nodes have one user', () => {
  const nslab = userWith(`${UID}:700000:65536\n`, { newuidmap: 'refuses' })
  const name = uniqueName('lines')
  const { status, stderr } = nslab('up', '-', '--name', name)
  expect([status, stderr]).toEqual([0, expect.stringMatching(/^newuidmap: not for you\n.*nodes have one user only/)])
  expect(nslab('down', name)).toMatchObject({ status: 0 })
})

test('doctor knows that newuidmap refuses a process whose group is not the user’s own', () => {
  expect(subidsOf(userWith(`${UID}:700000:65536\n`, { group: UID + 1 }))).toMatchObject({
    status: 'limited',
    detail: expect.stringContaining(`newuidmap refuses a process of group ${UID},`),
    remedy: expect.stringContaining('newgrp(1)'),
  })
})

test('a newuidmap that cannot be run now is told with the reason, and is not taken for a missing one', () => {
  const nslab = userWith(`${UID}:700000:65536\n`, { busy: true })
  const refused = nslab('up', '-', '--name', uniqueName('lines'))
  expect(refused).toMatchObject({ status: 5, stderr: expect.stringMatching(/cannot run newuidmap: Text file busy/) })
})

test('a newgidmap that refuses is told as a missing right', () => {
  const nslab = userWith(`${UID}:700000:65536\n`, { newgidmap: 'refuses' })
  const refused = nslab('up', '-', '--name', uniqueName('lines'))
  expect(refused).toMatchObject({ status: 4, stderr: expect.stringContaining('cannot map groups with newgidmap') })
})
