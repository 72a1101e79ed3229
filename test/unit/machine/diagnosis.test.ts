import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lackText, remedyText } from '../../../src/features.js'
import type { Check } from '../../../src/machine/check.js'
import { diagnose } from '../../../src/machine/diagnosis.js'
import type { Facts } from '../../../src/machine/facts.js'
import {
  debian10,
  docker,
  dockerUnconfined,
  EACCES,
  EINVAL,
  ENOENT,
  ENOSPC,
  forNamespaces,
  microvm,
  server,
  ubuntu2404,
  user,
} from './sample.js'

const check = (facts: Facts, name: string): Check => {
  const found = diagnose(facts).checks.find((each) => each.name === name)
  if (!found) throw new Error(`no check ${name}`)
  return found
}
const notOk = (facts: Facts): string[] =>
  diagnose(facts)
    .checks.filter(({ status }) => status !== 'ok')
    .map(({ name }) => name)
const MACHINES = { server, user, ubuntu2404, debian10, docker, dockerUnconfined, microvm }

test('a machine that has everything is ok in every respect', () => {
  expect(notOk(server)).toEqual([])
  expect(notOk(user)).toEqual([])
  expect(diagnose(user)).toMatchObject({ ok: true })
})

describe.each(Object.entries(MACHINES))('%s', (_, facts) => {
  test('has the same checks as any other, each once', () => {
    const names = diagnose(facts).checks.map(({ name }) => name)
    expect(names).toEqual(diagnose(server).checks.map(({ name }) => name))
    expect(new Set(names).size).toBe(names.length)
  })

  test('has a cost and a remedy for exactly what is not ok', () => {
    for (const { name, status, cost, remedy } of diagnose(facts).checks) {
      expect({ name, hasCost: Boolean(cost), hasRemedy: Boolean(remedy) }).toEqual({
        name,
        hasCost: status !== 'ok',
        hasRemedy: status !== 'ok',
      })
    }
  })
})

test('a kernel without kinds of devices names each, in the words of the errors', () => {
  expect(notOk(microvm)).toEqual(['link.vlan', 'link.dummy', 'link.vrf', 'link.wireguard', 'qdisc.netem'])
  expect(diagnose(microvm).ok).toBe(true)
  expect(check(microvm, 'link.vlan')).toMatchObject({
    status: 'missing',
    detail: 'this kernel lacks 802.1Q VLANs (link kind vlan)',
    cost: 'no VLAN interfaces',
    remedy: expect.stringContaining('CONFIG_VLAN_8021Q (module 8021q)'),
  })
  expect(check(microvm, 'qdisc.netem')).toMatchObject({
    detail: lackText('qdisc', 'netem'),
    remedy: remedyText('qdisc', 'netem'),
  })
})

test('without veth no lab can be made', () => {
  const unknown = { errno: 95, extack: undefined, isUnknown: true }
  const facts = { ...server, links: new Map([...server.links, ['veth', unknown] as const]) }
  expect(diagnose(facts)).toMatchObject({ ok: false, nodes: { fit: 0, limitedBy: 'link.veth' } })
})

test('root of a container without a capability is told which, and how to get it', () => {
  const facts = { ...server, lackedCapabilities: ['CAP_SYS_ADMIN'] }
  expect(diagnose(facts)).toMatchObject({ ok: false, nodes: { fit: 0, limitedBy: 'capabilities' } })
  expect(check(facts, 'capabilities')).toMatchObject({
    detail: 'root has no CAP_SYS_ADMIN, as in a container',
    remedy: '`docker run --cap-add SYS_ADMIN`, or --privileged',
  })
})

test('Ubuntu 24.04: AppArmor is named, and how to lift it', () => {
  expect(diagnose(ubuntu2404)).toMatchObject({ ok: false, nodes: { fit: 0, limitedBy: 'namespace.user' } })
  expect(check(ubuntu2404, 'namespace.user')).toMatchObject({
    status: 'missing',
    detail: expect.stringContaining('kernel.apparmor_restrict_unprivileged_userns=1'),
    remedy: expect.stringContaining('sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'),
  })
  // Something that was not tried is not reported as missing from the kernel.
  expect(check(ubuntu2404, 'namespace.net')).toMatchObject({ status: 'limited', remedy: 'see namespace.user' })
  expect(check(ubuntu2404, 'link.vrf')).toMatchObject({
    status: 'limited',
    detail: expect.stringMatching(/^not tried: .*apparmor/),
  })
})

test('Ubuntu 24.04, to root: labs can be made, by root only', () => {
  const facts = { ...server, sysctls: ubuntu2404.sysctls }
  expect(diagnose(facts).ok).toBe(true)
  expect(notOk(facts)).toEqual(['unprivileged'])
  expect(check(facts, 'unprivileged')).toMatchObject({
    cost: 'labs of root only',
    remedy: expect.stringContaining('apparmor_restrict_unprivileged_userns=0'),
  })
})

