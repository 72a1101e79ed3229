// The contents of a node beside its network: environment, files, mounts, commands. Pure data, JSON-safe.

export interface NodeContents {
  env: Record<string, string>
  /** Lines that are added to /etc/hosts in this node; empty for none. */
  hosts: string
  /** In the order in which they are mounted. */
  mounts: ResolvedMount[]
  /** The home directory of the user who makes the lab is an empty one; absent when it is the machine's. */
  home?: 'private'
  /** Written after the mounts, in this order. */
  files: ResolvedFile[]
  /** The words of each command. Commands run in this order when the network is up. */
  commands: string[][]
}

export interface ResolvedMount {
  /** Absolute path in the node. */
  target: string
  /** Path on the machine, relative to the working directory; null for a tmpfs. */
  source: string | null
  readonly: boolean
  /** Size of a tmpfs in the form of its mount option (tmpfs(5)); null for half of the memory. */
  size: string | null
  /** Mode of a tmpfs in octal digits. */
  mode: string
}

export interface ResolvedFile {
  /** Absolute path in the node. */
  path: string
  /** The text, or the path of a file to copy, relative to the working directory. */
  content: string | { source: string }
  /** In octal digits. */
  mode: string
  /** `USER` or `USER:GROUP`, names or ids. */
  owner: string
}
