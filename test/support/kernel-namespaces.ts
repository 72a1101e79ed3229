// Network namespaces for tests of the kernel layer. The test's own thread makes them; they end when their descriptor is closed.
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readlinkSync } from 'node:fs'
import { CLONE_NEWNET, unshare } from '../../src/kernel/libc.js'
import { withNetns } from '../../src/kernel/netns.js'

const OWN = '/proc/thread-self/ns/net'

export const isRoot = process.getuid?.() === 0

/** The network namespace that the thread is in, as the link in /proc names it. */
export const whereAmI = (): string => readlinkSync(OWN)

export class Scratch implements Disposable {
  readonly fd: number

  constructor() {
    const own = openSync(OWN, 'r')
    try {
      this.fd = withNetns(own, () => {
        unshare(CLONE_NEWNET)
        return openSync(OWN, 'r')
      })
    } finally {
      closeSync(own)
    }
  }

  /** The output of `ip -j -details …` in the namespace: an independent reader of the kernel's state. */
  ip(...args: string[]): any[] {
    const text = withNetns(this.fd, () => execFileSync('ip', ['-j', '-details', ...args], { encoding: 'utf8' }))
    // iproute2 prints empty objects for filtered entries, and nothing at all for an empty list.
    return JSON.parse(text || '[]').filter((each: object) => Object.keys(each).length > 0)
  }

  /** Runs a command inside. @throws with what it wrote to stderr. */
  run(command: string): void {
    withNetns(this.fd, () => execFileSync('sh', ['-euc', command], { stdio: ['ignore', 'ignore', 'pipe'] }))
  }

  [Symbol.dispose](): void {
    closeSync(this.fd)
  }
}
