// Changes inside nodes that go on running: their names, /etc/hosts and files.
import type { ResolvedFile } from '../../model/contents.js'
import type { InsideChange, NodeInside } from '../../plan/change/change-plan.js'
import { fileOfRoot, fileWords } from '../build/contents.js'
import type { RunningLab } from '../record/select.js'
import { type InsideFailure, type InsideWords, singleSteps, updateInsides } from '../session/insides.js'

/**
 * Carries out the changes. Where one fails, the others in the same node are carried out, too.
 *
 * @returns the failures: root of a node can make any file of it one that cannot be written, which is no reason to stop
 */
export async function changeInsides(
  lab: RunningLab,
  changes: readonly InsideChange[],
  signal?: AbortSignal,
): Promise<InsideFailure[]> {
  const words = changes.flatMap((change) => insideWords(lab, change))
  if (words.length === 0) return []
  const failed = new Set((await updateInsides(lab, words, signal)).map(({ node }) => node))
  if (failed.size === 0) return []
  const steps = words.filter(({ node }) => failed.has(node.name)).flatMap(singleSteps)
  return await updateInsides(lab, steps, signal)
}

/** The changes that undo others. */
export const inverted = (changes: readonly InsideChange[]): InsideChange[] =>
  changes.map(({ node, from, to }) => ({ node, from: to, to: from }))

function insideWords({ state }: RunningLab, { node: name, from, to }: InsideChange): InsideWords[] {
  const node = state.nodes.find((each) => each.name === name)
  if (!node) return []
  return [
    {
      node,
      words: [...nameWords(to), ...hostsWords(to), ...filesWords(name, from.files ?? [], to.files ?? [])],
    },
  ]
}

const nameWords = ({ hostname, domainname }: NodeInside): string[] => [
  ...(hostname === undefined ? [] : ['hostname', hostname, ...fileOfRoot('/etc/hostname', `${hostname}\n`)]),
  // sethostname(2) of the kernel's own default.
  ...(domainname === undefined ? [] : ['domainname', domainname ?? '(none)']),
]

const hostsWords = ({ hosts }: NodeInside): string[] => (hosts === undefined ? [] : fileOfRoot('/etc/hosts', hosts))

/** Files of the topology that are no longer in it are removed. */
function filesWords(node: string, from: readonly ResolvedFile[], to: readonly ResolvedFile[]): string[] {
  const kept = new Set(to.map(({ path }) => path))
  return [
    ...from.filter(({ path }) => !kept.has(path)).flatMap(({ path }) => ['remove', path]),
    ...to.flatMap((file) => fileWords(node, file)),
  ]
}
