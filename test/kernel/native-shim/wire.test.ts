// The wire of a lab: what it is, what it answers, what it carries and what becomes of the links when it dies.
//
//   a ── wire ── b
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { refusing } from '../../support/refuse.js'
import { isAlive, namespace, runVerb, ShimLab, words } from '../../support/shim.js'
import { WireLab } from '../../support/wire/wire-lab.js'

const ORDINARY_USER = 61_322

const labs: WireLab[] = []
async function startLab(uid = 0): Promise<WireLab> {
  const lab = await WireLab.start(uid)
  labs.push(lab)
  return lab
}
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close()
})

const only = <T>(list: readonly T[]): T => {
  expect(list).toHaveLength(1)
  return list[0] as T
}
const statusOf = (pid: number): string => readFileSync(`/proc/${pid}/status`, 'utf8')
const openFiles = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/\[[0-9]+\]/, ''))

const DELAY_20MS = ['direction', 'a', 'class', 'default', 'delay', 20_000_000]

describe.each([
  ['root', 0],
  ['an ordinary user', ORDINARY_USER],
])('of a lab of %s', (_, uid) => {
  test('a wire is a child of the keeper, without rights and descriptors of the lab', async () => {
    const lab = await startLab(uid)
    await lab.until(() => lab.processes().length === 1)
    const pid = only(lab.processes())
    const { keeper, lock } = { keeper: lab.lab.keeper.pid, lock: `${lab.lab.directory}/lock` }
    expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).toMatch(/^nslab: shimtest wire\0/)
    for (const kind of ['user', 'net']) expect(namespace(pid, kind)).not.toBe(namespace(keeper, kind))
    expect(namespace(pid, 'net')).toBe(readlinkSync(`/proc/${keeper}/fd/${lab.netnsFd}`))
    expect(statusOf(pid)).toMatch(/^Groups:\t *$/m)
    expect(statusOf(pid)).toMatch(/^NoNewPrivs:\t1$/m)
    expect(readFileSync(`/proc/${pid}/uid_map`, 'utf8')).toMatch(new RegExp(`^ *0 +${uid || 100_000} +1\n$`))
    expect(openFiles(pid)).not.toContain(lock)
    expect(new Set(openFiles(pid))).toEqual(new Set(['/dev/null', '/memfd:wire configuration (deleted)', 'socket:']))
    expect(readFileSync(`/proc/${pid}/timerslack_ns`, 'utf8')).toBe('1\n')
    expect(lab.ip('address show')).not.toContain('inet')
  })

  test('carries frames and follows requests, before and after the lab is committed', async () => {
    const lab = await startLab(uid)
    await lab.addLink(0)
    expect(await lab.ping()).toHaveLength(3)
    lab.commit()
    expect(await lab.wire(...lab.link(0, ...DELAY_20MS))).toEqual([{ ok: true }])
    const delays = await lab.ping()
    expect(delays).toHaveLength(3)
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(20)
    expect(Math.min(...delays)).toBeLessThan(35)
    const { ends, wire } = await lab.statistics()
    expect(ends.map(({ link, direction }) => [link, direction])).toEqual([
      [0, 'a'],
      [0, 'b'],
    ])
    expect(ends[0]?.delayNs.count).toBeGreaterThanOrEqual(3)
    expect(wire).toMatchObject({ restarts: 0, links: 1 })
  })

  test('a wire that is killed goes on with the same links once, and then leaves them down', async () => {
    const lab = await startLab(uid)
    await lab.addLink(0, { configuration: DELAY_20MS })
    await lab.addLink(1)
    await lab.wire('down', 1)
    lab.commit()
    const first = only(lab.processes())
    process.kill(first, 'SIGKILL')
    await lab.until(() => lab.processes().some((pid) => pid !== first))
    await lab.until(() => lab.hasCarrier('a', 0) && lab.hasCarrier('b', 0))
    expect((await lab.statistics()).wire).toMatchObject({ restarts: 1, links: 2 })
    expect(Math.min(...(await lab.ping()))).toBeGreaterThanOrEqual(20)
    expect(['a', 'b'].map((name) => lab.hasCarrier(name, 1))).toEqual([false, false])
    process.kill(only(lab.processes()), 'SIGKILL')
    await lab.until(() => !lab.hasCarrier('a', 0) && !lab.hasCarrier('b', 0) && lab.processes().length === 0)
    await setTimeout(100)
    expect(['a', 'b'].map((name) => lab.hasCarrier(name, 0))).toEqual([false, false])
    expect((await lab.request('statistics')).reports).toEqual([
      { error: { step: 'reach-wire', action: 'reach', object: "the lab's wire", errno: 111 } },
    ])
    expect(lab.zombies()).toBe(0)
    expect(isAlive(lab.lab.keeper.pid)).toBe(true)
  })
})

