// Build only: puts the sources and the pure JavaScript packages they use into a few files under dist, and writes oclif's
// manifest. Packages with native parts stay where they are.
const { readdirSync, rmSync, writeFileSync } = require('node:fs')
const { isBuiltin } = require('node:module')
const v8 = require('node:v8')
const { compiledOf, load, root } = require('./load.js')

const shared = {
  cwd: root,
  platform: 'node',
  // `using` is younger than Node.js 20.
  transform: { target: 'es2023' },
}
/** Packages that stay where they are. */
const EXTERNAL = [/^koffi/, /^netlink/]
const minify = { compress: true, mangle: false, codegen: true }

/** The library; and what tests of the kernel layer run in other processes, and oclif makes its manifest from. */
async function writeModules(rolldown) {
  const commands = readdirSync(`${root}src/commands`).map((file) => `commands/${file.replace(/\.ts$/, '')}`)
  const netlink = ['socket', ...['link', 'link-settings', 'bridge-vlan'].map((name) => `rtnl/${name}`)]
  const kernel = netlink.map((name) => `kernel/netlink/${name}`)
  const entries = ['index', 'cli/oclif', ...kernel, ...commands]
  rmSync(`${root}dist/chunks`, { recursive: true, force: true })
  const input = Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`]))
  // As deep as src/kernel, from where the native helper is found.
  const bundle = await rolldown({ ...shared, external: EXTERNAL, input })
  const names = { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' }
  await bundle.write({ dir: 'dist', minify, format: 'esm', ...names })
  await bundle.close()
}

/** Without a manifest, every start would import every command. One that is there is read again, ignoreManifest or not. */
async function writeManifest() {
  rmSync(`${root}oclif.manifest.json`, { force: true })
  const { Config } = await import('../dist/cli/oclif.js')
  const config = await Config.load({ root, ignoreManifest: true, errorOnManifestCreate: true })
  writeFileSync(`${root}oclif.manifest.json`, JSON.stringify(config.plugins.get('nslab').manifest))
}

/**
 * Packages and modules of Node.js are loaded when what imports them first runs, not when the program starts; those that
 * oclif names, only when something of them is used, which of most is nothing (2 of 55 ms of `nslab ls`).
 */
const lazyExternals = {
  name: 'lazy-externals',
  resolveId(id, importer) {
    if (!isBuiltin(id) && !EXTERNAL.some((pattern) => pattern.test(id))) return null
    if (importer?.startsWith('\0')) return { id, external: true }
    // As a CommonJS module, it is run by whoever first requires it.
    return importer?.includes('/@oclif/') ? `\0unused:${id}.cjs` : `\0lazy:${id}.cjs`
  },
  load(id) {
    const [, kind, name] = /^\0(lazy|unused):(.*)\.cjs$/.exec(id) ?? []
    const module = `require(${JSON.stringify(name)})`
    if (kind === 'lazy') return `module.exports = ${module}`
    // TypeScript's helpers ask each module whether it was an ES module once.
    const get = `(_, key) => key === '__esModule' ? undefined : ${module}[key]`
    const throwing = `() => { throw new Error(${JSON.stringify(`more of ${name} is used than members by name`)}) }`
    return kind === 'unused' ? `module.exports = new Proxy({}, { get: ${get}, ownKeys: ${throwing} })` : null
  },
}

/** In ASCII, a file is read without being decoded, and V8 keeps a byte for each character. */
const inAscii = {
  name: 'in-ascii',
  generateBundle(_, bundle) {
    const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
    for (const chunk of Object.values(bundle)) chunk.code = chunk.code.replace(/[^\0-\x7f]/g, escaped)
  },
}

/**
 * The command line, in files that need no module loader, and what V8 has compiled of them once they have run a little:
 * only functions that have been called are in there. Medians in ms, where `node -e 0` took 52: `nslab ls` 80, without
 * what is compiled 103; `nslab plan` of 100 hosts on a switch 127 and 171.
 */
async function writePrograms(rolldown) {
  for (const name of ['main', 'rootless']) {
    rmSync(compiledOf(name), { force: true })
    const input = { [`cli/${name}`]: `src/cli/${name}.ts` }
    const bundle = await rolldown({ ...shared, input, plugins: [lazyExternals, inAscii] })
    await bundle.write({ dir: 'dist', minify, format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false })
    await bundle.close()
  }
  await compile('main', async ({ main }) => {
    await main(root, ['ls'])
    for (const file of readdirSync(`${root}topologies`))
      await main(root, ['up', '--dry-run', `${root}topologies/${file}`])
  })
  await compile('rootless', async ({ enterNamespaceFor }) => await enterNamespaceFor(['up', '--help']))
}

/**
 * Leaves what V8 has compiled of a program, once `run` has run a little of it. With V8's own flags, whatever the program sets:
 * where others hold, V8 would refuse it.
 */
async function compile(name, run) {
  v8.setFlagsFromString = () => {}
  const { write: print } = process.stdout
  const { script, exports } = load(name)
  process.stdout.write = (_, done) => {
    done?.()
    return true
  }
  // One is added at the end of each command, when a process usually ends.
  process.stdout.setMaxListeners(0)
  await run(exports)
  process.stdout.write = print
  writeFileSync(compiledOf(name), script.createCachedData())
}

async function build() {
  // Until it is done: what waits for nothing that will come ends Node.js without a word.
  process.exitCode = 1
  const { rolldown } = await import('rolldown')
  await writeModules(rolldown)
  await writeManifest()
  await writePrograms(rolldown)
  process.exitCode = 0
}

build()
