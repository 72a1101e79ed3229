// What iproute2 says inside a node: the kernel's own words, by another's reading.
import type { Cli } from './lab.js'

/** `ip -j ARGS` in a node, as JSON. */
export function ip(nslab: Cli, node: string, ...args: string[]): any {
  const { status, stdout, stderr } = nslab(['exec', node, '--', 'ip', '-j', ...args], { cwd: '/' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')} in ${node}: ${stderr}`)
  return stdout.trim() === '' ? [] : JSON.parse(stdout)
}

/** What a link's kind says of it, with the common part. */
export const link = (nslab: Cli, node: string, name: string): any => ip(nslab, node, '-d', 'link', 'show', name)[0]
