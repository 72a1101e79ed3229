// Every shape, small: its topology is generated, piped into `up -`, pinged from all hosts at once, and taken down.
import { expect } from 'vitest'
import { processesOf, test, uniqueName } from '../../support/lab.js'

test.for([
  'chain 3',
  'ring 4',
  'star 4',
  'full 4',
  'tree 2 2',
  'grid 2 3',
  'torus 3 3',
  'clos --leaves 3 --spines 2 --hosts 2 --super-spines 1',
  'fat-tree 2',
  'random 6 --degree 3 --seed 7',
  'dumbbell 2 3',
])('%s', (words, { nslab }) => {
  const name = uniqueName('shape')
  const { stdout, status } = nslab(['generate', ...words.split(' '), '--name', name])
  expect(status).toBe(0)
  expect(stdout).toContain(`# nslab generate ${words}`)
  expect(nslab(['up', '-'], { input: stdout })).toMatchObject({ status: 0 })
  for (const family of ['-4', '-6']) {
    const ping = nslab(['ping', '--all', '--lab', name, family])
    expect(ping.status, ping.stdout).toBe(0)
  }
  expect(nslab(['down', name])).toMatchObject({ status: 0 })
  expect(processesOf(name)).toEqual([])
})

test('what cannot be made is wrong usage, with the right one', ({ nslab }) => {
  const { status, stderr } = nslab(['generate', 'grid', '3'])
  expect(status).toBe(2)
  expect(stderr).toBe(
    'error: grid takes 2 numbers: ROWS, 1 or more; COLUMNS, 1 or more\nhint: usage: nslab generate grid ROWS COLUMNS [--hosts H]\n',
  )
  expect(nslab(['generate', 'star', '3', '--json']).json()).toMatchObject({ name: 'star', nodes: 4, links: 3 })
})
