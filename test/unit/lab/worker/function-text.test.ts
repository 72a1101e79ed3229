// The text of a function makes the same function.
import { expect, test } from 'vitest'
import { functionText } from '../../../../src/lab/worker/function-text.js'

const remade = (fn: (...args: never[]) => unknown): unknown =>
  new Function(`'use strict'; return ${functionText(fn)}`)()

const object = {
  method: (...args: number[]) => args.length,
  shorthand(a: number) {
    return a + 1
  },
  async later(a: number) {
    return a
  },
  async() {
    return 'async'
  },
  get() {
    return 'get'
  },
  'not a name'() {
    return 'quoted'
  },
  7() {
    return 'seven'
  },
  get value() {
    return 'got'
  },
}

class Host {
  static of() {
    return 'static'
  }
  name() {
    return 'method of a class'
  }
}

test.each([
  [() => 1, 1],
  [(a = ')') => a, ')'],
  [() => ({ a: '}' }), { a: '}' }],
  [
    () => 1, // a comment at the end
    1,
  ],
  [object.method, 0],
  [object.async, 'async'],
  [object.get, 'get'],
  [object['not a name'], 'quoted'],
  [object[7], 'seven'],
  [Object.getOwnPropertyDescriptor(object, 'value')?.get as () => string, 'got'],
  [Host.of, 'static'],
  [new Host().name, 'method of a class'],
  [new Function('return 5') as () => number, 5],
])('%s gives %j', (fn, value) => {
  expect((remade(fn) as () => unknown)()).toEqual(value)
})

test('arguments arrive, also at methods and at functions that return promises', async () => {
  expect((remade(object.shorthand) as typeof object.shorthand)(1)).toBe(2)
  expect(await (remade(object.later) as typeof object.later)(3)).toBe(3)
  const generator = remade(function* () {
    yield 1
  }) as () => Generator<number>
  expect([...generator()]).toEqual([1])
})

test.each([
  [Math.max, 'max does not have: it is native or bound'],
  [(() => 1).bind(null), 'the function does not have: it is native or bound'],
  [class Server {}, 'Server is a class'],
  ['text', 'node.run takes a function or the URL of a module'],
  [null, 'node.run takes a function or the URL of a module'],
  [
    new Function('return (class { static #x() {} static f() { return this.#x() } }).f')(),
    'that of f cannot stand alone',
  ],
])('%s is refused', (what, message) => {
  expect(() => functionText(what as never)).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(message) }),
  )
})
