// The public API. Importing it has no side effects; native libraries are loaded at the first call that needs them.
export { type ErrorCode, exitCodeOf, KernelError, LabError, type TopologyIssue } from './errors.js'
export { type Cloned, type CloneRequest, cloneInto } from './kernel/clone-into.js'
export {
  listNamespaces,
  type NamespaceIdentity,
  type NamespacesOfProcess,
  openNamespace,
  sameNamespace,
  setns,
  unshare,
} from './kernel/namespaces.js'
export type { Progress, UpOptions } from './lab/build/up.js'
export { Lab, LabNode } from './lab/lab.js'
export { examineMachine } from './lab/observe/doctor.js'
export type { PingOptions } from './lab/observe/ping-targets.js'
export type { ExecOptions, ExecResult } from './lab/run/exec.js'
export { enterUserNamespace } from './lab/who/outer-namespace.js'
export type { Check, CheckStatus } from './machine/check.js'
export type { Diagnosis } from './machine/diagnosis.js'
export type * from './model/contents.js'
export type * from './model/family.js'
export type * from './model/impairment.js'
export type { DeviceKind, DeviceSettings, InterfaceKind, SettingsFor } from './model/interfaces/kinds.js'
export type * from './model/interfaces/masters.js'
export type * from './model/interfaces/plain.js'
export type * from './model/interfaces/stacked.js'
export type * from './model/interfaces/tunnels.js'
export type { WireguardPeer, WireguardSettings } from './model/interfaces/wireguard.js'
export type * from './model/isolation.js'
export { type EmulationKind, EVERY_KIND, type KernelKinds } from './model/kernel-kinds.js'
export type * from './model/lab-view.js'
export type * from './model/ping.js'
export type * from './model/process-view.js'
export type * from './model/resolved.js'
export type { NamespaceKind } from './namespace-kinds.js'
export { planLab } from './plan/build.js'
export type * from './plan/emulation/ops.js'
export type { Op } from './plan/op.js'
export type { InterfacePlan, NodePlan, Plan, WireLinkPlan, WirePlan } from './plan/plan.js'
export { type ExplainedOp, explain } from './plan/say/explain.js'
export { networkScript } from './plan/say/script.js'
export type { ReadSource } from './topology/emulation/emulations.js'
export type { FindOwnerFault, FindSource, MachineFiles } from './topology/node/contents.js'
export { resolveTopology } from './topology/resolve.js'
export type { IncludedFile, ReadIncluded } from './topology/source/include.js'
export { type ParseOptions, parseTopology } from './topology/source/parse.js'
export type { Topology } from './topology/source/topology.js'
