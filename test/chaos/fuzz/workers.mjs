// Child processes that try topologies, each bounded in time. One that dies or hangs is replaced.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const WORKER = fileURLToPath(new URL('topology-worker.mjs', import.meta.url))
const PATIENCE_MS = 20_000

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
      const timer = setTimeout(() => settle({ outcome: 'hung' }), PATIENCE_MS)
      const onExit = (status, signal) => settle({ outcome: 'died', message: `ends with ${status ?? signal}` })
      const settle = (result) => {
        clearTimeout(timer)
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
