// The probes of a running lab.
import { CONNECT_DEFAULTS, probePort } from '../observe/connect.js'
import { TRACE_DEFAULTS, tracePath } from '../observe/trace.js'
import { findNode, type RunningLab } from '../record/select.js'
import type { CheckProbes } from './probes.js'

/** Of two equal ways, this many flows miss one with a probability of 1 to 32,768. */
const FLOWS = 16

export const probesOf = (lab: RunningLab): CheckProbes => ({
  probePort: (from, to, port) => probePort(lab, findNode(lab, from), to, { ...CONNECT_DEFAULTS, ...port }),
  tracePath: (from, to, family) => tracePath(lab, findNode(lab, from), to, { ...TRACE_DEFAULTS, family, flows: FLOWS }),
  explainPath: null,
})
