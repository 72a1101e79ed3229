// One line about a change of a lab. Pure.
import type { Difference, LabChange } from '../../model/change/lab-change.js'
import { printable } from '../printable.js'
import { count, duration } from '../quantity.js'

/** `2 to add, 1 to remove, 3 to change; h1 restarts`; what is foreign is not counted. */
export function changeSummary({ differences, restarts }: LabChange): string {
  const amount = (kind: Difference['kind']): number => differences.filter((each) => each.kind === kind).length
  const parts = [
    [amount('add'), 'to add'],
    [amount('remove'), 'to remove'],
    [amount('change'), 'to change'],
  ].flatMap(([number, words]) => (number === 0 ? [] : [`${number} ${words}`]))
  const nodes = restarts.map(({ node }) => node).join(', ')
  const restarting = restarts.length === 0 ? [] : [`${nodes} ${restarts.length === 1 ? 'restarts' : 'restart'}`]
  return printable([...(parts.length === 0 ? [] : [parts.join(', ')]), ...restarting].join('; '))
}

/** What `diff` says below the differences. */
export const differenceText = (change: LabChange): string =>
  change.equal ? `lab ${change.lab} is as the file says${foreignText(change)}` : changeSummary(change)

export interface Outcome {
  applied: boolean
  isDryRun: boolean
  elapsedMs: number
}

/** What a command says below the differences that edits the topology of a running lab. */
export function editedText(change: LabChange, { applied, isDryRun, elapsedMs }: Outcome): string {
  if (isDryRun) return change.equal ? 'nothing would change' : changeSummary(change)
  const amount = change.differences.filter(({ kind }) => kind !== 'foreign').length
  return applied ? `lab ${change.lab}: ${count(amount, 'change')} in ${duration(elapsedMs)}` : 'nothing was changed'
}

/** What `apply` says below the differences. */
export function appliedText(change: LabChange, { applied, isDryRun, elapsedMs }: Outcome): string {
  if (isDryRun) return differenceText(change)
  const amount = change.differences.filter(({ kind }) => kind !== 'foreign').length
  if (applied) return `lab ${change.lab} is as the file says now: ${count(amount, 'change')} in ${duration(elapsedMs)}`
  return change.equal ? differenceText(change) : 'nothing was changed'
}

function foreignText({ differences }: LabChange): string {
  const foreign = differences.filter(({ kind }) => kind === 'foreign').length
  return foreign === 0 ? '' : `; ${foreign} more in the kernel that nslab has not made`
}
