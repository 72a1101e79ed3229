// From a topology and what the kernel has to the operations that make the kernel equal to it. Pure.
import type { ChangeInput } from './change-input.js'
import type { ChangePlan } from './change-plan.js'

/**
 * What turns a running lab into a topology.
 *
 * @throws LabError USAGE for another lab's topology and for names that interfaces of no topology have, FEATURE_MISSING as `buildPlan`,
 * KERNEL_REFUSED for what cannot be done in a running lab, such as moving a network card
 */
export function changeTo(_input: ChangeInput): ChangePlan {
  throw new Error('not written yet')
}
