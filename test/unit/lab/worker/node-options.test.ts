// A worker has the options of Node.js that say how modules are loaded, and none that say what the program runs.
import { expect, test } from 'vitest'
import { workerOptions, workerVariables } from '../../../../src/lab/worker/node-options.js'

test.each([
  ['--import tsx --conditions=development', '--import tsx --conditions=development'],
  ['--import nslab/user-namespace --import=tsx', '--import=tsx'],
  ['--import=nslab/user-namespace -r ./setup.cjs', '-r ./setup.cjs'],
  ['--require /x/node_modules/vitest/suppress-warnings.cjs --no-warnings', '--no-warnings'],
  ['--inspect-brk=0 --experimental-strip-types', '--experimental-strip-types'],
  ['--test --test-reporter=tap --watch -C import', '-C import'],
  ['--input-type=module -e 1+1', ''],
  ['--test-name-pattern foo --test-reporter spec --test-timeout 5 --import tsx', '--import tsx'],
  ['--inspect-port 0 --watch-path src --cpu-prof --cpu-prof-dir out --import tsx', '--import tsx'],
  ['--inspect --import tsx --test-only --no-warnings', '--import tsx --no-warnings'],
  ['--input-type module --conditions x', '--conditions x'],
  ['--enable-source-maps --eval=1', '--enable-source-maps'],
])('%s: %s', (words, kept) => {
  expect(workerOptions(words.split(' '))).toEqual(kept === '' ? [] : kept.split(' '))
  expect(workerVariables({ NODE_OPTIONS: words })).toEqual(kept === '' ? {} : { NODE_OPTIONS: kept })
})

test('variables that are about other things stay', () => {
  expect(workerVariables({ NODE_ENV: 'test', NODE_TEST_CONTEXT: 'child-v8', PASSWORD: 'x' })).toEqual({
    NODE_ENV: 'test',
  })
})
