// Reads the queueing disciplines of a node with iproute2, independently of our own parsers.
import type { Cli } from './lab.js'

/** The JSON that `tc -j -s qdisc show` prints of an interface, but for the kernel's default discipline. */
export function qdiscs(nslab: Cli, node: string, name: string): any[] {
  const words = ['tc', '-j', '-s', 'qdisc', 'show', 'dev', name]
  const { status, stdout, stderr } = nslab(['exec', node, '--', ...words], { cwd: '/' })
  if (status !== 0) throw new Error(`${words.join(' ')} in ${node}: ${stderr}`)
  return JSON.parse(stdout).filter(({ kind }: { kind: string }) => kind !== 'noqueue')
}
