// Child processes that try topologies, each bounded in processor time. One that dies or hangs is replaced.
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { HANG_SECONDS } from './budget.mjs'

const WORKER = fileURLToPath(new URL('topology-worker.mjs', import.meta.url))
const LOOK_EVERY_MS = 1000
/** sysconf(3), _SC_CLK_TCK */
const TICKS_PER_SECOND = 100

/** Processor time of a process so far (proc_pid_stat(5), utime and stime). */
function cpuSecondsOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) / TICKS_PER_SECOND
}

/**
 * @typedef {object} Tried
 * @property {'accepted' | 'refused' | 'threw' | 'died' | 'hung'} outcome
 * @property {number} size nodes and links
 * @property {number} cpuSeconds
 * @property {number} rssMb
 * @property {number} loopSeconds of a loop that always does the same; 0 where it was not timed
 * @property {string} [message]
 */

export class TopologyWorker {
  #child = this.#start()

  #start() {
    return fork(WORKER, { execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  }

  /**
   * @param {string} text
   * @param {{ isTimed?: boolean }} [options] whether to say as well how fast the processor is now
   * @returns {Promise<Tried>}
   */
  async try(text, { isTimed = false } = {}) {
    const child = this.#child
    const ended = await new Promise((resolve) => {
      const began = cpuSecondsOf(child.pid)
      const timer = setInterval(() => {
        if (cpuSecondsOf(child.pid) - began > HANG_SECONDS) settle({ outcome: 'hung' })
      }, LOOK_EVERY_MS)
      const onExit = (status, signal) => settle({ outcome: 'died', message: `ends with ${status ?? signal}` })
      const settle = (result) => {
        clearInterval(timer)
        child.off('message', settle)
        child.off('exit', onExit)
        resolve(result)
      }
      child.once('message', settle)
      child.once('exit', onExit)
      child.send({ text, isTimed })
    })
    if (ended.outcome === 'died' || ended.outcome === 'hung') this.#replace()
    return { size: 0, cpuSeconds: 0, rssMb: 0, loopSeconds: 0, ...ended }
  }

  #replace() {
    this.#child.kill('SIGKILL')
    this.#child = this.#start()
  }

  close() {
    this.#child.kill()
  }
}
