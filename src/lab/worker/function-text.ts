// The source text of a function, as an expression that makes the same function in another process.
import { Script } from 'node:vm'
import { LabError } from '../../errors.js'

/** Any function that can be sent. */
export type AnyFunction = (...args: never[]) => unknown

const NO_CLOSURE = 'node.run sends a function as its source text'

/**
 * An expression whose value is the function, without the variables around it.
 *
 * @throws LabError USAGE for what has no such text: native and bound functions, classes, and methods that need their object
 */
export function functionText(fn: AnyFunction): string {
  if (typeof fn !== 'function') throw new LabError('USAGE', 'node.run takes a function or the URL of a module')
  const text = Function.prototype.toString.call(fn)
  const name = fn.name.replace(/^bound /, '') || 'the function'
  if (/\{\s*\[native code\]\s*\}$/.test(text))
    throw new LabError('USAGE', `${NO_CLOSURE}, which ${name} does not have: it is native or bound`, {
      hint: 'write a function that calls it: `node.run(() => …)`',
    })
  if (/^class\b/.test(text)) throw new LabError('USAGE', `node.run takes a function, and ${name} is a class`)
  // The text of a method is no expression, but may stand in an object.
  const method = `(Object.values(Object.getOwnPropertyDescriptors({${text}\n})).map((each) => each.value ?? each.get)[0])`
  const expression = [`(${text}\n)`, method].find(isExpression)
  if (expression !== undefined) return expression
  throw new LabError('USAGE', `${NO_CLOSURE}, and that of ${name} cannot stand alone`, {
    hint: 'import.meta, super, private methods and names that are computed need what is around them: write an arrow function',
  })
}

function isExpression(text: string): boolean {
  try {
    return new Script(`'use strict'; ${text}`) !== null
  } catch {
    return false
  }
}
