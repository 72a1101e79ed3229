// Finds what a user names: a lab, `[LAB/]NODE`, or the only lab there is.
import { LabError } from '../errors.js'
import { foreignLab, isForeignName } from './foreign.js'
import { ownName } from './own-name.js'
import type { LabState, NodeState } from './state.js'
import { DEATH_HINT, deathText, type LabRecord, labsWithDevices, listLabs } from './store.js'

/** A lab that stands, with its state. */
export interface RunningLab extends LabRecord {
  state: LabState
}

export interface NamedNode extends NodeState {
  /** Its whole name, as a user would write it: `LAB/NODE`, or `USER:LAB/NODE`. */
  path: string
}

export interface SelectedNode {
  lab: RunningLab
  node: NamedNode
}

/**
 * The running lab of this name, or the only one when no name is given. Root may name another user's: `USER:LAB`.
 *
 * @throws LabError LAB_NOT_FOUND, or LAB_AMBIGUOUS when no name is given and several run.
 */
export function selectLab(name?: string): RunningLab {
  if (name !== undefined && isForeignName(name)) {
    const own = ownName(name)
    return own === null ? foreignLab(name) : selectLab(own)
  }
  const running = runningLabs()
  const named = name === undefined ? running : running.filter((lab) => lab.name === name)
  const [lab, another] = named
  if (lab && !another) return lab
  const names = running.map((each) => each.name).join(', ')
  if (lab) {
    throw new LabError('LAB_AMBIGUOUS', `several labs run: ${names}`, {
      hint: 'say which: LAB/NODE, or the name of the lab',
    })
  }
  const dead = labsWithDevices().find((each) => each.name === name)
  const others = names === '' ? 'start one with `nslab up FILE`' : `running: ${names}`
  throw new LabError('LAB_NOT_FOUND', name === undefined ? 'no lab is running' : `no lab named ${name} is running`, {
    hint: dead ? `${deathText(dead)}: ${DEATH_HINT}` : others,
  })
}

const runningLabs = (): RunningLab[] => listLabs().filter((lab): lab is RunningLab => lab.state?.status === 'running')

/**
 * The node that `[LAB/]NODE` names.
 *
 * @throws LabError USAGE, NODE_NOT_FOUND, and what `selectLab` throws.
 */
export function selectNode(text: string): SelectedNode {
  const slash = text.indexOf('/')
  if (slash === 0 || slash === text.length - 1 || text === '') {
    throw new LabError('USAGE', `${JSON.stringify(text)} is not [LAB/]NODE`)
  }
  const lab = selectLab(slash < 0 ? undefined : text.slice(0, slash))
  return { lab, node: findNode(lab, text.slice(slash + 1)) }
}

/**
 * What `[LAB/]NODE` or `LAB` names: a node, else, where no node is called so, a whole lab.
 *
 * @throws LabError as `selectNode`
 */
export function selectNodeOrLab(text: string): SelectedNode | { lab: RunningLab; node: null } {
  if (text.includes('/')) return selectNode(text)
  if (isForeignName(text)) return { lab: selectLab(text), node: null }
  const running = runningLabs()
  const [only, another] = running
  const isNode = another === undefined && only?.state.nodes.some(({ name }) => name === text)
  const lab = running.find(({ name }) => name === text)
  return lab && !isNode ? { lab, node: null } : selectNode(text)
}

/** The node of this name in a lab. @throws LabError NODE_NOT_FOUND. */
export function findNode(lab: RunningLab, name: string): NamedNode {
  const node = lab.state.nodes.find((each) => each.name === name)
  if (node) return named(lab, node)
  const names = lab.state.nodes.map((each) => each.name)
  const shown = names.length > 20 ? `${names.slice(0, 20).join(', ')}, …` : names.join(', ')
  throw new LabError('NODE_NOT_FOUND', `lab ${lab.name} has no node ${name}`, { hint: `its nodes: ${shown}` })
}

/** A node of a lab, with its whole name. */
export function named({ name, owner }: RunningLab, node: NodeState): NamedNode {
  const user = owner === process.geteuid?.() ? '' : `${owner}:`
  return { ...node, path: `${user}${name}/${node.name}` }
}
