// The state of a lab that another user wrote, without what root must not take from it.
import type { LabState } from './state.js'

/** Longest state file that is read, in bytes: more than any lab needs, so that a user cannot exhaust root's memory. */
export const MAX_STATE_BYTES = 16 * 1024 * 1024

/**
 * The state without the two fields that only a lab made by root has: cgroups, whose paths the user could have made up, and
 * devices of the machine.
 *
 * @param lab name of the lab; the name in the state is ignored
 */
export const withoutPrivileges = (state: LabState, lab: string): LabState => ({
  ...state,
  ...{ lab, cgroup: null, devices: [] },
  nodes: state.nodes.map((node) => ({ ...node, cgroup: null })),
})
