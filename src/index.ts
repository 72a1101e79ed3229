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
export type { Progress, UpOptions } from './lab/build/up.js'
export { Lab, LabNode } from './lab/lab.js'
export { examineMachine } from './lab/observe/doctor.js'
export type { PingOptions } from './lab/observe/ping.js'
export type { ExecOptions, ExecResult } from './lab/run/exec.js'
export { enterUserNamespace } from './lab/who/outer-namespace.js'
export type { Check, CheckStatus } from './machine/check.js'
export type { Diagnosis } from './machine/diagnosis.js'
export type * from './model/lab-view.js'
export type * from './model/resolved.js'
export { type Plan, planLab } from './plan/build.js'
export type { Op } from './plan/op.js'
export { type ExplainedOp, explain } from './plan/say/explain.js'
export { networkScript } from './plan/say/script.js'
export type { FindSource, NodeContents, ResolvedFile, ResolvedMount } from './topology/node/contents.js'
export type { IdRange, IdRanges, Isolation, NamespaceChoice, NamespaceKind } from './topology/node/isolation.js'
export { resolveTopology } from './topology/resolve.js'
export type { IncludedFile, ReadIncluded } from './topology/source/include.js'
export { type ParseOptions, parseTopology, type Topology } from './topology/source/parse.js'
