// An ordinary user's ids come from all of the user's lines in /etc/subuid and /etc/subgid, by newuidmap(1) and newgidmap(1).
import { execFileSync } from 'node:child_process'
import { chmodSync, closeSync, copyFileSync, openSync, writeFileSync } from 'node:fs'
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

/** Runs nslab as a user to whom `grants` grants ids, with these helpers. A busy newuidmap is open for writing (execve(2)). */
function userWith(grants: string, newgidmap: 'works' | 'refuses', { busy = false } = {}) {
  const alice = new TestUser(UID)
  onTestFinished(() => alice[Symbol.dispose]())
  const at = (name: string) => join(alice.directory, name)
  writeFileSync(at('granted'), grants)
  writeFileSync(at('helper.c'), HELPER)
  execFileSync('cc', ['-o', at('newuidmap'), at('helper.c')])
  chmodSync(at('newuidmap'), 0o4755)
  copyFileSync(newgidmap === 'works' ? at('newuidmap') : '/bin/false', at('newgidmap'))
  chmodSync(at('newgidmap'), 0o4755)
  const writer = busy ? openSync(at('newuidmap'), 'r+') : null
  onTestFinished(() => {
    if (writer !== null) closeSync(writer)
  })
  const script = [
    'mount --make-rprivate /',
    `mount --bind ${at('granted')} /etc/subuid`,
    `mount --bind ${at('granted')} /etc/subgid`,
    `exec setpriv --reuid ${UID} --regid ${UID} --clear-groups "$@"`,
  ].join(' && ')
  const env = { PATH: `${alice.directory}:${process.env.PATH}`, NSLAB_STATE_DIR: at('labs') }
  return (...args: string[]) => {
    const program = [process.execPath, join(alice.checkoutPath, 'bin/run.js'), ...args]
    try {
      const options = { input: 'nodes: {a: {}}', encoding: 'utf8', stdio: 'pipe', cwd: '/', env } as const
      return { status: 0, stdout: execFileSync('unshare', ['-m', 'sh', '-c', script, 'sh', ...program], options) }
    } catch (error) {
      return error as { status: number; stdout: string; stderr: string }
    }
  }
}

test('all lines of a user are used, but for those with ids of other users', () => {
  const nslab = userWith(`${UID}:1:1\n${UID}:700000:1000\n${UID}:800000:70000\n`, 'works')
  const name = uniqueName('lines')
  expect(nslab('up', '-', '--name', name)).toMatchObject({ status: 0 })
  const map = nslab('exec', `${name}/a`, '--', 'cat', '/proc/self/uid_map').stdout.trim().split('\n')
  // Outside, ids are those of the lab's outer user namespace, in which the user is 0.
  expect(map.map((line) => line.trim().split(/ +/).map(Number))).toEqual([
    [0, 0, 1],
    [1, 1, 1000],
    [1001, 1001, 64_535],
  ])
  const { checks } = JSON.parse(nslab('doctor', '--json').stdout)
  const found = checks.find((check: { name: string }) => check.name === 'subids')
  expect(found.detail).toContain(`not used: /etc/subuid: ${UID}:1:1 contains 1, the id of user`)
  expect(nslab('down', name)).toMatchObject({ status: 0 })
})

test('a newuidmap that cannot be run now is told with the reason, and is not taken for a missing one', () => {
  const nslab = userWith(`${UID}:700000:65536\n`, 'works', { busy: true })
  const refused = nslab('up', '-', '--name', uniqueName('lines'))
  expect(refused).toMatchObject({ status: 5, stderr: expect.stringMatching(/cannot run newuidmap: Text file busy/) })
})

test('a newgidmap that refuses is told as a missing right', () => {
  const nslab = userWith(`${UID}:700000:65536\n`, 'refuses')
  const refused = nslab('up', '-', '--name', uniqueName('lines'))
  expect(refused).toMatchObject({ status: 4, stderr: expect.stringContaining('cannot map groups with newgidmap') })
})
