// What a worker in a node runs. It is sent as text, since a node may not have the files of this program, so it may not use anything
// around it.
import type { Reply, Request, Thrown } from './messages.js'

/** Answers calls until the process that sends them is gone. @param load the `require` of the worker */
export function workerMain(load: NodeJS.Require): void {
  const vm = load('node:vm') as typeof import('node:vm')
  const { createRequire } = load('node:module') as typeof import('node:module')
  const { dirname, join } = load('node:path') as typeof import('node:path')
  const { pathToFileURL } = load('node:url') as typeof import('node:url')
  const { existsSync } = load('node:fs') as typeof import('node:fs')
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
  const causesMax = 5
  const post = process.send?.bind(process)
  // The channel is for replies alone. Programs also take `process.send` as the sign that they were started by fork().
  Object.assign(process, { send: undefined })

  /** `import()` for the code of a file. */
  function importerOf(filename: string): (specifier: string) => Promise<{ default?: unknown }> {
    return vm.compileFunction('return import(specifier)', ['specifier'], { filename, importModuleDynamically }) as never
  }

  /** Makes the function that an expression describes, as if it stood in its file. */
  function functionOf({ text, file, line }: Extract<Request, { kind: 'function' }>): unknown {
    const importModule = importerOf(file)
    // What Vite and esbuild write into functions. Vite writes `/@fs/PATH`, and `/PATH` for a path below the root of the project, which is
    // one of the directories above the file.
    const importForVite = (specifier: string) => {
      if (!specifier.startsWith('/')) return importModule(specifier)
      const isOutside = specifier.startsWith('/@fs/')
      let root = dirname(file)
      while (!isOutside && root !== '/' && !existsSync(join(root, specifier))) root = dirname(root)
      return importModule(pathToFileURL(isOutside ? specifier.slice(4) : join(root, specifier)).href)
    }
    const scope = {
      require: createRequire(file),
      __filename: file,
      __dirname: dirname(file),
      __vite_ssr_dynamic_import__: importForVite,
      __vite_ssr_import_meta__: { url: pathToFileURL(file).href, filename: file, dirname: dirname(file) },
      __name: (named: unknown) => named,
    }
    const options = { filename: file, lineOffset: line - 1, importModuleDynamically }
    return vm.compileFunction(`'use strict'; return ${text}`, Object.keys(scope), options)(...Object.values(scope))
  }

  async function resultOf(request: Request): Promise<unknown> {
    if (request.kind === 'function') return (functionOf(request) as (...args: unknown[]) => unknown)(...request.args)
    const { default: run } = await importerOf(process.cwd())(request.url)
    if (typeof run !== 'function') throw new TypeError(`the default export of ${request.url} is no function`)
    return run(...request.args)
  }

  /** A part of an error, which may be a getter that throws. */
  function part<T>(read: () => T, otherwise: T): T {
    try {
      return read()
    } catch {
      return otherwise
    }
  }

  function thrown(error: unknown, depth = 0): Thrown {
    if (!(error instanceof Error)) return { kind: 'value', value: error }
    const isPlain = ([, value]: [string, unknown]) => value === null || !/object|function|symbol/.test(typeof value)
    const name = part(() => String(error.name), 'Error')
    const message = part(() => String(error.message), '')
    const cause = part(() => error.cause, undefined)
    const errors = part(() => (error as { errors?: unknown }).errors, undefined)
    const keys = part(() => Object.keys(error), [])
    const read = (key: string) => part(() => [[key, (error as never)[key]] as [string, unknown]], [])
    return {
      kind: 'error',
      name,
      message,
      stack: part(() => String(error.stack), `${name}: ${message}`),
      properties: Object.fromEntries(keys.flatMap(read).filter(isPlain)),
      ...(cause === undefined || depth > causesMax ? {} : { cause: thrown(cause, depth + 1) }),
      ...(Array.isArray(errors) && depth <= causesMax ? { errors: errors.map((each) => thrown(each, depth + 1)) } : {}),
    }
  }

  function send(reply: Reply): void {
    try {
      post?.(reply)
    } catch (error) {
      const what = 'value' in reply ? 'what the function returned' : 'what the function threw'
      const message = `${what} cannot be sent: ${(error as Error).message}`
      post?.({ id: reply.id, error: thrown(new TypeError(message)) })
    }
  }

  // Node.js warns at the first use that import() in compiled code is experimental.
  const { emitWarning } = process
  process.emitWarning = () => {}
  void importerOf(process.cwd())('node:vm')
  process.emitWarning = emitWarning

  process.title = 'nslab run'
  process.once('disconnect', () => process.exit())
  process.on('message', (request: Request) => {
    resultOf(request).then(
      (value) => send({ id: request.id, value }),
      (error) => send({ id: request.id, error: thrown(error) }),
    )
  })
}
