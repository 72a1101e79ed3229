// A WireGuard interface identifies a peer by its key, and a prefix can be allowed to one peer only. If two peers claim the same,
// the kernel silently takes it from the first and gives it to the last.

import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'

/** The keys and prefixes of the peers of one interface. */
export class PeerClaims {
  private readonly keys = new Map<string, string>()
  private readonly prefixes = new Map<string, string>()

  constructor(
    /** The interface itself, `NODE:INTERFACE`, and its public key. */
    private readonly own: { text: string; publicKey: string },
    private readonly faults: Faults,
  ) {}

  /** Adds a peer; false if another peer, or the interface itself, has its key. */
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
    else this.faults.add(path, `${prefix} is allowed to ${other} already; only one peer can have it`, part)
  }
}
