// The probes of a running lab.
import { CONNECT_DEFAULTS, probePort } from '../observe/connect.js'
import { TRACE_DEFAULTS, tracePath } from '../observe/trace.js'
import { findNode, type RunningLab } from '../record/select.js'
import { explainPath } from '../why/explain.js'
import type { CheckProbes } from './probes.js'

export const probesOf = (lab: RunningLab): CheckProbes => ({
  probePort: (from, to, port) => probePort(lab, findNode(lab, from), to, { ...CONNECT_DEFAULTS, ...port }),
  tracePath: (from, to, family) => tracePath(lab, findNode(lab, from), to, { ...TRACE_DEFAULTS, family }),
  explainPath: (from, to, family, port) => explainPath(lab, findNode(lab, from), to, { family, ...port }),
})
