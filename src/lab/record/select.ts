// Finds the lab or the node that a user names: LAB, `[LAB/]NODE`, or the only running lab.
import { LabError } from '../../errors.js'
import { holderText, readHolder } from '../turn/holder.js'
import { type LabRecord, UNRETURNED_HINT, unreturnedText } from './lab-record.js'
import { elsewhereText, labsWithDevices, listAllLabs, listLabs } from './list-labs.js'
import { isOtherUsersName, otherUsersLab } from './other-users-labs.js'
import { ownLabName } from './own-lab-name.js'
import type { LabState, NodeState } from './state.js'
import { stateDirectoriesText } from './state-directory.js'

/** A lab whose state has been written. */
export interface RunningLab extends LabRecord {
  state: LabState
}

export interface NamedNode extends NodeState {
  /** The full name that a user would write: `LAB/NODE`, or `USER:LAB/NODE`. */
  path: string
}

export interface SelectedNode {
  lab: RunningLab
  node: NamedNode
}

/**
 * The running lab of this name, or the only running one when no name is given. Root may name another user's lab: `USER:LAB`.
 *
 * @throws LabError LAB_NOT_FOUND, or LAB_AMBIGUOUS when no name is given and several run.
 */
export function selectLab(name?: string): RunningLab {
  if (name !== undefined && isOtherUsersName(name)) {
    const own = ownLabName(name)
    return own === null ? otherUsersLab(name) : selectLab(own)
  }
  const running = runningLabs()
  const matching = name === undefined ? running : running.filter((lab) => lab.name === name)
  const [lab, another] = matching
  if (lab && !another) return lab
  const names = running.map((each) => each.name).join(', ')
  if (lab) {
    throw new LabError('LAB_AMBIGUOUS', `several labs run: ${names}`, {
      hint: `name the lab, such as ${lab.name}`,
    })
  }
  if (name !== undefined) refuseUnfinished(name)
  const dead = labsWithDevices().find((each) => each.name === name)
  const others = names === '' ? 'start one with `nslab up FILE`' : `running: ${names}`
  const [elsewhere = `${others}; nslab looked in ${stateDirectoriesText()}`] = elsewhereText(name)
  throw new LabError('LAB_NOT_FOUND', name === undefined ? 'no lab is running' : `no lab named ${name} is running`, {
    hint: dead ? `${unreturnedText(dead)}: ${UNRETURNED_HINT}` : elsewhere,
  })
}

/** @throws LabError when a lab of this name is alive, but its state is damaged or not complete yet. */
function refuseUnfinished(name: string): void {
  const lab = listAllLabs().find((each) => each.name === name && each.state?.status !== 'running')
  if (lab && lab.damage !== null) {
    const hint = `\`nslab down ${name}\` takes it down`
    const why = lab.isOrphaned ? lab.damage : `its state cannot be read: ${lab.damage}`
    throw new LabError('STATE_REFUSED', `lab ${name} runs, but ${why}`, { hint })
  }
  if (!lab) return
  const holder = readHolder(lab.directory)
  const by = holder === null ? '' : ` by ${holderText(holder)}`
  throw new LabError('LAB_NOT_FOUND', `lab ${name} is still being built${by}`, { hint: 'try again in a moment' })
}

const runningLabs = (): RunningLab[] => listLabs().filter((lab): lab is RunningLab => lab.state?.status === 'running')

/**
 * The node that `[LAB/]NODE` names.
 *
 * @throws LabError USAGE, NODE_NOT_FOUND, and as `selectLab`.
 */
export function selectNode(text: string): SelectedNode {
  const slash = text.indexOf('/')
  if (slash === 0 || slash === text.length - 1 || text === '') {
    throw new LabError('USAGE', `${JSON.stringify(text)} is not [LAB/]NODE`)
  }
  const lab = slash < 0 ? labOfNode(text) : selectLab(text.slice(0, slash))
  return { lab, node: findNode(lab, text.slice(slash + 1)) }
}

/** The only lab. @throws LabError as `selectLab` */
function labOfNode(node: string): RunningLab {
  const [lab, another] = runningLabs()
  if (!lab || !another) return selectLab()
  throw new LabError(
    'LAB_AMBIGUOUS',
    `several labs run: ${runningLabs()
      .map(({ name }) => name)
      .join(', ')}`,
    {
      hint: `write LAB/NODE, such as ${lab.name}/${node}`,
    },
  )
}

/**
 * The node or the whole lab that `[LAB/]NODE`, `LAB` or `LAB/` names.
 *
 * @throws LabError LAB_AMBIGUOUS for the name of the only lab and of one of its nodes; as `selectNode`
 */
export function selectNodeOrLab(text: string): SelectedNode | { lab: RunningLab; node: null } {
  if (/^[^/]+\/$/.test(text)) return { lab: selectLab(text.slice(0, -1)), node: null }
  if (text.includes('/')) return selectNode(text)
  if (isOtherUsersName(text)) return { lab: selectLab(text), node: null }
  const running = runningLabs()
  const [only, another] = running
  const isNode = another === undefined && only?.state.nodes.some(({ name }) => name === text)
  const lab = running.find(({ name }) => name === text)
  if (!lab) return selectNode(text)
  if (!isNode) return { lab, node: null }
  throw new LabError('LAB_AMBIGUOUS', `${text} is a lab, and a node of it`, {
    hint: `write ${text}/ for the lab, ${text}/${text} for the node`,
  })
}

/** The node of this name in a lab. @throws LabError NODE_NOT_FOUND. */
export function findNode(lab: RunningLab, name: string): NamedNode {
  const node = lab.state.nodes.find((each) => each.name === name)
  if (node) return withPath(lab, node)
  const names = lab.state.nodes.map((each) => each.name)
  const shown = names.length > 20 ? `${names.slice(0, 20).join(', ')}, …` : names.join(', ')
  throw new LabError('NODE_NOT_FOUND', `lab ${lab.name} has no node ${name}`, { hint: `its nodes: ${shown}` })
}

/** Adds the full name to a node of a lab. */
export function withPath({ name, owner }: RunningLab, node: NodeState): NamedNode {
  const user = owner === process.geteuid?.() ? '' : `${owner}:`
  return { ...node, path: `${user}${name}/${node.name}` }
}

/** A second node of a command, which may be written with its lab: that must be the first node's. @throws LabError USAGE */
export function withoutLab(to: string, lab: string): string {
  const slash = to.indexOf('/')
  if (slash < 0) return to
  if (to.slice(0, slash) !== lab) throw new LabError('USAGE', `${to} is in another lab than ${lab}`)
  return to.slice(slash + 1)
}
