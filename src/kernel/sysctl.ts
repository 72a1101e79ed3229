// Kernel parameters of the calling thread's network namespace (sysctl(8), the kernel's ip-sysctl).
import { writeFileSync } from 'node:fs'
import { KernelError } from '../errors.js'

/**
 * The file of a sysctl. As in sysctl(8), the first separator, a dot or a slash, separates the parts of a key, and the other
 * one stands for a dot in a part: `net.ipv4.conf.eth0/5.rp_filter`.
 */
export function sysctlPath(key: string): string {
  const isDotted = /[./]/.exec(key)?.[0] === '.'
  return `/proc/sys/${isDotted ? key.replace(/[./]/g, (mark) => (mark === '.' ? '/' : '.')) : key}`
}

/** @throws KernelError of the step `write-sysctl`, for the target. */
export function writeSysctl(key: string, value: string, target: string): void {
  try {
    writeFileSync(sysctlPath(key), `${value}\n`)
  } catch (cause) {
    const { errno } = cause as NodeJS.ErrnoException
    if (errno === undefined) throw cause
    throw new KernelError({ step: 'write-sysctl', operation: 'write sysctl', target, errno: -errno }, { cause })
  }
}