test('a wire that is killed keeps the links that are left when an interface of another one has vanished', async () => {
  const lab = await startLab()
  await lab.addLink(0)
  await lab.addLink(1)
  lab.ip('link del w0a')
  const first = only(lab.processes())
  process.kill(first, 'SIGKILL')
  await lab.until(() => lab.processes().some((pid) => pid !== first))
  await lab.until(() => lab.hasCarrier('a', 1) && lab.hasCarrier('b', 1))
  expect(await lab.ping(1)).toHaveLength(3)
  expect(lab.hasCarrier('b', 0)).toBe(false)
})

describe('requests', () => {
  test('starting a wire twice starts one', async () => {
    const lab = await startLab()
    expect(await lab.wire('start', 100_000)).toEqual([{ wire: { netnsFd: lab.netnsFd } }])
    lab.commit()
    expect(await lab.wire('start', 100_000)).toEqual([{ wire: { netnsFd: lab.netnsFd } }])
    only(lab.processes())
  })

  test('one that is refused changes nothing', async () => {
    const lab = await startLab()
    await lab.addLink(0)
    const slow = lab.link(0, ...DELAY_20MS)
    const refusals = [
      [[...slow, 'bogus'], "unknown word 'bogus'"],
      [[...slow, 'down', 9], 'there is no link 9'],
      [[...slow, 'link', 1, 55, 66], 'link 1: interface 55 No such device'],
      [[...slow, 'link', 1, 1_000_000, 1_000_001], 'link 1: interface 1000000 is an end of another link'],
      [[...slow, 'remove', 0, 'up', 0], 'there is no link 0'],
    ] as const
    for (const [spec, error] of refusals) expect(await lab.wire(...spec)).toEqual([{ refused: error }])
    expect(Math.min(...(await lab.ping()))).toBeLessThan(20)
    expect((await lab.statistics()).wire).toMatchObject({ links: 1 })
  })

  test('a client that is stopped or killed in the middle of a request does not keep others out for long', async () => {
    const lab = await startLab()
    await lab.addLink(0)
    const netns = `--net=/proc/${lab.lab.keeper.pid}/fd/${lab.netnsFd}`
    const half =
      'socket(S, 1, 1, 0) or die; connect(S, pack("S", 1) . "\\0nslab-wire") or die; syswrite(S, "remove\\0000\\0"); sleep shift'
    execFileSync('nsenter', [netns, 'perl', '-e', half, '0'])
    expect((await lab.statistics()).wire).toMatchObject({ links: 1 })
    const stopped = spawn('nsenter', [
      netns,
      'perl',
      '-e',
      `$| = 1; ${half.replace('sleep', 'print "sent\\n"; sleep')}`,
      '100',
    ])
    await once(stopped.stdout, 'data')
    expect((await lab.statistics()).wire).toMatchObject({ links: 1 })
    stopped.kill('SIGKILL')
  })

  test('one that the kernel does not send names the error', async () => {
    const lab = await startLab()
    lab.commit()
    const { pid, startTime } = lab.lab.keeper
    const args = ['--keeper', String(pid), '--start-time', String(startTime)]
    const before = refusing('sendto', 'ENOBUFS')
    const { reports } = await runVerb('wire', args, { spec: words(['statistics']), before })
    expect(reports).toEqual([
      { error: { step: 'reach-wire', action: 'send a request to', object: "the lab's wire", errno: 105 } },
    ])
  })

  test('the socket cannot be reached from the machine and from nodes', async () => {
    const lab = await startLab()
    const connect = 'socket(S, 1, 1, 0) or die; exit(connect(S, pack("S", 1) . "\\0nslab-wire") ? 0 : $!)'
    const perl = ['perl', '-e', connect]
    const netns = `--net=/proc/${lab.lab.keeper.pid}/fd/${lab.netnsFd}`
    expect(spawnSync('nsenter', [netns, ...perl]).status).toBe(0)
    expect(spawnSync('nsenter', ['-n', '-t', String(lab.lab.node('a').pid), ...perl]).status).toBe(111)
    expect(spawnSync(perl[0] as string, perl.slice(1)).status).toBe(111)
  })

  test('a lab without a wire says so', async () => {
    const lab = await ShimLab.start()
    const args = ['--keeper', String(lab.keeper.pid), '--start-time', String(lab.keeper.startTime), '--creator', '4']
    const { status, reports } = await runVerb('wire', args, { spec: words(['statistics']), fds: [lab.creatorFd] })
    expect({ status, reports }).toEqual({
      status: 1,
      reports: [{ error: { step: 'reach-wire', action: 'find', object: "the lab's wire", errno: 3 } }],
    })
    await lab.close()
  })
})

