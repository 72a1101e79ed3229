// A state directory that another process keeps locked: commands that wait for it can be interrupted.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { processesOf, ROOT, test, uniqueName } from '../../../support/lab.js'

test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends an up that waits for it',
  async (signal, { stateDirectory }) => {
    const holder = spawn('flock', ['--exclusive', stateDirectory, 'sh', '-c', 'echo locked; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    onTestFinished(() => void process.kill(-(holder.pid as number), 'SIGKILL'))
    await once(holder.stdout, 'data')

    const name = uniqueName('wait')
    const up = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'up', '-', '--name', name], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
    })
    onTestFinished(() => void up.kill('SIGKILL'))
    let stderr = ''
    up.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    const ended = once(up, 'close')
    up.stdin.end('nodes: {a: {}}')
    // By then it waits: a whole `up` takes less time.
    await setTimeout(3000)
    expect(up.exitCode).toBe(null)
    up.kill(signal)
    expect(await ended).toEqual([130, null])
    expect(stderr).toBe(`error: interrupted by ${signal}; everything was rolled back\n`)
    expect(processesOf(name)).toEqual([])
    expect(readdirSync(stateDirectory)).toEqual([])
  },
)
