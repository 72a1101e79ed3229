// The JSON documents of the command line. Fields may be added, but never changed or removed, since scripts read them.
import { type ErrorCode, LabError, type TopologyIssue } from '../errors.js'
import type {
  InterfaceView,
  LabStatus,
  LabSummary,
  LabView,
  LinkEmulationView,
  Namespaces,
  NodeStatus,
} from '../model/lab-view.js'
import type { WireReport } from '../model/wire-report.js'

export interface InspectDocument {
  lab: string
  status: LabStatus
  rootless: boolean | null
  keeper: { pid: number } | null
  nodes: {
    name: string
    kind: string
    pid: number | null
    hostname: string
    title?: string
    labels: Record<string, string>
    status: NodeStatus
    namespaces: Namespaces | null
    cgroup: string | null
    interfaces: (Omit<InterfaceView, 'addresses'> & { addresses: string[] })[]
  }[]
  links: {
    endpoints: [string, string]
    type: string
    state: string
    mtu: number
    /** Absent: a veth pair alone. */
    emulation?: LinkEmulationView
  }[]
  /** Absent in a lab without one. */
  wire?: WireReport
  /** What is wrong since a change of the lab failed, one sentence each; absent when nothing is. */
  degraded?: string[]
  elapsedMs: number
}

/** The document of `up` and `inspect`. */
export const inspectDocument = (view: LabView, elapsedMs: number): InspectDocument => ({
  lab: view.lab,
  status: view.status,
  rootless: view.rootless,
  keeper: view.keeper,
  nodes: view.nodes.map(({ name, kind, pid, hostname, title, labels, status, namespaces, cgroup, interfaces }) => ({
    name,
    kind,
    pid,
    hostname,
    ...(title === undefined ? {} : { title }),
    labels,
    status,
    namespaces,
    cgroup,
    interfaces: interfaces.map(({ addresses, ...rest }) => ({ ...rest, addresses: addresses.map((a) => a.address) })),
  })),
  links: view.links.map(({ a, b, type, state, mtu, emulation }) => ({
    endpoints: [a, b],
    type,
    state,
    mtu,
    ...(emulation === undefined ? {} : { emulation }),
  })),
  ...(view.wire === undefined ? {} : { wire: view.wire }),
  ...(view.degraded === undefined ? {} : { degraded: view.degraded }),
  elapsedMs: roundMs(elapsedMs),
})

export const lsDocument = (labs: readonly LabSummary[]): { labs: LabSummary[] } => ({
  labs: labs.map(({ name, status, paused, nodes, links, keeper, rootless, degraded }) => ({
    name,
    status,
    paused,
    nodes,
    links,
    keeper,
    rootless,
    ...(degraded === undefined ? {} : { degraded }),
  })),
})

export interface ErrorDocument {
  error: { code: ErrorCode; message: string; hint?: string; issues?: Omit<TopologyIssue, 'quote'>[] }
}

/** The document of any failure. An error that is not a LabError is a bug of nslab and gets the code INTERNAL. */
export function errorDocument(error: unknown): ErrorDocument {
  if (!(error instanceof LabError)) return { error: { code: 'INTERNAL', message: messageOf(error) } }
  const { code, message, hint, issues } = error
  return {
    error: {
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(issues === undefined ? {} : { issues: issues.map(({ quote, ...issue }) => issue) }),
    },
  }
}

/** The message of any thrown value. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Rounds to tenths of a millisecond: the measurement is not more exact. */
const roundMs = (milliseconds: number): number => Math.round(milliseconds * 10) / 10
