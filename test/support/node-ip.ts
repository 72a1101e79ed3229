// Reads the kernel's state in a node with iproute2, independently of our own parsers.
import type { Cli } from './lab.js'

/** The JSON that `ip -j ARGS` prints in a node. */
export function ip(nslab: Cli, node: string, ...args: string[]): any {
  const { status, stdout, stderr } = nslab(['exec', node, '--', 'ip', '-j', ...args], { cwd: '/' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')} in ${node}: ${stderr}`)
  return stdout.trim() === '' ? [] : JSON.parse(stdout)
}

/** A link's attributes: the common ones, and those of its kind. */
export const link = (nslab: Cli, node: string, name: string): any => ip(nslab, node, '-d', 'link', 'show', name)[0]
