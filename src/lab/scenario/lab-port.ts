// Carries out the steps of a scenario in a running lab.
import { LabError } from '../../errors.js'
import type { ScenarioChange } from '../../topology/scenario/scenario.js'
import { stateNow } from '../links/live-state.js'
import { pingPath } from '../observe/ping.js'
import { findNode, type RunningLab, type SelectedNode } from '../record/select.js'
import { passedEnvironment } from '../run/environment.js'
import { execCaptured } from '../run/exec.js'
import { livingNodes, pauseNodes, resumeNodes } from '../run/pause.js'
import { isRunning } from '../who/process-identity.js'
import type { KnownFile } from './known-files.js'
import type { LinkCalls } from './link-calls.js'
import type { ScenarioPort } from './port.js'

/**
 * The port of a lab whose names the scenario has been checked against.
 *
 * @param files those that steps name; null where they may name none
 */
export function labPort(whole: RunningLab, calls: LinkCalls, files: readonly KnownFile[] | null): ScenarioPort {
  let lab = whole
  const namedIn = (words: readonly string[]) =>
    files?.filter(({ path }) => words.some((word) => word.includes(path))) ?? null
  const nodes = (names: readonly string[] | null): SelectedNode[] =>
    names === null ? livingNodes(lab) : names.map((name) => ({ lab, node: findNode(lab, name) }))

  async function set(texts: readonly string[], words: readonly string[], isCleared: boolean): Promise<string[]> {
    const { warnings, replaced } = await calls.setLinks(lab, texts, { words, isCleared, files: namedIn(words) })
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
        await calls.takeDown(lab, step.endpoints)
        return []
      case 'up':
        await calls.bringUp(lab, step.endpoints)
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
