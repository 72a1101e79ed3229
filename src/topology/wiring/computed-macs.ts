// MAC addresses that are computed from the names of node and interface, so that they stay the same, and are unique in a lab.

/** Computes a locally administered unicast address for each `NODE:INTERFACE`. */
export class ComputedMacs {
  private readonly taken: Set<string>

  /** @param written addresses that must not be computed again */
  constructor(written: Iterable<string> = []) {
    this.taken = new Set(written)
  }

  of(endpoint: string): string {
    for (let attempt = 0; ; attempt++) {
      const mac = macFrom(`${endpoint}#${attempt}`)
      if (this.taken.has(mac)) continue
      this.taken.add(mac)
      return mac
    }
  }
}

/** 02, which means locally administered and unicast (IEEE 802), then 40 bits of two FNV-1a hashes. */
function macFrom(text: string): string {
  const [low, high] = [fnv1a(text, 0x811c9dc5), fnv1a(text, 0x01000193)]
  const bytes = [0x02, high & 0xff, low >>> 24, (low >>> 16) & 0xff, (low >>> 8) & 0xff, low & 0xff]
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

function fnv1a(text: string, seed: number): number {
  let hash = seed
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
