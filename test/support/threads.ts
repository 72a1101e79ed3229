// The threads in which Node.js writes files, and nslab to netlink sockets.
import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'

/** Occupies them, for a tenth of a second of processor time in each `rounds`. */
export async function keepThreadsBusy(rounds: number): Promise<void> {
  const threads = 4
  await Promise.all(Array.from({ length: threads * rounds }, () => promisify(pbkdf2)('', '', 200_000, 8, 'sha512')))
}
