// What a command does over netlink from its own process. Types alone.
import type { Interfaces } from './oclif.js'

/**
 * Static members of every command's class. An ordinary user's process must be root of a lab's outer user namespace to build
 * a network, and to read the network of a running lab: rootless.ts runs the program again as that root.
 */
export type NetworkUse =
  /** Nothing. What has to be done inside nodes, the native helper does. */
  | { network: 'none' }
  /** Makes networks of new labs, whose names no running lab has. */
  | { network: 'new' }
  /**
   * Makes the network of a new lab, except with the flag `dryRunFlag`; or reads that of the running lab that the topology in the
   * argument `fileArgument` names.
   */
  | { network: 'build'; dryRunFlag: string; fileArgument: string }
  /** Reads the network of the running lab that the argument `labArgument` names. Without it, the only running lab is read. */
  | { network: 'lab'; labArgument: string }
  /**
   * Reads or changes the network of the lab in the paths `[LAB/]…` that the argument `pathArgument` names, or of its flag `lab`. The path may be
   * the name of a lab.
   */
  | { network: 'path'; pathArgument: string }
  /** Changes the network of the lab of its flag `lab`, else of the one that the file in the argument `fileArgument` names. */
  | { network: 'file'; fileArgument: string }
  /**
   * Reads or changes the network of the lab in the argument `labArgument`, else of the one that the topology in the argument
   * `fileArgument` names. A single argument is the file, whichever of the two comes first.
   */
  | { network: 'topology'; fileArgument: string; labArgument: string }

/** What oclif's parser needs to know about a command. */
export interface Grammar {
  args: Interfaces.ArgInput
  flags: Interfaces.FlagInput
  strict: boolean
}

/** A command that builds or reads a network, as dist/cli/network-commands.json has it: without functions. */
export type NetworkCommand = Exclude<NetworkUse, { network: 'none' }> & Grammar
