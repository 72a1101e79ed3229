// A watch that cannot keep up says so, and one whose output nobody reads holds up nothing.
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { Lab } from '../../../../src/lab/lab.js'
import { hostInterfaces, ROOT, test, uniqueName } from '../../../support/lab.js'
import { Watching } from '../../../support/watching.js'

const PAIR = 'nodes: { h1: {}, h2: {} }\nlinks: [[h1, h2]]\n'
const ROUTES = 10_000

/** Lines for `ip -batch` that add routes. */
const batch = Array.from(
  { length: ROUTES },
  (_, at) => `route add 10.${100 + Math.floor(at / 250)}.${at % 250}.0/24 via 10.0.0.1\n`,
).join('')

const addRoutes = async (pid: number): Promise<void> => {
  const child = spawn('nsenter', ['-t', String(pid), '-n', 'ip', '-batch', '-'], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  child.stdin.end(batch)
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
}

/** Network namespaces that a process keeps alive: descriptors of namespaces, and netlink sockets. */
function heldBy(pid: number): string[] {
  const netlink = readFileSync(`/proc/${pid}/net/netlink`, 'utf8')
  const inodes = new Set(netlink.split('\n').map((line) => line.trim().split(/ +/).at(-1)))
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`)
      const [, inode] = /^socket:\[([0-9]+)\]$/.exec(target) ?? []
      // A netlink socket of another namespace is in no list of this one's, and neither is one of a Unix socket.
      return target.startsWith('net:') || (inode !== undefined && !inodes.has(inode) && Number(fd) > 2) ? [target] : []
    } catch {
      return []
    }
  })
}

test.for([
  ['the size that root may have', undefined],
  ['a small one', 20_000],
] as const)(
  '10,000 routes in a second are all known in the end, with a queue of %s',
  async ([, queueBytes], { stateDirectory }) => {
    expect(stateDirectory).toBeTruthy()
    await using lab = await Lab.up(PAIR.replace(/^/, `name: ${uniqueName('watch')}\n`))
    const known = new Set<string>()
    let lost = 0
    const watch = lab.watch({ events: ['route'], ...(queueBytes === undefined ? {} : { queueBytes }) })
    const added = addRoutes(lab.node('h1').pid)
    for await (const event of watch) {
      if (event.event === 'lost') lost++
      if (event.event !== 'route') continue
      expect(event.action).toBe('add')
      // Each is told once.
      expect(known.has(event.destination)).toBe(false)
      known.add(event.destination)
      if (known.size === ROUTES) break
    }
    await added
    if (queueBytes === undefined) expect(lost).toBe(0)
    else expect(lost).toBeGreaterThan(0)
  },
)

test('what a loop leaves is closed', async ({ stateDirectory }) => {
  expect(stateDirectory).toBeTruthy()
  await using lab = await Lab.up(PAIR.replace(/^/, `name: ${uniqueName('watch')}\n`))
  const open = () => readdirSync('/proc/self/fd').length
  // The first opens what stays, such as koffi's library.
  for await (const _ of lab.watch()) break
  await setTimeout(50)
  const before = open()
  for (let round = 0; round < 20; round++) for await (const _ of lab.watch()) break
  const abort = new AbortController()
  const watch = lab.watch({ signal: abort.signal })
  abort.abort()
  expect(await watch.next()).toEqual({ done: true, value: undefined })
  await setTimeout(50)
  expect(open()).toBeLessThanOrEqual(before)
})

test('a watch whose standard output is full lets go of the lab when it is down, and tells what it dropped', async ({
  nslab,
  stateDirectory,
}) => {
  const name = uniqueName('watch')
  const device = `nsw${process.pid}`
  spawnSync('ip', ['tuntap', 'add', device, 'mode', 'tap'])
  onTestFinished(() => void spawnSync('ip', ['link', 'delete', device]))
  const input = `nodes: { h1: { interfaces: { eth9: { device: ${device} } } }, h2: {} }\nlinks: [[h1, h2]]\n`
  expect(nslab(['up', '-', '--name', name], { input })).toMatchObject({ status: 0 })
  expect(hostInterfaces()).not.toContain(device)
  const [{ pid }] = nslab(['inspect', name, '--json']).json().nodes
  const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'watch', name, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  const watcher = child.pid as number
  const netns = readlinkSync(`/proc/${pid}/ns/net`)
  try {
    // The first line is not read either.
    await expect.poll(() => heldBy(watcher).length, { timeout: 20_000 }).toBeGreaterThan(0)
    await setTimeout(300)
    for (let round = 0; round < 3; round++) {
      await addRoutes(pid)
      expect(spawnSync('nsenter', ['-t', String(pid), '-n', 'ip', 'route', 'flush', 'proto', 'boot']).status).toBe(0)
    }
    expect(nslab(['down', name])).toMatchObject({ status: 0 })
    await expect.poll(() => heldBy(watcher), { timeout: 1000 }).toEqual([])
    expect(spawnSync('lsns', ['-t', 'net', '-n', '-o', 'NS'], { encoding: 'utf8' }).stdout).not.toContain(
      netns.slice(5, -1),
    )
    expect(hostInterfaces()).toContain(device)
    expect(child.exitCode).toBeNull()

    let text = ''
    for await (const chunk of child.stdout) text += chunk
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.find(({ event, action }) => event === 'lost' && action === 'behind')?.count).toBeGreaterThan(0)
    expect(events.at(-1)).toMatchObject({ event: 'lab', action: 'down' })
  } finally {
    child.kill('SIGKILL')
  }
})

test('kill -9 of a watch leaves nothing, and of the keeper ends the watch', async ({ nslab, stateDirectory }) => {
  const name = uniqueName('watch')
  expect(nslab(['up', '-', '--name', name], { input: PAIR })).toMatchObject({ status: 0 })
  const env = { NSLAB_STATE_DIR: stateDirectory }
  using killed = await Watching.begin({ env, args: [name] })
  using other = await Watching.begin({ env, args: [name] })
  killed.process.kill('SIGKILL')
  await killed.ended
  expect(readdirSync(join(stateDirectory, name)).sort()).toEqual(expect.arrayContaining(['lock', 'state.json']))
  const { keeper } = nslab(['inspect', name, '--json']).json()
  process.kill(keeper.pid, 'SIGKILL')
  expect(await other.ended).toBe(0)
  expect(other.events.at(-1)).toMatchObject({ event: 'lab', action: 'down' })
  expect(other.stderr).toBe('')
})

test('a reader that goes away ends the watch', async ({ nslab, stateDirectory }) => {
  const name = uniqueName('watch')
  expect(nslab(['up', '-', '--name', name], { input: PAIR })).toMatchObject({ status: 0 })
  const words = `${process.execPath} ${join(ROOT, 'bin/run.js')} watch ${name} | head -n 1`
  const child = spawn('bash', ['-c', `set -o pipefail; ${words}`], {
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  let said = ''
  child.stdout.on('data', (text) => {
    said += text
    nslab(['exec', `${name}/h1`, '--', 'ip', 'link', 'set', 'eth0', 'mtu', '1400'])
  })
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
  expect(said).toMatch(/lab .* is watched: 2 nodes/)
})
