#!/usr/bin/env node
// The installed command. An unprivileged user's may run as root of a user namespace; that is decided first.
if (process.geteuid() !== 0 || process.env.NSLAB_ROOTLESS) {
  const { enterNamespaceFor } = await import('../dist/cli/rootless.js')
  await enterNamespaceFor(process.argv.slice(2))
}
const { execute } = await import('../dist/cli/oclif.js')
await execute({ dir: import.meta.url })
