// Carries out the steps of a scenario in a running lab.
import { LabError } from '../../errors.js'
import type { NamesOfLab } from '../../topology/scenario/names.js'
import type { ScenarioChange } from '../../topology/scenario/scenario.js'
import { endOf, type LinkEnd } from '../links/endpoint.js'
import { bringUp, takeDown } from '../links/link-state.js'
import { pingPath } from '../observe/ping.js'
import { findNode, type RunningLab, type SelectedNode } from '../record/select.js'
import { passedEnvironment } from '../run/environment.js'
import { execCaptured } from '../run/exec.js'
import { livingNodes, pauseNodes, resumeNodes } from '../run/pause.js'
import { isRunning } from '../who/process-identity.js'
import type { ScenarioPort } from './port.js'

/** The port of a lab whose names the scenario has been checked against. */
export function labPort(lab: RunningLab): ScenarioPort {
  const ends = (texts: readonly string[]): LinkEnd[] => texts.map((text) => endOf(lab, text))
  const nodes = (names: readonly string[] | null): SelectedNode[] =>
    names === null ? livingNodes(lab) : names.map((name) => ({ lab, node: findNode(lab, name) }))

  async function change(step: ScenarioChange): Promise<string[]> {
    requireUp(lab)
    switch (step.action) {
      case 'set':
      case 'clear':
        throw new LabError('INTERNAL', 'not yet')
      case 'down':
        await takeDown(ends(step.endpoints))
        return []
      case 'up':
        await bringUp(ends(step.endpoints))
        return []
      case 'pause':
        await pauseNodes(nodes(step.nodes))
        return []
      case 'resume':
        await resumeNodes(nodes(step.nodes))
        return []
    }
  }

  return {
    change,
    async exec(node, command, signal) {
      requireUp(lab)
      return await execCaptured(findNode(lab, node), command, { passed: passedEnvironment(lab), cwd: '/', signal })
    },
    async ping({ from, to, count, timeoutMs }, signal) {
      requireUp(lab)
      return await pingPath(lab, findNode(lab, from), to, { count, intervalMs: 0, timeoutMs, family: null, signal })
    },
  }
}

/** See `NamesOfLab`. */
export function namesOf({ state }: RunningLab): NamesOfLab {
  const names = new Map(state.nodes.map(({ name }): [string, string[]] => [name, []]))
  for (const end of state.links.flat()) {
    const colon = end.indexOf(':')
    names.get(end.slice(0, colon))?.push(end.slice(colon + 1))
  }
  return names
}

function requireUp({ name, state }: RunningLab): void {
  if (!isRunning(state.keeper)) throw new LabError('LAB_NOT_FOUND', `lab ${name} is down`)
}
