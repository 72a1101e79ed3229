// Carries out the steps of a scenario in a running lab.
import { LabError } from '../../errors.js'
import type { ReadSource } from '../../topology/emulation/emulations.js'
import type { ScenarioChange } from '../../topology/scenario/scenario.js'
import { endOf, type LinkEnd } from '../links/endpoint.js'
import { stateNow } from '../links/live-state.js'
import { type LinkSetting, setImpairments } from '../links/set.js'
import { bringUp, takeDown } from '../links/state/link-state.js'
import { pingPath } from '../observe/ping.js'
import { findNode, type RunningLab, type SelectedNode } from '../record/select.js'
import { passedEnvironment } from '../run/environment.js'
import { execCaptured } from '../run/exec.js'
import { livingNodes, pauseNodes, resumeNodes } from '../run/pause.js'
import { isRunning } from '../who/process-identity.js'
import type { ScenarioPort } from './port.js'

/** The port of a lab whose names the scenario has been checked against. */
export function labPort(whole: RunningLab, readSource?: ReadSource): ScenarioPort {
  let lab = whole
  const ends = (texts: readonly string[]): LinkEnd[] => texts.map((text) => endOf(lab, text))
  const nodes = (names: readonly string[] | null): SelectedNode[] =>
    names === null ? livingNodes(lab) : names.map((name) => ({ lab, node: findNode(lab, name) }))

  async function set(texts: readonly string[], words: readonly string[], isCleared: boolean): Promise<string[]> {
    const setting: LinkSetting = { words, isCleared, ...(readSource === undefined ? {} : { readSource }) }
    const { warnings, replaced } = await setImpairments(ends(texts), setting)
    // The wire's ends have other indexes.
    if (replaced.length > 0) lab = { ...lab, state: stateNow(lab) }
    return [
      ...warnings,
      ...replaced.map((name) => `${name} was replaced by a wire; captures on its interfaces have ended`),
    ]
  }

  async function change(step: ScenarioChange): Promise<string[]> {
    requireUp(lab)
    switch (step.action) {
      case 'set': {
        const warnings = []
        for (const { endpoint, words } of step.changes) warnings.push(...(await set([endpoint], words, false)))
        return warnings
      }
      case 'clear':
        return await set(step.endpoints, [], true)
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

function requireUp({ name, state }: RunningLab): void {
  if (!isRunning(state.keeper)) throw new LabError('LAB_NOT_FOUND', `lab ${name} is down`)
}
