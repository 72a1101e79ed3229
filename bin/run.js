#!/usr/bin/env node
import { fileURLToPath } from 'node:url'

// The installed command. An unprivileged user's may run as root of a user namespace; that is decided first.
if (process.geteuid() !== 0 || process.env.NSLAB_ROOTLESS) {
  const { enterNamespaceFor } = await import('../dist/cli/rootless.js')
  await enterNamespaceFor(process.argv.slice(2))
}
// oclif asks for these, which a user without an entry in passwd(5), as in a container, has only by variables.
process.env.HOME ??= '/'
process.env.SHELL ??= '/bin/sh'
const { execute } = await import('../dist/cli/oclif.js')
// No plug-ins: neither the user's, for which it would look into the home directory, nor those for development.
await execute({ loadOptions: { root: fileURLToPath(import.meta.url), userPlugins: false, devPlugins: false } })
