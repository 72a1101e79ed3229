// `up --watch` keeps a lab equal to its file, however an editor saves it.
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { ROOT, test, uniqueName } from '../../support/lab.js'
import { TestUser } from '../../support/user.js'

const UID = 61105

describe.each(['root', 'an ordinary user'])('as %s', (who) => {
  test('the lab follows its file and what that includes', async ({ nslab: asRoot, stateDirectory }) => {
    const user = who === 'root' ? null : new TestUser(UID)
    if (user) onTestFinished(() => user[Symbol.dispose]())
    const nslab = user ? user.nslab.bind(user) : asRoot
    const directory = mkdtempSync(join(tmpdir(), 'nslab-follow-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    chmodSync(directory, 0o755)
    if (user) chownSync(directory, user.uid, user.gid)
    const name = uniqueName('follow')
    const [file, included] = [join(directory, 'lab.yaml'), join(directory, 'more.yaml')]
    const text = (nodes: string, links: string) =>
      `name: ${name}\ninclude: [more.yaml]\nnodes: { ${nodes} }\nlinks: [${links}]\n`
    writeFileSync(included, 'nodes: { h9: {} }\n')
    writeFileSync(file, text('h1: {}, h2: {}', '[h1, h2]'))

    const child = spawn(process.execPath, [join(user?.checkoutPath ?? ROOT, 'bin/run.js'), 'up', '--watch', file], {
      env: {
        PATH: process.env.PATH,
        NO_COLOR: '1',
        NSLAB_STATE_DIR: user ? join(user.directory, 'labs') : stateDirectory,
      },
      cwd: '/',
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (more) => (said += more))
    const says = async (pattern: RegExp) => {
      await expect.poll(() => said, { timeout: 20_000 }).toMatch(pattern)
      said = ''
    }
    const nodes = () =>
      nslab(['inspect', name, '--json'])
        .json()
        .nodes.map((node: any) => `${node.name} ${node.pid}`)
    await says(/is applied at every save/)
    const first = nodes()

    writeFileSync(file, text('h1: {}, h2: {}, h3: {}', '[h1, h2], [h2, h3]'))
    await says(/as the file says now/)
    // What was there goes on.
    expect(nodes()).toEqual(expect.arrayContaining(first))
    expect(nodes()).toHaveLength(4)

    writeFileSync(file, text('h1: {}, h2: {}, h3: {}', '[h1, h2], [h2, h4]'))
    await says(/there is no node h4/)
    expect(nodes()).toHaveLength(4)

    // As editors do that write a new file: several times in a row.
    for (const mtu of [1300, 1350, 1400]) {
      writeFileSync(`${file}~`, text('h1: {}, h2: {}', `{ endpoints: [h1, h2], mtu: ${mtu} }`))
      renameSync(`${file}~`, file)
    }
    await says(/as the file says now/)
    expect(nodes()).toEqual(first)
    expect(nslab(['inspect', name, '--json']).json().links).toMatchObject([{ mtu: 1400 }])

    writeFileSync(included, 'nodes: { h9: {}, h8: {} }\n')
    await says(/as the file says now/)
    expect(nodes()).toHaveLength(4)

    child.kill('SIGINT')
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
    expect(said).toMatch(/stays up/)
    expect(nodes()).toHaveLength(4)
    expect(nslab(['down', name])).toMatchObject({ status: 0 })
  })
})

test('it ends when the lab is taken down, and needs a file', async ({ nslab, stateDirectory }) => {
  const name = uniqueName('follow')
  const file = join(stateDirectory, '..', `${name}.yaml`)
  onTestFinished(() => rmSync(file, { force: true }))
  writeFileSync(file, `name: ${name}\nnodes: { h1: {}, h2: {} }\nlinks: [[h1, h2]]\n`)
  expect(nslab(['up', '--watch', '-'], { input: '' })).toMatchObject({ status: 2 })
  // A lab that runs already is taken over.
  expect(nslab(['up', file])).toMatchObject({ status: 0 })
  const env = { ...process.env, NSLAB_STATE_DIR: stateDirectory }
  const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'up', '--watch', file, '--json'], { env })
  let said = ''
  let noted = ''
  child.stdout.on('data', (more) => (said += more))
  child.stderr.on('data', (more) => (noted += more))
  await expect.poll(() => noted, { timeout: 20_000 }).toMatch(/at every save/)
  writeFileSync(file, 'nodes: [')
  await expect.poll(() => said, { timeout: 20_000 }).toMatch(/TOPOLOGY_INVALID/)
  expect(nslab(['down', name])).toMatchObject({ status: 0 })
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
  const documents = said
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(documents).toMatchObject([{ lab: name, equal: true, applied: false }, { error: { code: 'TOPOLOGY_INVALID' } }])
})
