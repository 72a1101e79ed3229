// Every example of docs/namespace-choice.md runs, and prints what the page shows.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { hasCgroups } from '../../support/cgroups.js'
import { ROOT, test } from '../../support/lab.js'

const PAGE = readFileSync(join(ROOT, 'docs/namespace-choice.md'), 'utf8')
const sections = PAGE.split(/^(?=## )/m).slice(1)
const titleOf = (section: string) => section.slice(3, section.indexOf('\n'))
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1] as string)

test('there is an example in every section', () => {
  expect(sections.map(titleOf)).toEqual(['What can be chosen', 'Users', 'time', 'cgroup'])
  for (const section of sections) expect(blocks(section, 'yaml')).toHaveLength(1)
})

for (const section of sections) {
  const cgroups = titleOf(section) === 'cgroup'
  test.skipIf(cgroups && !hasCgroups())(
    `the examples of "${titleOf(section)}" say what they say`,
    ({ nslab, stateDirectory }) => {
      // A directory in PATH in which `nslab` is the command of the checkout.
      const command = join(stateDirectory, 'nslab')
      writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'bin/run.js')}" "$@"\n`)
      chmodSync(command, 0o755)
      const env = { ...process.env, PATH: `${stateDirectory}:${process.env.PATH}`, NSLAB_STATE_DIR: stateDirectory }
      for (const topology of blocks(section, 'yaml')) {
        expect(nslab(['up', '-'], { input: topology }), topology).toMatchObject({ status: 0 })
      }
      for (const [, line, output] of blocks(section, 'console').flatMap((block) => [
        ...block.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm),
      ])) {
        const { stdout, stderr } = spawnSync('sh', ['-c', line as string], { env, cwd: '/', encoding: 'utf8' })
        expect(`${stdout}${stderr}`, line).toBe(output)
      }
      expect(execFileSync(command, ['down', '--all'], { env, encoding: 'utf8' })).toContain('is down')
    },
  )
}
