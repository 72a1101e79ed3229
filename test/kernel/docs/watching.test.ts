// docs/watching.md shows what `watch` says of the commands that it shows.
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ROOT, test } from '../../support/lab.js'
import { Watching } from '../../support/watching.js'

const page = readFileSync(join(ROOT, 'docs/watching.md'), 'utf8')
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1] as string)
const command = `nslab() { ${JSON.stringify(process.execPath)} ${join(ROOT, 'bin/run.js')} "$@"; }`

/** Without times, PIDs and addresses that differ from lab to lab. */
const lasting = (text: string): string =>
  text
    .replace(/^[\d:.]+ /gm, '')
    .replace(/PID \d+/g, 'PID')
    .replace(/address [\da-f:]+/g, 'address')

test('the session is what the program says', async ({ nslab, stateDirectory }) => {
  const [session = ''] = blocks('console')
  const [commands = '', filtered = ''] = blocks('sh')
  expect(nslab(['up', 'topologies/two-routers.yaml'])).toMatchObject({ status: 0 })
  const env = { ...process.env, NSLAB_STATE_DIR: stateDirectory }
  const shell = spawn('bash', ['-c', `${command}\n${session.split('\n')[0]?.slice(2)}`], { env })
  let said = ''
  shell.stdout.on('data', (text) => (said += text))
  await expect.poll(() => said, { timeout: 20_000 }).toContain('is watched')
  using some = await Watching.begin({ env, args: ['--node', 'r*', '--event', 'route,link'] })
  expect(filtered).toContain("--node 'r*' --event route,link")
  execFileSync('bash', ['-c', `set -e; ${command}\n${commands}`], { env, cwd: ROOT })
  await new Promise((resolve) => shell.on('close', resolve))
  expect(lasting(said)).toBe(lasting(session.slice(session.indexOf('\n') + 1)))
  await some.ended

  const documents =
    blocks('json')[0]
      ?.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)) ?? []
  for (const document of documents.filter(({ event }) => event !== 'node')) {
    const { at: _, mac: __, ...fields } = document
    const event = await some.until(fields)
    expect(Object.keys(event)).toEqual(Object.keys(document))
  }
})

test('the program runs', ({ stateDirectory }) => {
  const [script = ''] = blocks('js')
  const runnable = script
    .replace("'nslab'", JSON.stringify(join(ROOT, 'dist/index.js')))
    .replace("'nslab/user-namespace'", JSON.stringify(join(ROOT, 'dist/user-namespace.js')))
    // Node.js 20 does not know it.
    .replace('await using lab', 'const lab')
  const env = { ...process.env, NSLAB_STATE_DIR: stateDirectory }
  expect(
    execFileSync(process.execPath, ['--input-type=module', '-e', `${runnable}\nawait lab.down()`], {
      env,
      encoding: 'utf8',
    }),
  ).toBe('a eth0 1400\n')
})
