// Every example of docs/namespaces.md runs, as root and as an unprivileged user, and prints what the page shows.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { type Cli, ROOT, test } from '../../support/lab.js'
import { TestUser } from '../../support/user.js'

const PAGE = readFileSync(join(ROOT, 'docs/namespaces.md'), 'utf8')
const sections = PAGE.split(/^(?=## )/m)
const titleOf = (section: string) => section.slice(3, section.indexOf('\n'))
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1] as string)
const linesOf = (text: string) =>
  blocks(text, 'console').flatMap((block) => [...block.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)])

test('there is a section for each kind, with its clone flag, its man page and an example', () => {
  const kinds = ['ipc', 'net', 'mnt', 'pid', 'user', 'uts', 'cgroup', 'time']
  expect(sections.slice(1).map(titleOf)).toEqual([...kinds, 'The calls themselves'])
  for (const section of sections.slice(1, -1)) {
    expect(linesOf(section).length, titleOf(section)).toBeGreaterThan(0)
    expect(section, titleOf(section)).toMatch(/man7\/[a-z]+_namespaces\.7\.html/)
  }
})

/** Runs a line of shell in which `nslab` is the command of the checkout. */
type Shell = (line: string) => string

describe.each(['root', 'an unprivileged user'])('as %s', (who) => {
  test('the console examples say what they say', ({ nslab: rootCli, stateDirectory }) => {
    const { nslab, shell } = who === 'root' ? ofRoot(rootCli, stateDirectory) : ofUser()
    const [topology] = blocks(PAGE, 'yaml')
    expect(nslab(['up', '-'], { input: topology as string })).toMatchObject({ status: 0 })
    for (const [, line, output] of sections.flatMap(linesOf)) expect(shell(line as string), line).toBe(output)
  })
})

test('the library example says what it says', () => {
  const [script] = blocks(PAGE, 'js') as [string]
  const source = script.replace("'nslab'", JSON.stringify(join(ROOT, 'dist/index.js')))
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' })
  expect([stdout.trim(), stderr]).toEqual([/\/\/ (.*)$/m.exec(script)?.[1], ''])
})

function ofRoot(nslab: Cli, directory: string): { nslab: Cli; shell: Shell } {
  const bin = commandIn(directory, ROOT)
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, NSLAB_STATE_DIR: directory }
  const shell: Shell = (line) => {
    const { stdout, stderr } = spawnSync('sh', ['-c', line], { env, cwd: '/', encoding: 'utf8' })
    return `${stderr}${stdout}`
  }
  return { nslab, shell }
}

function ofUser(): { nslab: Cli; shell: Shell } {
  const alice = new TestUser(61_007)
  onTestFinished(() => alice[Symbol.dispose]())
  const bin = commandIn(alice.directory, alice.checkoutPath)
  const env = { PATH: `${bin}:${process.env.PATH}`, NSLAB_STATE_DIR: join(alice.directory, 'labs') }
  const shell: Shell = (line) => {
    const { stdout, stderr } = alice.run(['sh', '-c', line], { env })
    return `${stderr}${stdout}`
  }
  return { nslab: (args, options) => alice.nslab(args, options), shell }
}

/** A directory with the checkout's command. Labs are kept beside it, so it has a name that no lab can have. */
function commandIn(directory: string, checkout: string): string {
  const bin = join(directory, '.bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'nslab'), `#!/bin/sh\nexec "${process.execPath}" "${join(checkout, 'bin/run.js')}" "$@"\n`)
  chmodSync(bin, 0o755)
  chmodSync(join(bin, 'nslab'), 0o755)
  return bin
}
