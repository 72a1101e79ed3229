// `nslab doctor` on this machine, as root and as an unprivileged user, compared with the results of iproute2 commands and with the
// errors of the kernel layer.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, inject, test } from 'vitest'
import { KernelError } from '../../../../src/errors.js'
import { kindProbes, probeGround } from '../../../../src/kernel/netlink/rtnl/probe.js'
import { NetlinkSocket } from '../../../../src/kernel/netlink/socket.js'
import type { Check } from '../../../../src/machine/check.js'
import type { Diagnosis } from '../../../../src/machine/diagnosis.js'
import { isRoot, Scratch } from '../../../support/kernel-namespaces.js'
import { hostInterfaces } from '../../../support/lab.js'

const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
const USERS: [string, string[]][] = isRoot
  ? [
      ['root', []],
      ['an unprivileged user', NOBODY],
    ]
  : [['this user', []]]

/** Runs a command as a user. @returns its exit status and output */
function run(prefix: readonly string[], ...command: string[]) {
  const [file, ...args] = [...prefix, ...command] as [string, ...string[]]
  const env = { PATH: process.env.PATH, NO_COLOR: '1' }
  return spawnSync(file, args, { cwd: inject('readableCheckout'), encoding: 'utf8', env })
}

const doctor = (prefix: readonly string[], ...args: string[]) =>
  run(prefix, process.execPath, 'bin/run.js', 'doctor', ...args)

/** Runs shell commands as root of new user and network namespaces, made by unshare(1). */
const inScratch = (prefix: readonly string[], script: string) =>
  run(prefix, 'unshare', '--user', '--map-root-user', '--net', 'sh', '-c', script)

/** The iproute2 command that makes a device of the kind. */
const IP_COMMANDS: Record<string, string> = {
  vlan: 'ip link add d0 type veth && ip link add link d0 name x type vlan id 1',
  macvlan: 'ip link add d0 type veth && ip link add link d0 name x type macvlan',
  ipvlan: 'ip link add d0 type veth && ip link add link d0 name x type ipvlan',
  vxlan: 'ip link add x type vxlan id 1 dstport 4789',
  vrf: 'ip link add x type vrf table 10',
  geneve: 'ip link add x type geneve id 1 remote 192.0.2.1',
  gre: 'ip link add x type gre local 192.0.2.1 remote 192.0.2.2',
  gretap: 'ip link add x type gretap local 192.0.2.1 remote 192.0.2.2',
  ipip: 'ip link add x type ipip local 192.0.2.1 remote 192.0.2.2',
  sit: 'ip link add x type sit local 192.0.2.1 remote 192.0.2.2',
  ip6tnl: 'ip link add x type ip6tnl local 2001:db8::1 remote 2001:db8::2',
  ip6gre: 'ip link add x type ip6gre local 2001:db8::1 remote 2001:db8::2',
  ip6gretap: 'ip link add x type ip6gretap local 2001:db8::1 remote 2001:db8::2',
}
const TC_OPTIONS: Record<string, string> = {
  tbf: 'rate 1mbit burst 100k latency 10ms',
  red: 'limit 60000 min 5000 max 15000 avpkt 1000 burst 20 bandwidth 10mbit probability 0.02',
}

function commandFor(name: string): string {
  const [table, kind = ''] = name.split('.')
  if (table === 'link') return IP_COMMANDS[kind] ?? `ip link add x type ${kind}`
  if (table === 'filter') {
    const match = `protocol all prio 1 ${kind} match u32 0 0 flowid 1:1`
    return `ip link add d0 type veth && tc qdisc add dev d0 root handle 1: htb && tc filter add dev d0 parent 1: ${match}`
  }
  const where = kind === 'clsact' ? '' : 'root'
  return `ip link add d0 type veth && tc qdisc add dev d0 ${where} ${kind} ${TC_OPTIONS[kind] ?? ''}`
}

/** A variable in the environment of all processes that a run of doctor starts, to find them. */
const MARK = `NSLAB_TEST_MARK=doctor-${process.pid}`

/** Everything that doctor could leave behind: processes, interfaces, and mounts of the file systems that it tries. */
const leftovers = () => ({
  processes: readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(MARK)
    } catch {
      return false
    }
  }),
  interfaces: hostInterfaces(),
  mounts: readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.split(' ')[4] === '/tmp'),
})

