// The steps of nslab that hints hang on: what failed, as codes that do not change when a message is reworded.

/** The steps that the native helper reports, in the order of native-shim/steps.h, which has the same codes. */
export const SHIM_STEPS = [
  // processes
  'allocate-memory',
  'read-spec',
  'write-report',
  'make-pipe',
  'fork',
  'wait-for-child',
  'set-death-signal',
  'find-process',
  'close-descriptors',
  'start-session',
  'change-directory',
  'set-variable',
  'watch-signals',
  'open-terminal',
  'run-program',
  'join-keyring',
  'lower-priority',
  // namespaces
  'create-namespaces',
  'create-cgroup-namespace',
  'enter-cgroup',
  'create-time-namespace',
  'set-time-offset',
  'open-namespace',
  'join-namespaces',
  'hand-over-namespace',
  'write-id-map',
  'become-root',
  'set-hostname',
  'set-domain-name',
  // the file systems that every node has
  'make-mounts-private',
  'mount-proc',
  'mount-run',
  'mount-tmp',
  'mount-dev',
  'mount-shm',
  'mount-sys',
  'bind-device',
  // the mounts, files and sysctls that its spec names
  'copy-mount',
  'attach-mount',
  'make-read-only',
  'mount-tmpfs',
  'mount-scratch',
  'mount-overlay',
  'copy-directory',
  'find-target',
  'make-target',
  'add-name-to-root',
  'write-file',
  'own-file',
  'remove-file',
  'change-owner',
  'change-mode',
  'write-sysctl',
  // addresses and ping
  'read-addresses',
  'find-interface',
  'open-socket',
  'read-random-bytes',
  // the wire
  'start-wire',
  'reach-wire',
  // the keeper
  'reach-keeper',
] as const

export type ShimStep = (typeof SHIM_STEPS)[number]

/** Any step: those of the native helper, and those of nslab's own process. */
export type Step = ShimStep | 'start-shim' | 'start-threads'
