// Presents a plan, for `plan FILE` and `up --dry-run`.
import type { ResolvedTopology } from '../model/resolved.js'
import { planLab } from '../plan/build.js'
import { type ExplainedOp, explain } from '../plan/say/explain.js'
import { networkScript } from '../plan/say/script.js'
import { printable } from '../present/printable.js'
import type { LabCommand } from './command.js'
import { writeOutput } from './output.js'

/** Prints one operation a line, with the equivalent iproute2 command. @returns the JSON document. */
export function presentPlan(command: LabCommand, topology: ResolvedTopology): { ops: ExplainedOp[] } {
  const ops = explain(planLab(topology))
  command.log(ops.map((op) => printable(`${op.op.padEnd(13)} ${op.command}`)).join('\n'))
  return { ops }
}

/** Prints the plan's network as a shell script. */
export function presentScript(topology: ResolvedTopology): void {
  writeOutput(networkScript(topology), undefined)
}