test('an old kernel: too old, no time namespaces, and the sysctl that forbids the others', () => {
  expect(diagnose(debian10).ok).toBe(false)
  expect(check(debian10, 'kernel')).toMatchObject({ status: 'missing', detail: '4.19.0-27-amd64, older than 5.9' })
  expect(check(debian10, 'namespace.time')).toMatchObject({
    status: 'missing',
    detail: 'this kernel lacks CONFIG_TIME_NS',
    required: false,
  })
  expect(check(debian10, 'unprivileged')).toMatchObject({
    detail: expect.stringContaining('kernel.unprivileged_userns_clone=0'),
    remedy: expect.stringContaining('sysctl -w kernel.unprivileged_userns_clone=1'),
  })
})

test.each([
  ['5.8.0', false],
  ['5.9.0-rc1', true],
  ['5.10.0-34-amd64', true],
  ['6.0', true],
  ['4.99.9', false],
])('Linux %s: enough is %s', (release, enough) => {
  expect(diagnose({ ...server, release }).ok).toBe(enough)
})

test('Docker: nothing can be made, and --privileged helps', () => {
  expect(diagnose(docker).ok).toBe(false)
  expect(check(docker, 'namespace.user').remedy).toContain('docker run --privileged')
  // Settings that restrict other users do not apply to root.
  expect(check({ ...docker, sysctls: ubuntu2404.sysctls }, 'namespace.user').detail).not.toContain('apparmor')
})

test('Docker with a masked /proc: labs, but no routers; what hides it is named', () => {
  const { ok, nodes } = diagnose(dockerUnconfined)
  expect({ ok, nodes }).toMatchObject({ ok: true, nodes: { fit: 500, limitedBy: 'pids.max of this cgroup' } })
  expect(notOk(dockerUnconfined)).toEqual(['mount.proc', 'mount.sysfs', 'proc.sys', 'limit.pids'])
  expect(check(dockerUnconfined, 'mount.proc')).toMatchObject({
    detail: expect.stringContaining('/proc/acpi, /proc/kcore, /proc/keys, …'),
    cost: expect.stringContaining('no forwarding'),
  })
  expect(check(dockerUnconfined, 'mount.sysfs').detail).toContain('/sys/firmware')
  expect(check(dockerUnconfined, 'proc.sys')).toMatchObject({ status: 'limited', detail: '/proc/sys is read-only' })
})

test('user.max_user_namespaces=0 is named, to root as to others', () => {
  const sysctls = { ...server.sysctls, maxNamespaces: forNamespaces(() => 0) }
  const namespaces = forNamespaces(() => ({ inKernel: true, errno: ENOSPC }))
  for (const uid of [0, 1000]) {
    const found = check({ ...server, uid, namespaces, sysctls }, 'namespace.user')
    expect(found.detail).toContain('user.max_user_namespaces=0')
    expect(found.remedy).toContain('sysctl -w user.max_user_namespaces=')
  }
  expect(check({ ...server, sysctls }, 'unprivileged').detail).toContain('user.max_user_namespaces=0')
})

const withIds = (facts: Facts, ids: Partial<Facts['subordinateIds']>): Facts => ({
  ...facts,
  subordinateIds: { ...facts.subordinateIds, ...ids },
})

test('without subordinate ids a node has one user; what is missing of them is named', () => {
  const none = withIds(user, { uids: [], gids: [], hasHelpers: false, free: 165_536 })
  expect(diagnose(none).ok).toBe(true)
  expect(check(none, 'subids')).toMatchObject({
    status: 'limited',
    cost: expect.stringContaining('daemons that change user'),
    remedy: '`apt-get install uidmap`, and lines `1000:165536:65536` in /etc/subuid and /etc/subgid',
  })
  expect(check(withIds(user, { hasHelpers: false }), 'subids').remedy).toBe('`apt-get install uidmap`')
  expect(check(withIds(user, { gids: [] }), 'subids').remedy).not.toContain('apt-get')
})

test('a group that newuidmap refuses is named', () => {
  expect(check(withIds(user, { foreignGroup: 998 }), 'subids')).toMatchObject({
    status: 'limited',
    detail: "65536 uids, 65536 gids, newuidmap refuses a process of group 998, not the user's own",
    remedy: 'leave the shell of newgrp(1) or sg(1), or log in again',
  })
  expect(check(withIds(server, { foreignGroup: 998 }), 'subids').status).toBe('ok')
})

