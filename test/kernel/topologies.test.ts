// Every shipped topology: it is brought up, every host pings every other at once on each address family, and it is taken down
// without leaving anything. Where links lose frames, some pings may be lost.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { type Cli, type CliResult, hostInterfaces, processesOf, ROOT, test, uniqueName } from '../support/lab.js'
import { expectLacked } from '../support/lacked.js'

const files = readdirSync(join(ROOT, 'topologies')).filter((file) => file.endsWith('.yaml'))

test('there are at least eight shipped topologies', () => {
  expect(files.length).toBeGreaterThanOrEqual(8)
})

describe.each(files)('%s', (file) => {
  test('passes one ping from every host to every host, without a retry, and leaves nothing', ({ nslab }) => {
    const name = uniqueName('topo')
    const path = join('topologies', file)
    const before = hostInterfaces()
    const up = nslab(['up', path, '--name', name])
    if (up.status === 4) expectLacked(path, up, nslab)
    else expectReachable(name, up, nslab, / loss: /.test(readFileSync(join(ROOT, path), 'utf8')))
    expect(processesOf(name)).toEqual([])
    expect(hostInterfaces()).toEqual(before)
    expect(nslab(['ls', '--json']).json()).toEqual({ labs: [] })
  })
})

function expectReachable(name: string, up: CliResult, nslab: Cli, isLossy: boolean): void {
  expect(up, up.stderr).toMatchObject({ status: 0 })
  const addresses = nslab(['export', name, '--table', 'addresses', '--json']).json()
  const scoped = addresses.filter((row: any) => row.scope === 'global')
  const families = [...new Set<number>(scoped.map((row: any) => row.family))].sort()
  expect(families.length).toBeGreaterThan(0)
  for (const family of families) {
    const ping = nslab(['ping', '--all', '--lab', name, `-${family}`, '--json'])
    const { sent, received, pairs } = ping.json()
    expect(sent).toBeGreaterThan(0)
    if (isLossy) {
      expect(received, `IPv${family}`).toBeGreaterThan(sent / 2)
      continue
    }
    expect(
      pairs.filter((pair: any) => pair.received !== pair.sent),
      `IPv${family}`,
    ).toEqual([])
    expect([received, ping.status]).toEqual([sent, 0])
  }
  const down = nslab(['down', name])
  expect(down, down.stderr).toMatchObject({ status: 0 })
}
