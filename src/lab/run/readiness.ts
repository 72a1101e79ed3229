// When a process in a node is ready: as soon as it listens on a port, or has printed a line.
import { setTimeout } from 'node:timers/promises'
import { LabError } from '../../errors.js'
import type { KeptOutput } from './kept-output.js'
import { isListening } from './listening-port.js'
import type { RunningCommand } from './running-command.js'
import type { EnteredNode } from './start.js'

/**
 * A process is ready when the node listens on a port, or when a line of its output contains a text or matches an expression. Without
 * `stream`, both standard output and error are looked at.
 */
export type Readiness =
  | { port: number; protocol?: 'tcp' | 'udp' }
  | { line: string | RegExp; stream?: 'stdout' | 'stderr' }

const POLL_MS = 20
const PORT_MAX = 65_535

/** @throws LabError USAGE for no port, ALREADY_EXISTS when the node listens on the port already: nobody could tell who does */
export function requireNotReady({ name, pid }: EnteredNode, ready: Readiness): void {
  if (!('port' in ready)) return
  const { port, protocol = 'tcp' } = ready
  if (!Number.isInteger(port) || port < 1 || port > PORT_MAX)
    throw new LabError('USAGE', `the port is ${port}, and must be from 1 to ${PORT_MAX}`)
  if (isListening(pid, protocol, port))
    throw new LabError('ALREADY_EXISTS', `${name} listens on ${portText(ready)} already`, {
      hint: `\`nslab exec ${name} -- ss -lnp\` shows the process`,
    })
}

/** Resolves when the process is ready, and when the signal is aborted. */
export async function whenReady(
  running: RunningCommand,
  node: EnteredNode,
  ready: Readiness,
  signal: AbortSignal,
): Promise<void> {
  if ('port' in ready) {
    while (!signal.aborted && !isListening(node.pid, ready.protocol ?? 'tcp', ready.port)) await setTimeout(POLL_MS)
    return
  }
  const { line, stream } = ready
  const outputs = stream === undefined ? (['stdout', 'stderr'] as const) : [stream]
  await Promise.race(outputs.map((each) => whenPrinted(running.streams[each].kept, line, signal)))
}

/** What a process that is not ready has not done, as the end of a sentence. */
export const lackOf = (ready: Readiness): string =>
  'port' in ready ? `listened on ${portText(ready)}` : `printed a line with ${lineText(ready.line)}`

/** Resolves when a whole line contains the text or matches the expression, and when the signal is aborted. */
function whenPrinted(output: KeptOutput, wanted: string | RegExp, signal: AbortSignal): Promise<void> {
  const isWanted = (line: string) => (typeof wanted === 'string' ? line.includes(wanted) : line.search(wanted) >= 0)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const stop = output.listen((chunk) => {
      const end = chunk.lastIndexOf('\n')
      chunks.push(chunk.subarray(0, end + 1))
      const lines = end < 0 ? [] : Buffer.concat(chunks.splice(0)).toString().split(/\r?\n/).slice(0, -1)
      chunks.push(chunk.subarray(end + 1))
      if (lines.some(isWanted)) resolve()
    })
    const onAbort = () => {
      stop()
      resolve()
    }
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

const portText = ({ port, protocol = 'tcp' }: Extract<Readiness, { port: number }>): string =>
  `${protocol.toUpperCase()} port ${port}`

const lineText = (line: string | RegExp): string => (typeof line === 'string' ? JSON.stringify(line) : String(line))
