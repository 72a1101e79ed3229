// Edits of the topology of a running lab. Pure data, JSON-safe: they are kept with the text of the file that they change.

/** Keys of a node or a link, and what would be written behind each of them in the file, as YAML. */
export type WrittenKeys = Record<string, string>

export interface NodeAddition {
  edit: 'node.add'
  node: string
  keys: WrittenKeys
  /** The working directory of the command, to which the relative paths in `keys` belong. */
  directory?: string
}

/** Of a node without links. */
export interface NodeRemoval {
  edit: 'node.remove'
  node: string
}

export interface LinkAddition {
  edit: 'link.add'
  /** `NODE` or `NODE:INTERFACE` each. */
  ends: [string, string]
  keys: WrittenKeys
  /** As of NodeAddition. */
  directory?: string
}

export interface LinkRemoval {
  edit: 'link.remove'
  /** Place of the link among those of the topology at that time, from 0. */
  link: number
  /** `NODE:INTERFACE` each. */
  ends: [string, string]
}

export type TopologyEdit = NodeAddition | NodeRemoval | LinkAddition | LinkRemoval
