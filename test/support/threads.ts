// Occupies the threads in which Node.js writes to files, and nslab to netlink sockets.
import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'

/** Occupies all threads of the pool, in `rounds` rounds of a tenth of a second of processor time each. */
export async function keepThreadsBusy(rounds: number): Promise<void> {
  const threads = 4
  await Promise.all(Array.from({ length: threads * rounds }, () => promisify(pbkdf2)('', '', 200_000, 8, 'sha512')))
}
