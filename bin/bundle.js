// Build only: puts the sources and the pure JavaScript packages they use into a few files under dist, and writes oclif's
// manifest. A command line lives from a quick start, and one file loads in a third of the time of a hundred: `nslab ls`
// took 2.9 times `node -e 0` from separate files. Packages with native parts stay where they are.
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))
const commands = readdirSync(`${root}src/commands`).map((file) => file.replace(/\.ts$/, ''))
// The kernel layer is an entry of its own for tests that run it in a process of theirs.
const kernel = ['kernel/socket', 'kernel/rtnl/link']
const entries = ['index', 'cli/oclif', 'cli/rootless', ...kernel, ...commands.map((name) => `commands/${name}`)]

rmSync(`${root}dist/chunks`, { recursive: true, force: true })
const bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
  platform: 'node',
  external: [/^koffi/, /^netlink/],
  // `using` is younger than Node.js 20.
  transform: { target: 'es2023' },
})
await bundle.write({
  dir: 'dist',
  format: 'esm',
  minify: { compress: true, mangle: false, codegen: true },
  // As deep as src/kernel, from where the native helper is found.
  chunkFileNames: 'chunks/[name]-[hash].js',
  entryFileNames: '[name].js',
})
await bundle.close()

// Without a manifest, every start would import every command. An old one would be taken for the commands there are.
rmSync(`${root}oclif.manifest.json`, { force: true })
const { Config } = await import('../dist/cli/oclif.js')
const config = await Config.load({ root, ignoreManifest: true, errorOnManifestCreate: true })
writeFileSync(`${root}oclif.manifest.json`, JSON.stringify(config.plugins.get('nslab').manifest))
