// The texts of `ls`, `inspect` and `up`. No line end after the last line.

import type { LabSummary, LabView } from '../model/lab-view.js'
import { wireText } from './links.js'
import { printable } from './printable.js'
import { count, duration } from './quantity.js'
import { rowsOf } from './tables.js'
import { renderTable } from './text-table.js'

export const lsText = (labs: readonly LabSummary[], columns?: number): string =>
  labs.length === 0
    ? 'no labs'
    : renderTable(
        ['LAB', 'STATUS', 'NODES', 'LINKS', 'KEEPER'],
        labs.map((lab) => [lab.name, statusText(lab), lab.nodes, lab.links, lab.keeper?.pid ?? null]),
        columns,
      )

const statusText = ({ status, paused, degraded }: LabSummary): string =>
  [status, ...(status === 'running' && paused > 0 ? [`${paused} paused`] : []), ...(degraded ? ['degraded'] : [])].join(
    ', ',
  )

export function inspectText(view: LabView, columns?: number): string {
  const { lab, status, nodes, links, keeper, rootless } = view
  const header = [`lab ${lab}: ${status}`, count(nodes.length, 'node'), count(links.length, 'link')]
  if (keeper !== null) header.push(`keeper ${keeper.pid}`)
  if (rootless === true) header.push('rootless')
  const titled = nodes.some(({ title }) => title !== undefined)
  const nodeTable = renderTable(
    ['NODE', ...(titled ? ['TITLE'] : []), 'KIND', 'STATUS', 'PID', 'ADDRESSES'],
    nodes.map(({ name, title, kind, status: nodeStatus, pid, interfaces }) => [
      name,
      ...(titled ? [title ?? null] : []),
      kind,
      nodeStatus,
      pid,
      interfaces
        .flatMap(({ addresses }) => addresses)
        .filter(({ scope }) => scope === 'global')
        .map(({ address }) => address),
    ]),
    columns,
  )
  const isEmulated = links.some(({ emulation }) => emulation !== undefined)
  const linkTable = renderTable(
    ['LINK', 'TO', 'STATE', 'MTU', ...(isEmulated ? ['EMULATION', 'LINK SENDS', 'TO SENDS'] : [])],
    rowsOf(view, 'links').map(({ a, b, state, mtu, emulation, from_a, from_b }) => [
      a,
      b,
      state,
      mtu,
      ...(isEmulated ? [emulation, from_a, from_b] : []),
    ]),
    columns,
  )
  const wire = wireText(view.wire ?? null)
  const linkParts = [...(links.length === 0 ? [] : [linkTable]), ...(wire === null ? [] : [wire])]
  const degraded = (view.degraded ?? []).map((each) => printable(`degraded: ${each}`))
  return [[printable(header.join(', ')), ...degraded].join('\n'), nodeTable, ...linkParts].join('\n\n')
}

export interface UpSummary {
  name: string
  /** Number of nodes. */
  nodes: number
  links: number
  elapsedMs: number
  /** Hosts for the commands to try next: the first is where a shell or a ping starts, the last is what it pings. */
  hosts?: readonly string[]
}

/** One line about the new lab, then commands to try next. */
export function upText({ name, nodes, links, elapsedMs, hosts = [] }: UpSummary): string {
  const from = hosts[0]
  const to = hosts.at(-1)
  const next = [
    ...(from === to ? [] : [`nslab ping ${name}/${from} ${to}`]),
    ...(from === undefined ? [`nslab inspect ${name}`] : [`nslab shell ${name}/${from}`]),
    `nslab down ${name}`,
  ]
  const size = `${count(nodes, 'node')}, ${count(links, 'link')}`
  return [`lab ${name} is up: ${size} in ${duration(elapsedMs)}`, ...next.map((command) => `  ${command}`)].join('\n')
}
