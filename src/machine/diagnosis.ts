// Judges the facts about a machine: whether a lab can be made here, what cannot be done in one, and how large one may be.
import { type Capacity, capacityOf } from './capacity.js'
import type { Check } from './check.js'
import type { Facts } from './facts.js'
import { kernelChecks } from './kernel.js'
import { kindChecks } from './kinds.js'
import { limitChecks } from './limits.js'
import { userChecks } from './users.js'

export interface Diagnosis {
  /** Whether a lab can be made. */
  ok: boolean
  /** All checks, in a fixed order; the same list on every machine. */
  checks: Check[]
  nodes: Capacity
}

export function diagnose(facts: Facts): Diagnosis {
  const checks = [...kernelChecks(facts), ...userChecks(facts), ...kindChecks(facts), ...limitChecks(facts)]
  const obstacle = checks.find(isObstacle)
  const nodes = capacityOf(facts)
  return {
    ok: obstacle === undefined,
    checks,
    nodes: obstacle === undefined ? nodes : { ...nodes, fit: 0, limitedBy: obstacle.name },
  }
}

/** Whether a check found something missing that every lab needs. */
export const isObstacle = (check: Check): boolean => check.required && check.status === 'missing'
