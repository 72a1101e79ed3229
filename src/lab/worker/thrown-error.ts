// The error that a function in a node has thrown, made again in this process.
import type { Thrown } from './messages.js'

const CLASSES = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }

const NO_CLOSURE =
  'a function that node.run sends has no variables and no imports of its file: pass them as arguments, or use import() in it'

/**
 * What was thrown: an error has its class where that is one of JavaScript's own, its name, message, causes and plain properties such as
 * `code`, and a stack that goes on where `node.run` was called.
 *
 * @param frames of the call
 */
export function thrownError(thrown: Thrown, frames: string): unknown {
  if (thrown.kind === 'value') return thrown.value
  const { name, stack, properties, cause, errors } = thrown
  const isReference = name === 'ReferenceError' && / is not defined$/.test(thrown.message)
  const message = isReference ? `${thrown.message}; ${NO_CLOSURE}` : thrown.message
  const options = cause === undefined ? undefined : { cause: thrownError(cause, '') }
  const Class = name in CLASSES ? CLASSES[name as keyof typeof CLASSES] : Error
  const error = errors
    ? new AggregateError(
        errors.map((each) => thrownError(each, '')),
        message,
        options,
      )
    : new Class(message, options)
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  Object.assign(error, properties)
  error.stack =
    stack.replace(thrown.message, () => message).replace(/\n +at [^\n]*(?:\[eval|node:internal\/)[\s\S]*$/, '') + frames
  return error
}
