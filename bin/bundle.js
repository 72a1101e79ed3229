// Build only: puts the sources and the pure JavaScript packages they use into a few files under dist, and writes oclif's
// manifest. Packages with native parts stay where they are.
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { compiled, load } from './load.js'

const root = fileURLToPath(new URL('..', import.meta.url))

const shared = {
  cwd: root,
  platform: 'node',
  external: [/^koffi/, /^netlink/],
  // `using` is younger than Node.js 20.
  transform: { target: 'es2023' },
}
const minify = { compress: true, mangle: false, codegen: true }

async function write(input, output) {
  const bundle = await rolldown({ ...shared, input })
  await bundle.write({ dir: 'dist', minify, entryFileNames: '[name].js', ...output })
  await bundle.close()
}

/** The library; and what tests of the kernel layer run in a process of theirs, and oclif makes its manifest from. */
async function writeModules() {
  const commands = readdirSync(`${root}src/commands`).map((file) => `commands/${file.replace(/\.ts$/, '')}`)
  const entries = ['index', 'cli/oclif', 'kernel/socket', 'kernel/rtnl/link', ...commands]
  rmSync(`${root}dist/chunks`, { recursive: true, force: true })
  const input = Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`]))
  // As deep as src/kernel, from where the native helper is found.
  await write(input, { format: 'esm', chunkFileNames: 'chunks/[name]-[hash].js' })
}

/** Without a manifest, every start would import every command. One that is there is read again, ignoreManifest or not. */
async function writeManifest() {
  rmSync(`${root}oclif.manifest.json`, { force: true })
  const { Config } = await import('../dist/cli/oclif.js')
  const config = await Config.load({ root, ignoreManifest: true, errorOnManifestCreate: true })
  writeFileSync(`${root}oclif.manifest.json`, JSON.stringify(config.plugins.get('nslab').manifest))
}

/**
 * The command line, in one file that needs no module loader, and what V8 has compiled of it once it has run a little:
 * only functions that have been called are in there. Medians in ms, where `node -e 0` took 52: `nslab ls` 80, without
 * what is compiled 103; `nslab plan` of 100 hosts on a switch 127 and 171.
 */
async function writeProgram() {
  rmSync(compiled, { force: true })
  const input = { 'cli/main': 'src/cli/main.ts' }
  await write(input, { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false })
  const { script, main } = load()
  const { write: print } = process.stdout
  process.stdout.write = () => true
  // One is added at the end of each command, when a process usually ends.
  process.stdout.setMaxListeners(0)
  await main(root, ['ls'])
  for (const file of readdirSync(`${root}topologies`))
    await main(root, ['up', '--dry-run', `${root}topologies/${file}`])
  process.stdout.write = print
  writeFileSync(compiled, script.createCachedData())
}

await writeModules()
await writeManifest()
await writeProgram()
