// What koffi does when the process ends, undone.
import { fstatSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { ABSENT, attemptIf } from './attempt.js'

/** The C library, as koffi has loaded it. */
interface Library {
  func(declaration: string): (...args: unknown[]) => unknown
  symbol(name: string, type: string): unknown
}

/**
 * Keeps koffi from calling fsync(2) on standard output and error when the process ends: for a file, that may fail or hang. Just
 * before, the process puts /dev/null in their place, for which fsync(2) does nothing. Functions of __cxa_atexit(3) are called
 * in reverse order, so koffi's own comes later.
 */
export function syncNothingAtExit(library: Library): void {
  const files = [1, 2].filter(isRegularFile)
  if (files.length === 0) return
  const atExit = library.func('int __cxa_atexit(void *function, intptr_t argument, void *dso)')
  const [close, dup] = [library.symbol('close', 'void *'), library.symbol('dup', 'void *')]
  const nothing = attemptIf(ABSENT, 'open', '/dev/null', () => openSync('/dev/null', 'r+'))
  if (nothing === null) return
  for (const fd of files.toReversed()) {
    atExit(dup, nothing, null) // takes the lowest free descriptor, which `close` leaves
    atExit(close, fd, null)
  }
}

/** false also when the descriptor is not open. */
const isRegularFile = (fd: number): boolean =>
  attemptIf([constants.errno.EBADF], 'examine', `descriptor ${fd}`, () => fstatSync(fd))?.isFile() ?? false
