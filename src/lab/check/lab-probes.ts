// The probes of a running lab.
import type { RunningLab } from '../record/select.js'
import type { CheckProbes } from './probes.js'

export const probesOf = (_lab: RunningLab): CheckProbes => ({ probePort: null, tracePath: null, explainPath: null })
