// What a node has beside its network: environment, files, mounts, commands. Pure data, JSON-safe.

export interface NodeContents {
  env: Record<string, string>
  /** Lines for this node's /etc/hosts, after the lab's; empty for none. */
  hosts: string
  /** In the order in which they are mounted. */
  mounts: ResolvedMount[]
  /** Written after the mounts, in this order. */
  files: ResolvedFile[]
  /** Words of each command, to be run in order once the network stands. */
  commands: string[][]
}

export interface ResolvedMount {
  /** Absolute path in the node. */
  target: string
  /** Path on the machine, from the working directory; null for a tmpfs. */
  source: string | null
  readonly: boolean
  /** Size of a tmpfs, as in its mount options; null for half of the memory. */
  size: string | null
  /** Mode of a tmpfs: octal digits. */
  mode: string
}

export interface ResolvedFile {
  /** Absolute path in the node. */
  path: string
  /** Its text; or the file it is a copy of, a path from the working directory. */
  content: string | { source: string }
  /** Octal digits. */
  mode: string
  /** `USER` or `USER:GROUP`, names or ids. */
  owner: string
}
