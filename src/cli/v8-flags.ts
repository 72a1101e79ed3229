// What V8 does beside running the program. A command is over in half a second, and on two processors the compiler and the
// collector take the second one from those who make nodes: of `plan` of 100 hosts on a switch the compiler took 44 of 189
// ms of processor time and 13 of 146 ms of the whole (Node.js 20), of `up` 28 of 370 (Node.js 24); of resolving a grid of
// 1,024 routers, it takes and gives nothing. Of `up` of the same hosts, marking while the program runs took 20 of 430 ms.
import { setFlagsFromString } from 'node:v8'

/**
 * When a function may be optimised: V8 11, of Node.js 20, counts the bytes of bytecode that it has run, 67,584 by default;
 * those of Node.js 22 to 26 count calls, 400 by default.
 */
const OPTIMISE_LATER: Record<string, string> = {
  11: '--interrupt-budget=400000',
  12: '--invocation-count-for-maglev=4000',
  13: '--invocation-count-for-maglev=4000',
  14: '--invocation-count-for-maglev=4000',
}

/** For the whole process; not for the library, whose process is its user's. A V8 that is not known is left alone. */
export function optimiseLater(): void {
  const flag = OPTIMISE_LATER[process.versions.v8.split('.', 1)[0] as string]
  // V8 itself would tell standard error of one that it does not have.
  if (flag === undefined) return
  setFlagsFromString(flag)
  // Nobody waits for less than the whole of a command, so it may as well stop once the heap is full.
  setFlagsFromString('--no-incremental-marking')
}
