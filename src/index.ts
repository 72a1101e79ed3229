// The public API. Importing it has no side effects; kernel libraries are loaded when a lab is first touched.
export { type ErrorCode, exitCodeOf, KernelError, LabError, type TopologyIssue } from './errors.js'
export { type Cloned, type CloneRequest, cloneInto } from './kernel/clone-into.js'
export {
  type KindOfNamespace,
  listNamespaces,
  type NamespaceIdentity,
  type NamespacesOfProcess,
  openNamespace,
  sameNamespace,
  setns,
  unshare,
} from './kernel/namespaces.js'
export { examineMachine } from './lab/doctor.js'
export type { ExecOptions, ExecResult } from './lab/exec.js'
export { Lab, LabNode } from './lab/lab.js'
export { enterUserNamespace } from './lab/outer-namespace.js'
export type { PingOptions } from './lab/ping.js'
export type { Progress, UpOptions } from './lab/up.js'
export type { Check, CheckStatus } from './machine/check.js'
export type { Diagnosis } from './machine/diagnosis.js'
export { type Plan, planLab } from './plan/build.js'
export { type ExplainedOp, explain } from './plan/explain.js'
export type { Op } from './plan/op.js'
export { networkScript } from './plan/script.js'
export type { FindSource, NodeContents, ResolvedFile, ResolvedMount } from './topology/contents.js'
export type { IncludedFile, ReadIncluded } from './topology/include.js'
export type { IdRange, IdRanges, Isolation, NamespaceChoice, NamespaceKind } from './topology/isolation.js'
export { type ParseOptions, parseTopology, type Topology } from './topology/parse.js'
export { resolveTopology } from './topology/resolve.js'
export type * from './topology/resolved.js'
export type * from './topology/view.js'
