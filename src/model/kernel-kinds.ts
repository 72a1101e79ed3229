// The parts of the kernel that emulate links, of which a kernel may have any.

/** Kinds of queueing disciplines, and the classifier u32. */
export const EMULATION_KINDS = ['netem', 'tbf', 'htb', 'pfifo', 'bfifo', 'codel', 'fq_codel', 'red', 'u32'] as const

/** `netem-seed`: its netem draws random numbers from a seed that it is given (Linux 6.6). */
export type EmulationKind = (typeof EMULATION_KINDS)[number] | 'netem-seed'

/** Which of them a kernel has. */
export type KernelKinds = ReadonlySet<EmulationKind>

export const EVERY_KIND: KernelKinds = new Set([...EMULATION_KINDS, 'netem-seed'])
