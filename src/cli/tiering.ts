// How eagerly V8 optimises. A command is over in half a second, and on two processors the compiler takes the second one
// from those who make nodes: of `plan` of 100 hosts on a switch it took 44 of 189 ms of processor time and 13 of 146 ms of
// the whole; of resolving a grid of 1,024 routers, four seconds, it takes and gives nothing.
import { setFlagsFromString } from 'node:v8'

/** What a function runs, in bytes of its bytecode, before it may be optimised; V8's own choice is 67,584. */
const INTERRUPT_BUDGET = 400_000

/** For the whole process; not for the library, whose process is its user's. */
export function optimiseLater(): void {
  setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`)
}
