// What each peer of one WireGuard interface has to itself: its key, and the prefixes that it may send from.

import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'

/** What one interface has given to its peers: the kernel would silently take it from the first and give it to the last. */
export class Claims {
  private readonly keys = new Map<string, string>()
  private readonly prefixes = new Map<string, string>()

  constructor(
    /** The interface's own public key, and how it is called. */
    private readonly own: { text: string; publicKey: string },
    private readonly faults: Faults,
  ) {}

  /** Whether the peer is a new one. */
  key(peer: string, key: string, path: Path): boolean {
    const other = this.keys.get(key)
    if (key === this.own.publicKey) this.faults.add(path, `${peer} has the key of ${this.own.text} itself`, 'key')
    else if (other !== undefined)
      this.faults.add(path, `${peer} is the same peer as ${other}: they have one key`, 'key')
    else this.keys.set(key, peer)
    return other === undefined && key !== this.own.publicKey
  }

  prefix(peer: string, prefix: string, path: Path, part: 'key' | 'value'): void {
    const other = this.prefixes.get(prefix)
    if (other === undefined) this.prefixes.set(prefix, peer)
    else this.faults.add(path, `${prefix} is allowed to ${other} already, and can be to one peer alone`, part)
  }
}
