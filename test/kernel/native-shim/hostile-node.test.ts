// What root of a node cannot do to the commands that are run in its node, and to those who run them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { node, SHIM, ShimLab } from '../../support/shim.js'

const labs: ShimLab[] = []
const startLab = async (): Promise<ShimLab> => {
  const lab = await ShimLab.start()
  labs.push(lab)
  await lab.spawn(node('h1'))
  return lab
}
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close()
})

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries++) {
    if (tries === 500) throw new Error('it does not happen')
    await setTimeout(10)
  }
}

test('a lock on a directory of the node does not keep commands out', async () => {
  const lab = await startLab()
  const script = 'exec 3</run 4</sys 5</; flock -x 3; flock -x 4; flock -x 5; echo locked; exec sleep 100'
  const holder = spawn(SHIM, lab.execArguments('h1', ['sh', '-c', script]), {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
  })
  await once(holder.stdout, 'data')
  expect(lab.exec('h1', ['ls', '/sys/class/net'])).toEqual({ status: 0, stdout: 'lo\n', stderr: '' })
  holder.kill('SIGPWR')
})

test('a SIGCHLD that somebody sends does not make exec wait for ever', async () => {
  const lab = await startLab()
  const relay = spawn(SHIM, lab.execArguments('h1', ['sh', '-c', 'echo ready; exec sleep 100']), {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
  })
  await once(relay.stdout, 'data')
  const pid = relay.pid as number
  const [command] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
  process.kill(pid, 'SIGSTOP')
  process.kill(pid, 'SIGCHLD')
  process.kill(command as number, 'SIGTERM')
  await until(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8') === '')
  process.kill(pid, 'SIGCONT')
  expect(await once(relay, 'exit')).toEqual([137, null])
})
