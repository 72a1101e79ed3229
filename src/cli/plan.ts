// Presents a plan, for `plan FILE` and `up --dry-run`.
import type { ResolvedTopology } from '../model/resolved.js'
import { planLab } from '../plan/build.js'
import { type ExplainedOp, explain } from '../plan/say/explain.js'
import { networkScript } from '../plan/say/script.js'
import { planText } from '../present/plan.js'
import type { LabCommand } from './command.js'
import { writeOutput } from './output.js'
import { terminalColumns } from './terminal.js'

/** Prints one operation a line, with the equivalent iproute2 command. @returns the JSON document. */
export function presentPlan(command: LabCommand, topology: ResolvedTopology): { ops: ExplainedOp[] } {
  const ops = explain(planLab(topology))
  command.log(planText(ops, terminalColumns(process.stdout)))
  return { ops }
}

/** Prints the plan's network as a shell script. */
export function presentScript(topology: ResolvedTopology): void {
  writeOutput(networkScript(topology), undefined)
}
