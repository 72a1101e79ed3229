// Capabilities of this process (capabilities(7)).
import { readFileSync } from 'node:fs'

/** Numbers of linux/capability.h: those that root needs for a lab. */
const OF_LABS = { CAP_SYS_PTRACE: 19n, CAP_SYS_ADMIN: 21n } as const

export type Capability = keyof typeof OF_LABS

/** Those that root needs for a lab and this process does not have in effect, as in a container. */
export function lackedCapabilities(): Capability[] {
  const [, digits = ''] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? []
  const effective = BigInt(`0x${digits}`)
  return (Object.keys(OF_LABS) as Capability[]).filter((name) => ((effective >> OF_LABS[name]) & 1n) === 0n)
}
