// What differs between a topology and a running lab, for people and programs. Pure data, JSON-safe.

/** `add` +, `remove` −, `change` ~, `foreign` ?: in the kernel, in no topology that was applied, and left alone. */
export type DifferenceKind = 'add' | 'remove' | 'change' | 'foreign'

export interface Difference {
  kind: DifferenceKind
  /** null for a link, which two nodes have. */
  node: string | null
  /** What differs, in one word of the topology file or of iproute2: `node`, `link`, `interface`, `address`, `route`, … */
  part: string
  /** What it is called, such as `eth0 10.0.0.1/31`. */
  name: string
  /** The value in the kernel, and in the topology; absent where one word says all. */
  from?: string
  to?: string
  /** One sentence: why it is done in this way, such as at which moment, or with which consequence. */
  note?: string
}

/** A node that gets a new first process, so that its processes end. */
export interface NodeRestart {
  node: string
  /** Why it cannot be changed in place, as a clause. */
  reason: string
  /** Its network namespace is made anew, too. */
  isNewNetwork: boolean
  /** The node is dead, so that no process ends. */
  isDead: boolean
}

/** The document of `diff --json` and `apply --json`. */
export interface LabChange {
  lab: string
  /** Nothing but foreign entries differs. */
  equal: boolean
  differences: Difference[]
  restarts: NodeRestart[]
}
