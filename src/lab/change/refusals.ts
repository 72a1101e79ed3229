// What a running lab is not changed to.
import { LabError } from '../../errors.js'
import type { LabChange } from '../../model/change/lab-change.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import type { ChangePlan } from '../../plan/change/change-plan.js'
import type { ObservedNode } from '../../plan/change/observed.js'
import { requireOwn } from '../links/change-lab.js'
import type { RunningLab } from '../record/select.js'
import type { ApplyOptions } from './options.js'

/** @throws LabError USAGE for a topology of another lab, PRIVILEGE_MISSING for another user's lab */
export function refuseOtherLab(lab: RunningLab, { name }: ResolvedTopology): void {
  requireOwn(lab)
  if (name === lab.state.lab) return
  throw new LabError('USAGE', `the topology is that of a lab named ${name}, not of ${lab.state.lab}`, {
    hint: `\`--name ${lab.state.lab}\` gives it this name, if it is meant for this lab`,
  })
}

/** @throws LabError NODE_PAUSED when a command is to run in a node that is paused */
export function refuseCommands({ commands, restartedNodes }: ChangePlan, observed: readonly ObservedNode[]): void {
  const paused = new Set(observed.flatMap(({ name, status }) => (status === 'paused' ? [name] : [])))
  const node = commands.find((each) => paused.has(each.node) && !restartedNodes.includes(each.node))?.node
  if (node === undefined) return
  throw new LabError('NODE_PAUSED', `${node} is paused, and a command is to run in it`, {
    hint: `\`nslab resume ${node}\` lets it go on`,
  })
}

/** @returns false when the user does not want it @throws LabError USAGE when nodes would restart and nobody can be asked */
export async function requireConsent(change: LabChange, { confirm }: ApplyOptions): Promise<boolean> {
  if (confirm) return await confirm(change)
  const [first] = change.restarts
  if (!first) return true
  const names = change.restarts.map(({ node }) => node).join(', ')
  throw new LabError('USAGE', `the change would restart ${names}, which ends all their processes: ${first.reason}`, {
    hint: 'the option `confirm` is asked before',
  })
}
