// Presents a plan, for `plan FILE` and `up --dry-run`.
import { kindsFor } from '../lab/who/kernel-kinds.js'
import type { ResolvedTopology } from '../model/resolved.js'
import { planLab } from '../plan/build.js'
import { type ExplainedOp, explain } from '../plan/say/explain.js'
import { networkScript } from '../plan/say/script.js'
import { planText } from '../present/plan.js'
import type { LabCommand } from './command.js'
import { writeOutput } from './output.js'
import { terminalColumns } from './terminal.js'

/** Prints one operation a line, with the equivalent iproute2 command. @returns the JSON document. */
export async function presentPlan(command: LabCommand, topology: ResolvedTopology): Promise<{ ops: ExplainedOp[] }> {
  const ops = explain(planLab(topology, await kindsFor(topology)))
  command.log(planText(ops, terminalColumns(process.stdout)))
  return { ops }
}

/** Prints the plan's network as a shell script, for this kernel. */
export async function presentScript(topology: ResolvedTopology): Promise<void> {
  writeOutput(networkScript(topology, await kindsFor(topology)), undefined)
}