describe.each(USERS)('to %s, doctor', (_, prefix) => {
  const { status, stdout, stderr } = doctor(prefix, '--json')
  const diagnosis = JSON.parse(stdout || '{}') as Diagnosis
  const check = (name: string): Check =>
    diagnosis.checks.find((each) => each.name === name) ?? expect.fail(`no check ${name}`)

  test('prints one document and nothing else', () => {
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(diagnosis).toMatchObject({ ok: true, nodes: { fit: expect.any(Number), limitedBy: expect.any(String) } })
    expect(diagnosis.nodes.fit).toBeGreaterThan(0)
  })

  test('says of each device, discipline and classifier what iproute2 finds', () => {
    const kinds = diagnosis.checks.filter(({ name }) => /^(?:link|qdisc|filter)\./.test(name))
    expect(kinds.length).toBe(kindProbes().length)
    for (const { name, status: found } of kinds) {
      const made = inScratch(prefix, commandFor(name))
      expect(`${name} ${found}`, made.stderr).toBe(`${name} ${made.status === 0 ? 'ok' : 'missing'}`)
    }
  })

  test('finds the namespaces that unshare(1) can make', () => {
    const options: Record<string, string> = { mnt: '--mount', pid: '--pid' }
    for (const kind of ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'time']) {
      const made = run(prefix, 'unshare', '--user', options[kind] ?? `--${kind}`, '--fork', 'true')
      expect(check(`namespace.${kind}`).status, kind).toBe(made.status === 0 ? 'ok' : 'missing')
    }
  })

  test('reads limits as the kernel has them', () => {
    const number = (path: string) => Number(readFileSync(path, 'utf8')).toLocaleString('en')
    for (const family of ['ipv4', 'ipv6']) {
      expect(check(`limit.neighbours.${family}`).detail).toContain(
        number(`/proc/sys/net/${family}/neigh/default/gc_thresh3`),
      )
    }
    const files = run(['prlimit', '--nofile=100:292'], ...prefix, process.execPath, 'bin/run.js', 'doctor', '--json')
    const limited = JSON.parse(files.stdout) as Diagnosis
    expect(limited.nodes).toMatchObject({ fit: 100, limitedBy: 'open files' })
  })

  test('leaves nothing', () => {
    const before = leftovers()
    expect(run([...prefix, 'env', MARK], process.execPath, 'bin/run.js', 'doctor').status).toBe(0)
    expect(leftovers()).toEqual({ ...before, processes: [] })
  })
})

describe('where namespaces may not be made', () => {
  // A user namespace without allowance for further ones behaves like a machine that forbids them.
  const forbid = ['unshare', '--user', '--map-root-user', '--mount', '--fork', 'sh', '-c']
  const limit = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$0" "$@"'

  test('doctor exits 4, says so first, and names the setting', () => {
    const prefix = [...forbid, limit]
    const { status, stdout } = doctor(prefix)
    expect(status, stdout).toBe(4)
    expect(stdout).toMatch(/^no lab can be made here:\n {2}namespace\.user: .*user\.max_user_namespaces=0/)
    const json = doctor(prefix, '--json')
    expect(json.status).toBe(4)
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, nodes: { fit: 0, limitedBy: 'namespace.user' } })
  })
})

describe.skipIf(!isRoot)('what the kernel lacks', () => {
  const { checks } = JSON.parse(doctor([], '--json').stdout) as Diagnosis
  const lacking = checks.filter(({ name, status }) => /^(?:link|qdisc|filter)\./.test(name) && status === 'missing')

  test('is said by an error in the same words, with exit code 4', async () => {
    using scratch = new Scratch()
    using socket = NetlinkSocket.open(scratch.fd)
    await socket.send([probeGround()])
    const refusals: string[] = []
    for (const { kind, request } of kindProbes()) {
      const error = await socket.send([request]).then(
        () => null,
        (thrown) => thrown,
      )
      if (error === null) continue
      const row = checks.find(({ name }) => name === `${kind.table}.${kind.name}`)
      expect(error).toBeInstanceOf(KernelError)
      expect(error).toMatchObject({ code: 'FEATURE_MISSING', exitCode: 4, hint: row?.remedy })
      expect(error.message).toBe(`cannot create ${kind.name} (${request.target}): ${row?.detail}`)
      refusals.push(`${kind.table}.${kind.name}`)
    }
    expect(refusals).toEqual(lacking.map(({ name }) => name))
  })

  test('is called as people call it', () => {
    const names: Record<string, string> = {
      'qdisc.netem': 'netem',
      'link.vlan': '802.1Q',
      'link.vrf': 'VRF',
      'link.wireguard': 'WireGuard',
      'link.dummy': 'dummy',
    }
    for (const { name, detail } of lacking) expect(detail).toContain(names[name] ?? '')
  })
})
