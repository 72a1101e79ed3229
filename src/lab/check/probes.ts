// What checks ask a lab beside pings.
import type { Family } from '../../model/family.js'
import type { Explanation } from '../../model/reach/explanation.js'
import type { PortProtocol, PortReport } from '../../model/reach/port-report.js'
import type { Trace } from '../../model/reach/trace.js'

export interface CheckProbes {
  probePort: (from: string, to: string, port: ProbedPort) => Promise<PortReport>
  tracePath: (from: string, to: string, family: Family | null) => Promise<Trace>
  /** @param port null for pings */
  explainPath: (from: string, to: string, family: Family | null, port: ExplainedPort | null) => Promise<Explanation>
}

export type ExplainedPort = Pick<ProbedPort, 'protocol' | 'port'>

export interface ProbedPort {
  protocol: PortProtocol
  port: number
  family: Family | null
}
