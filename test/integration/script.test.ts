// `plan --script`: what the kernel holds after the script is what it holds after `up`.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { type Cli, ROOT, test, uniqueName } from '../support/lab.js'
import { READ, readNetwork, ScriptLab } from '../support/script-lab.mjs'

const files = readdirSync(join(ROOT, 'topologies')).filter((file) => file.endsWith('.yaml'))

async function scriptLab(nslab: Cli, source: string, input?: string): Promise<ScriptLab> {
  const { status, stdout, stderr } = nslab(['plan', source, '--script'], input === undefined ? {} : { input })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const lab = await ScriptLab.run(stdout)
  onTestFinished(() => lab.close())
  return lab
}

/** @param anyIndex interfaces that iproute2 cannot give a number */
async function expectSame(nslab: Cli, lab: string, made: ScriptLab, anyIndex: readonly string[] = []): Promise<void> {
  const nodes: string[] = nslab(['inspect', lab, '--json'])
    .json()
    .nodes.map(({ name }: { name: string }) => name)
  expect(made.exec('ip', 'netns').match(/^\S+/gm)?.sort()).toEqual([...nodes].sort())
  for (const node of nodes) {
    const ofUp = () => readNetwork(nslab(['exec', `${lab}/${node}`, '--', 'sh', '-c', READ]).stdout, anyIndex)
    const ofScript = () => readNetwork(made.execIn(node, 'sh', '-c', READ), anyIndex)
    expect(ofUp().links?.length, node).toBeGreaterThan(1)
    // The state of a link follows its carrier within milliseconds; `up` waits for that.
    await expect.poll(ofScript, { timeout: 10_000, message: node }).toEqual(ofUp())
  }
}

describe.each(files)('%s', (file) => {
  test('its script makes in the kernel what up makes', async ({ nslab }) => {
    const [path, name] = [join('topologies', file), uniqueName('script')]
    const made = await scriptLab(nslab, path)
    expect(nslab(['up', path, '--name', name])).toMatchObject({ status: 0 })
    await expectSame(nslab, name, made)
  })
})
