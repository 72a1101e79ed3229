// The error that a function in a node has thrown, made again in this process.
import { existsSync } from 'node:fs'
import type { Thrown } from './messages.js'

const CLASSES = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }

const NO_CLOSURE =
  'a function that node.run sends has no variables and no imports of its file: pass them as arguments, or use import() in it'

const MODULE_MISSING = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']
const TYPESCRIPT_UNKNOWN = 'ERR_UNKNOWN_FILE_EXTENSION'

/**
 * What was thrown: an error has its class where that is one of JavaScript's own, its name, message, causes and plain properties such as
 * `code`, and a stack that goes on where `node.run` was called.
 *
 * @param node name of the node
 * @param frames of the call
 */
export function thrownError(thrown: Thrown, node: string, frames: string): unknown {
  if (thrown.kind === 'value') return thrown.value
  const { name, stack, properties, cause, errors } = thrown
  const hint = hintFor(thrown, node)
  const said = thrown.message.replace(VITE_IMPORT, 'an import')
  const message = hint === null ? said : `${said}; ${hint}`
  const options = cause === undefined ? undefined : { cause: thrownError(cause, node, '') }
  const Class = Object.hasOwn(CLASSES, name) ? CLASSES[name as keyof typeof CLASSES] : Error
  const error = errors
    ? new AggregateError(
        errors.map((each) => thrownError(each, node, '')),
        message,
        options,
      )
    : new Class(message, options)
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  Object.assign(error, properties)
  error.stack = stack.replace(thrown.message, () => message).replace(INNER_FRAMES, '') + frames
  return error
}

/** What Vite writes for an import of a file. */
const VITE_IMPORT = /^__(?:vite_ssr|vi)_import_\d+__(?= is not defined$)/

/** The frames of Node.js and of the worker, below those of the function. */
const INNER_FRAMES = /\n +at [^\n]*(?:\[eval|node:internal\/)[\s\S]*$/

/** What a user can do about an error that comes from running elsewhere; null for any other. */
function hintFor({ name, message, properties }: Extract<Thrown, { kind: 'error' }>, node: string): string | null {
  if (name === 'ReferenceError' && / is not defined$/.test(message)) return NO_CLOSURE
  if (properties.code === TYPESCRIPT_UNKNOWN && /\.[cm]?ts\b/.test(message))
    return 'Node.js loads TypeScript from version 22.18 on, or with a loader: `node --import tsx`'
  const [, missing = ''] = /['"](?:file:\/\/)?(\/[^'"]+)['"]/.exec(message) ?? []
  if (
    MODULE_MISSING.includes(String(properties.code)) &&
    missing !== '' &&
    [missing, `${process.cwd()}${missing}`].some((path) => existsSync(path))
  )
    return `it is on the machine, but ${node} does not see it: a node has a /tmp of its own, and its root may not enter private directories`
  return null
}
