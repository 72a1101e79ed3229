// Errors between processes: they keep their class, all their properties, and their stack, to which that of the call is added.
import { ExecFailure, KernelError, LabError } from '../../errors.js'
import { CommandError } from '../run/command-error.js'

/** The class of an error. An instance of one of these is of the first that fits. */
const CLASSES = { CommandError, KernelError, ExecFailure, LabError, Error } as const

/** Data. */
export interface SentError {
  kind: keyof typeof CLASSES
  message: string
  stack: string
  properties: Record<string, unknown>
  cause: SentError | null
}

/** @param thrown an error; any other value is described by one */
export function sentError(thrown: unknown): SentError {
  if (!(thrown instanceof Error)) return sentError(new Error(String(thrown)))
  const [kind] = Object.entries(CLASSES).find(([, each]) => thrown instanceof each) as [SentError['kind'], unknown]
  const properties = Object.fromEntries(Object.entries(thrown).filter(([, value]) => isData(value)))
  return {
    kind,
    message: thrown.message,
    stack: thrown.stack ?? '',
    // Of errors such as AbortError, the class has the name.
    properties: { name: thrown.name, ...properties },
    cause: thrown.cause === undefined ? null : sentError(thrown.cause),
  }
}

/** Properties of nslab's own errors are; Node.js adds others to some. */
function isData(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}

/** @param call made where the call was made, whose frames are added; null for none */
export function receivedError({ kind, message, stack, properties, cause }: SentError, call: Error | null): Error {
  const error = new Error(message, cause === null ? {} : { cause: receivedError(cause, null) })
  Object.setPrototypeOf(error, CLASSES[kind].prototype)
  const [, ...frames] = call?.stack?.split(FRAME) ?? []
  return Object.assign(error, properties, { stack: [stack, ...frames].join(FRAME) })
}

const FRAME = '\n    at '