test('root of a user namespace has the ids that this was given', () => {
  const detailOf = (uids: Facts['subordinateIds']['uids']) =>
    check(withIds(server, { uids, gids: uids, hasHelpers: false }), 'subids')
  expect(check(server, 'subids')).toMatchObject({
    status: 'ok',
    detail: 'uids 100000 to 165535, gids 100000 to 165535',
  })
  expect(detailOf([{ start: 1, count: 65_535 }]).status).toBe('ok')
  expect(detailOf([{ start: 0, count: 1 }])).toMatchObject({
    status: 'limited',
    detail: 'uids 0, gids 0',
    cost: expect.stringContaining('one user'),
  })
  expect(
    detailOf([
      { start: 1, count: 9 },
      { start: 50, count: 1 },
    ]),
  ).toMatchObject({ status: 'limited', detail: 'uids 1 to 9 and 50, gids 1 to 9 and 50' })
})

test('lines of /etc/subuid that are not used are named', () => {
  const unused = ['/etc/subuid: root:1001:1 contains 1001, the id of user alice']
  expect(check(withIds(server, { unused }), 'subids')).toMatchObject({
    status: 'ok',
    detail: expect.stringContaining(`not used: ${unused[0]}`),
  })
})

test('/dev/net/tun: not there, for root only, for all', () => {
  expect(check({ ...server, tun: { errno: ENOENT, openToAll: false } }, 'tun').status).toBe('missing')
  // On the machine, root of a node is an unprivileged user.
  expect(check({ ...server, tun: { errno: 0, openToAll: false } }, 'tun').status).toBe('limited')
  expect(check({ ...user, tun: { errno: EACCES, openToAll: false } }, 'tun').status).toBe('limited')
})

test('a kind that the kernel has and refuses is not said to be missing', () => {
  const refused = { errno: EINVAL, extack: 'Invalid something', isUnknown: false }
  const facts = { ...server, links: new Map([...server.links, ['vxlan', refused] as const]) }
  expect(check(facts, 'link.vxlan')).toMatchObject({ status: 'limited', detail: 'refused: EINVAL: Invalid something' })
})

test('no nftables, no IPv6, no cgroups', () => {
  const nftables = { errno: EINVAL, extack: undefined, isUnknown: true }
  const facts: Facts = { ...server, nftables, ipv6: false, cgroups: 'none' }
  expect(notOk(facts)).toEqual(['cgroups', 'nftables', 'ipv6'])
})

describe('nodes', () => {
  const limitedBy = (facts: Facts) => diagnose(facts).nodes

  test.each([
    ['memory', { memoryFree: 454 * 1024 * 100 }, 100],
    ['open files', { openFiles: 292 }, 100],
    ['process ids', { pids: 1310, tasks: 900 }, 100],
    ['pids.max of this cgroup', { cgroupTasksFree: 100 }, 100],
    ["this user's processes", { processes: 140, ownTasks: 40 }, 100],
    ['memory', { memoryFree: 0 }, 0],
    ['open files', { openFiles: 3 }, 0],
  ])('fit as far as %s goes', (name, limits, fit) => {
    expect(limitedBy({ ...user, limits: { ...user.limits, ...limits } })).toMatchObject({ fit, limitedBy: name })
  })

  test('fit as far as there are namespaces, but for those of time', () => {
    const maxNamespaces = { ...server.sysctls.maxNamespaces, net: 100, time: 1, ipc: null }
    expect(limitedBy({ ...server, sysctls: { ...server.sysctls, maxNamespaces } })).toMatchObject({
      fit: 100,
      limitedBy: 'user.max_net_namespaces',
    })
  })

  test('are the least of what each limit allows; a limit on processes does not bind root', () => {
    fc.assert(
      fc.property(
        fc.record({ openFiles: fc.nat(), pids: fc.nat(), memoryFree: fc.nat(), processes: fc.nat() }),
        (some) => {
          const facts = { ...server, limits: { ...server.limits, ...some } }
          const { fit, limits } = diagnose(facts).nodes
          expect(fit).toBe(Math.min(...limits.map(({ nodes }) => nodes)))
          expect(fit).toBeGreaterThanOrEqual(0)
          expect(limits.map(({ name }) => name)).not.toContain("this user's processes")
        },
      ),
    )
  })
})

test.each([
  [1024, 32],
  [65, 8],
  [2, 2],
  [0, 1],
])('with %i neighbour entries the largest full mesh has %i nodes', (entries, nodes) => {
  const neighbours = { ipv4: entries, ipv6: 65_536 }
  const found = check({ ...server, sysctls: { ...server.sysctls, neighbours } }, 'limit.neighbours.ipv4')
  expect(found.cost).toContain(`more than ${nodes} nodes`)
  expect(nodes * (nodes - 1)).toBeLessThanOrEqual(entries)
  expect((nodes + 1) * nodes).toBeGreaterThan(entries)
})
