// A lab is not said to be down while its cgroups stay.
import { readdirSync } from 'node:fs'
import { constants } from 'node:os'
import { expect, vi } from 'vitest'
import { takeDown } from '../../../../src/lab/end/down.js'
import { cgroupPlace, hasCgroups } from '../../../support/cgroups.js'
import { processesOf, test, uniqueName } from '../../../support/lab.js'

const { unreadable } = vi.hoisted(() => ({ unreadable: new Set<string>() }))

// Reading a file of `unreadable` fails with EIO.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const readFileSync = ((...args: Parameters<typeof fs.readFileSync>) => {
    if (!unreadable.has(String(args[0]))) return fs.readFileSync(...args)
    throw Object.assign(new Error('EIO'), { code: 'EIO', errno: -constants.errno.EIO })
  }) as typeof fs.readFileSync
  return { ...fs, readFileSync }
})

test('down fails while the mounts of cgroups cannot be read, and gc removes the cgroups later', async ({ nslab }) => {
  if (!hasCgroups()) return
  const name = uniqueName('cg')
  const cgroups = () => readdirSync(cgroupPlace() as string).filter((each) => each.startsWith(`nslab.${name}.`))
  expect(nslab(['up', '-', '--name', name], { input: 'nodes: {a: {}}' }).status).toBe(0)
  expect(cgroups()).toHaveLength(1)

  unreadable.add('/proc/self/mountinfo')
  try {
    await expect(takeDown([name])).rejects.toMatchObject({
      code: 'CLEANUP_INCOMPLETE',
      message: expect.stringContaining('/proc/self/mountinfo): EIO'),
    })
  } finally {
    unreadable.clear()
  }
  expect(processesOf(name)).toEqual([])
  expect(cgroups()).toHaveLength(1)

  expect(nslab(['gc', '--json']).json()).toEqual({ removed: [name] })
  expect(cgroups()).toEqual([])
})
