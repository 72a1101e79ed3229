// Sysctls of a topology: those of a node's namespaces are set; those of the whole machine are refused with the reason.
import { readFileSync } from 'node:fs'
import { expect, onTestFinished } from 'vitest'
import { processesOf, test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

const topology = (key: string, value: string) => `nodes: {a: {}, b: {sysctls: {${key}: '${value}'}}}`

test.for([
  ['net.core.rmem_max', '/proc/sys/net/core/rmem_max', 'belongs to the whole machine'],
  ['vm.swappiness', '/proc/sys/vm/swappiness', 'belongs to the whole machine'],
  ['net.ipv4.nope', null, 'no such sysctl'],
] as const)('%s is refused, for root and for a user', ([key, path, reason], { nslab }) => {
  const user = new TestUser(61_004)
  onTestFinished(() => user[Symbol.dispose]())
  const before = path && readFileSync(path, 'utf8')
  for (const run of [nslab, user.nslab.bind(user)]) {
    const name = uniqueName('sysctl')
    const up = run(['up', '-', '--name', name], { input: topology(key, '77') })
    expect(up.status).toBe(4)
    expect(up.stderr).toContain(`cannot write sysctl (b: ${key}): E`)
    expect(up.stderr).toContain(reason)
    expect(processesOf(name)).toEqual([])
  }
  expect(path && readFileSync(path, 'utf8')).toBe(before)
})

test('one that has the value already is fine, whoever owns it', ({ nslab }) => {
  const name = uniqueName('sysctl')
  const now = readFileSync('/proc/sys/net/core/rmem_max', 'utf8').trim()
  expect(nslab(['up', '-', '--name', name], { input: topology('net.core.rmem_max', now) })).toMatchObject({ status: 0 })
})

test('a node’s own is set, in that node alone', ({ nslab }) => {
  const name = uniqueName('sysctl')
  nslab(['up', '-', '--name', name], { input: topology('net.ipv4.ip_local_port_range', '2000 3000') })
  const range = (node: string) =>
    nslab(['exec', `${name}/${node}`, '--', 'cat', '/proc/sys/net/ipv4/ip_local_port_range']).stdout
  expect(range('b')).toBe('2000\t3000\n')
  expect(range('a')).not.toBe('2000\t3000\n')
})
