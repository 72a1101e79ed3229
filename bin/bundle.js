// Build only: bundles the sources with the JavaScript packages that they import, and writes oclif's manifest. koffi and
// netlink stay packages: they are loaded with require() at their first use.
const { readdirSync, rmSync, writeFileSync } = require('node:fs')
const v8 = require('node:v8')
const { compiledOf, load, networkCommandsFile, root } = require('./load.js')

const shared = {
  cwd: root,
  platform: 'node',
  // The test runner of the program that imports nslab/vitest.
  external: ['vitest'],
  // Node.js 20 does not know `using`.
  transform: { target: 'es2023' },
}
const minify = { compress: true, mangle: false, codegen: true }

/**
 * Writes ES modules: the library, modules that tests of the kernel layer run in a process of their own, and the modules from
 * which the rest of the build makes oclif's manifest and the description of the commands that need a network.
 */
async function writeModules(rolldown) {
  const files = readdirSync(`${root}src/commands`, { recursive: true }).filter((file) => file.endsWith('.ts'))
  const commands = files.map((file) => `commands/${file.replace(/\.ts$/, '')}`)
  const netlink = ['socket', ...['link', 'link-settings', 'bridge-vlan', 'tc/qdisc'].map((name) => `rtnl/${name}`)]
  const kernel = netlink.map((name) => `kernel/netlink/${name}`)
  const lab = ['lab/read/observe', 'lab/read/pristine', 'lab/record/select']
  const library = ['index', 'user-namespace', 'vitest', 'helper']
  const entries = [...library, 'cli/oclif', 'cli/network-commands', ...kernel, ...lab, ...commands]
  rmSync(`${root}dist/chunks`, { recursive: true, force: true })
  const input = Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`]))
  const bundle = await rolldown({ ...shared, input })
  // Chunks lie as deep as src/kernel, whose path to the native helper is relative.
  const names = { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' }
  // In lines, since Node.js quotes the line that threw an error which nobody catches.
  await bundle.write({ dir: 'dist', minify: { ...minify, codegen: false }, format: 'esm', ...names })
  await bundle.close()
}

/** Without a manifest, oclif would import every command for help. It reads an old manifest even with `ignoreManifest`. */
async function writeManifest() {
  rmSync(`${root}oclif.manifest.json`, { force: true })
  const { Config } = await import('../dist/cli/oclif.js')
  const config = await Config.load({ root, ignoreManifest: true, errorOnManifestCreate: true })
  writeFileSync(`${root}oclif.manifest.json`, JSON.stringify(config.plugins.get('nslab').manifest))
}

/** Writes the arguments and flags of the commands that build or read a network; bin/run.js reads them. */
async function writeNetworkCommands() {
  const { networkCommands } = await import('../dist/cli/network-commands.js')
  const commands = await networkCommands()
  writeFileSync(networkCommandsFile, JSON.stringify(commands))
  return new Map(commands)
}

/**
 * When a module of oclif imports another one, that one runs only when one of its members is first used. Most of oclif's
 * modules serve help, plug-ins and error messages: running all of them took 4 of 54 ms of `nslab ls`.
 */
const oclifOnFirstUse = {
  name: 'oclif-on-first-use',
  async resolveId(id, importer = '') {
    const isWithinOclif = importer.includes('/@oclif/core/') && id.startsWith('.') && !importer.startsWith('\0')
    return isWithinOclif ? `\0on-first-use:${(await this.resolve(id, importer)).id}.cjs` : null
  },
  load(id) {
    const [, path] = /^\0on-first-use:(.*)\.cjs$/.exec(id) ?? []
    if (path === undefined) return null
    // TypeScript's helpers ask for __esModule at the import. All of oclif's modules have it.
    return `
const loaded = () => require(${JSON.stringify(path)})
module.exports = new Proxy({}, {
  get: (_, key) => key === '__esModule' || loaded()[key],
  ownKeys: () => Reflect.ownKeys(loaded()),
  getOwnPropertyDescriptor: (_, key) => ({ ...Reflect.getOwnPropertyDescriptor(loaded(), key), configurable: true }),
})`
  },
}

/** Node.js reads an ASCII file without decoding it, and V8 keeps one byte a character: 4 of 52 ms of `nslab ls`. */
const inAscii = {
  name: 'in-ascii',
  generateBundle(_, bundle) {
    const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
    for (const chunk of Object.values(bundle)) chunk.code = chunk.code.replace(/[^\0-\x7f]/g, escaped)
  },
}

/**
 * Writes each program of the command line as one file, which needs no module loader, with the code that V8 compiled of it.
 * V8 compiles a function when it is first called, so each program runs a little before its compiled code is written.
 * Medians in ms, where `node -e 0` took 52: `nslab ls` 80, without compiled code 103; `nslab plan` of 100 hosts on a switch
 * 127 and 171.
 */
async function writePrograms(rolldown) {
  for (const name of ['main', 'rootless']) {
    rmSync(compiledOf(name), { force: true })
    const input = { [`cli/${name}`]: `src/cli/${name}.ts` }
    const bundle = await rolldown({ ...shared, input, plugins: [oclifOnFirstUse, inAscii] })
    await bundle.write({ dir: 'dist', minify, format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false })
    await bundle.close()
  }
  await compile('main', async ({ main }) => {
    await main(root, ['ls'])
    for (const file of readdirSync(`${root}topologies`).filter((name) => name.endsWith('.yaml')))
      await main(root, ['up', '--dry-run', `${root}topologies/${file}`])
  })
  const commands = await writeNetworkCommands()
  // The program would otherwise return at once when root builds.
  process.env.NSLAB_ROOTLESS = '1'
  await compile('rootless', async ({ enterNamespaceFor }) => {
    await enterNamespaceFor(commands.get('up'), ['--dry-run', '-'])
    await enterNamespaceFor(commands.get('inspect'), ['no-such-lab'])
  })
}

/**
 * Runs a program through `run`, then writes the code that V8 compiled of it. V8 refuses compiled code when its flags differ
 * from those at the start, so the program may not set any meanwhile.
 */
async function compile(name, run) {
  v8.setFlagsFromString = () => {}
  const { write: print } = process.stdout
  const { script, exports } = load(name)
  process.stdout.write = (_, done) => {
    done?.()
    return true
  }
  // Labs of this machine have nothing to do with the build.
  process.env.NSLAB_STATE_DIR = `${root}dist/no-labs`
  // Each command adds a listener that is never removed, since the process usually ends with the command.
  process.stdout.setMaxListeners(0)
  await run(exports)
  process.stdout.write = print
  writeFileSync(compiledOf(name), script.createCachedData())
}

async function build() {
  // Node.js ends without a message when a promise never settles; the build has failed then.
  process.exitCode = 1
  const { rolldown } = await import('rolldown')
  await writeModules(rolldown)
  await writeManifest()
  await writePrograms(rolldown)
  process.exitCode = 0
}

build()
