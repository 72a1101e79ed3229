// What V8 does beside running the program. A command is over in half a second, and on two processors the compiler and the
// collector take the second one from those who make nodes: of `plan` of 100 hosts on a switch the compiler took 44 of 189
// ms of processor time and 13 of 146 ms of the whole; of resolving a grid of 1,024 routers, four seconds, it takes and gives
// nothing. Of `up` of the same hosts, marking while the program runs took 20 of 430 ms.
import { setFlagsFromString } from 'node:v8'

/** What a function runs, in bytes of its bytecode, before it may be optimised; V8's own choice is 67,584. */
const INTERRUPT_BUDGET = 400_000

/** For the whole process; not for the library, whose process is its user's. */
export function optimiseLater(): void {
  setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`)
  // Nobody waits for less than the whole of a command, so it may as well stop once the heap is full.
  setFlagsFromString('--no-incremental-marking')
}