describe('the state of the ends', () => {
  test('a node whose interface goes down takes the carrier from the other node, as with a plain veth', async () => {
    const lab = await startLab()
    await lab.addLink(0)
    for (const [down, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      lab.lab.ip(down, 'link set e0 down')
      await lab.until(() => !lab.hasCarrier(other, 0))
      lab.lab.ip(down, 'link set e0 up')
      await lab.until(() => lab.hasCarrier('a', 0) && lab.hasCarrier('b', 0))
    }
    // Both, and back in the other order: neither end may stay down.
    lab.lab.ip('a', 'link set e0 down')
    lab.lab.ip('b', 'link set e0 down')
    await setTimeout(50)
    lab.lab.ip('a', 'link set e0 up')
    await setTimeout(50)
    expect(lab.hasCarrier('a', 0)).toBe(false)
    lab.lab.ip('b', 'link set e0 up')
    await lab.until(() => lab.hasCarrier('a', 0) && lab.hasCarrier('b', 0))
    expect(await lab.ping()).toHaveLength(3)
  })

  test('a link that is cut stays down until it is mended, also when it is configured meanwhile', async () => {
    const lab = await startLab()
    await lab.addLink(0)
    await lab.wire('down', 0)
    expect(['a', 'b'].map((name) => lab.hasCarrier(name, 0))).toEqual([false, false])
    await lab.wire(...lab.link(0))
    lab.lab.ip('a', 'link set e0 down', 'link set e0 up')
    await setTimeout(50)
    expect(['a', 'b'].map((name) => lab.hasCarrier(name, 0))).toEqual([false, false])
    // The same link with its ends exchanged, so with other interfaces.
    await lab.wire('link', 0, 1_000_001, 1_000_000)
    await setTimeout(50)
    expect(['a', 'b'].map((name) => lab.hasCarrier(name, 0))).toEqual([false, false])
    await lab.wire('up', 0)
    await lab.until(() => lab.hasCarrier('a', 0) && lab.hasCarrier('b', 0))
    expect(await lab.ping()).toHaveLength(3)
  })

  test('an interface that vanishes takes the carrier of the other end, and a new one brings the link back', async () => {
    const lab = await startLab()
    await lab.addLink(0)
    lab.ip('link del w0a')
    await lab.until(() => !lab.hasCarrier('b', 0))
    expect((await lab.statistics()).wire).toMatchObject({ links: 1 })
    const peer = `type veth peer name e0 netns ${lab.lab.node('a').pid}`
    lab.ip(`link add w0a index 1000000 mtu 65535 ${peer}`)
    lab.lab.ip('a', 'link set e0 up', 'addr add 10.0.0.1/24 dev e0')
    await lab.wire(...lab.link(0))
    await lab.until(() => lab.hasCarrier('a', 0) && lab.hasCarrier('b', 0))
    expect(await lab.ping()).toHaveLength(3)
  })
})

test('while the clock is stopped no frame comes through, and afterwards delays are as configured', async () => {
  const lab = await startLab()
  await lab.addLink(0, { configuration: ['direction', 'a', 'class', 'default', 'delay', 200_000_000] })
  await lab.ping(0, 1)
  const received = await lab.frames('b', 'receive', 'e0', '3000')
  const frame = Buffer.from(`${'00'.repeat(10)}ffffffffffff02000000000188b5${'00'.repeat(46)}`, 'hex')
  lab.sendFrames('a', 'e0', [frame])
  await lab.wire('pause')
  await setTimeout(500)
  expect((await lab.statistics()).ends[0]?.queued).toBeGreaterThan(0)
  await lab.wire('resume')
  expect(await received()).toHaveLength(1)
  expect(Math.min(...(await lab.ping()))).toBeGreaterThanOrEqual(200)
})

test('the end of a lab ends its wire', async () => {
  const lab = await startLab()
  await lab.until(() => lab.processes().length === 1)
  const pid = only(lab.processes())
  await lab.close()
  labs.length = 0
  expect(isAlive(pid)).toBe(false)
})
