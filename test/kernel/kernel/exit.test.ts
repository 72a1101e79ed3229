// A process that has used koffi ends without fsync(2) of its standard output and error, which could fail or hang.
import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ROOT, test } from '../../support/lab.js'

// fsync(2) that writes down its descriptor and fails.
const FAILING_SYNC = `
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int fsync(int fd) {
  int log = open(getenv("SYNC_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dprintf(log, "%s\\n", fd < 0 ? "" : "fsync");
  close(log);
  char path[64], target[256] = "";
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (readlink(path, target, sizeof target - 1) > 0 && target[1] == 'd' && target[2] == 'e') return errno = EINVAL, -1;
  return errno = EIO, -1;
}
`

const programs: [what: string, ...words: string[]][] = [
  ['the command', join(ROOT, 'bin/run.js'), 'ls'],
  [
    'a program with the library',
    ...['--input-type=module', '-e'],
    `import { Lab } from ${JSON.stringify(join(ROOT, 'dist/index.js'))}
     process.on('exit', () => console.log('before'))
     console.log(Lab.list().length === 0 ? 'no labs' : 'labs')
     process.on('exit', () => console.log('after'))`,
  ],
]

test.for(programs)(
  '%s writes all of its output to a file and says nothing of a sync',
  ([what, ...words], { stateDirectory }) => {
    const at = (name: string) => join(stateDirectory, name)
    writeFileSync(at('sync.c'), FAILING_SYNC)
    execFileSync('cc', ['-shared', '-fPIC', '-o', at('sync.so'), at('sync.c')])
    const [out, err] = [openSync(at('out'), 'w'), openSync(at('err'), 'w')]
    const env = { ...process.env, LD_PRELOAD: at('sync.so'), SYNC_LOG: at('log'), NSLAB_STATE_DIR: stateDirectory }
    const { status } = spawnSync(process.execPath, words, { stdio: ['ignore', out, err], env })
    closeSync(out)
    closeSync(err)
    expect(readFileSync(at('err'), 'utf8')).toBe('')
    expect(status).toBe(0)
    expect(readFileSync(at('out'), 'utf8')).toMatch(
      what === 'the command' ? /^no labs in .*\n$/ : /^no labs\nbefore\nafter\n$/,
    )
    // koffi was loaded: it has tried to sync what is in place of both files.
    expect(existsSync(at('log'))).toBe(true)
  },
)
