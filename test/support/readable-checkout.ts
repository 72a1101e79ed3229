// Where ordinary users of tests run the program. A checkout may be in a private home directory, or have been made with a umask of
// 027; then there is one copy for all tests of a run, which Vitest has made before and removes after them.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { ROOT } from './root.js'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Directory of the program, which every user can read. */
    readableCheckout: string
  }
}

export default function provideCheckout({ provide }: TestProject): (() => void) | undefined {
  const parts = [
    'bin',
    'dist',
    'topologies',
    'node_modules',
    'native-shim/build',
    'package.json',
    'oclif.manifest.json',
  ].filter((part) => existsSync(join(ROOT, part)))
  if (isOpen(ROOT) && parts.every((part) => isReadable(join(ROOT, part)))) {
    provide('readableCheckout', ROOT)
    return undefined
  }
  const path = mkdtempSync(join(tmpdir(), 'nslab-checkout-'))
  for (const part of parts) cpSync(join(ROOT, part), join(path, part), { recursive: true })
  execFileSync('chmod', ['-R', 'a+rX', path])
  provide('readableCheckout', path)
  return () => rmSync(path, { recursive: true, force: true })
}

const isReadable = (path: string): boolean => (statSync(path).mode & 0o004) !== 0

function isOpen(path: string): boolean {
  const open = (statSync(path).mode & 0o005) === 0o005
  return open && (dirname(path) === path || isOpen(dirname(path)))
}
