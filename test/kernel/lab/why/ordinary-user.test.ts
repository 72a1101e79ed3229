// `nslab why` as an ordinary user types it: the printed command mends the lab.
import { expect } from 'vitest'
import { test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

// h1 ── r1 ── h2
const ROUTER = 'nodes: { h1: {}, r1: { kind: router }, h2: {} }\nlinks: [[h1, r1], [r1, h2]]\n'

test('an ordinary user breaks a lab, asks why, and types what is printed', () => {
  using user = new TestUser(61_222)
  const lab = uniqueName('why2')
  expect(user.nslab(['up', '-', '--name', lab], { input: ROUTER })).toMatchObject({ status: 0 })
  const exec = (node: string, command: string) =>
    expect(user.nslab(['exec', `${lab}/${node}`, '--', 'sh', '-c', command])).toMatchObject({ status: 0 })
  /** Mends what `why` finds, by the command that it prints. @returns what it says */
  const mended = (...words: string[]): string => {
    const { status, stdout, stderr } = user.nslab(['why', 'h1', 'h2', ...words])
    expect(status, stdout + stderr).toBe(8)
    const [, command = ''] = /^mend it with: nslab (.*)$/m.exec(stdout) ?? []
    const typed = user
      .run(['sh', '-c', `printf '%s\\0' ${command}`])
      .stdout.split('\0')
      .slice(0, -1)
    const typing = user.nslab(typed)
    expect({ typed, ...typing }).toMatchObject({ status: 0 })
    expect(user.nslab(['why', 'h1', 'h2', ...words])).toMatchObject({ status: 0 })
    return stdout
  }

  exec('r1', 'sysctl -w net.ipv4.ip_forward=0')
  expect(mended()).toContain('h1 cannot reach h2: r1 does not forward IPv4 packets')
  exec('r1', `nft 'table inet f { chain c { type filter hook forward priority 0; policy drop; }; }'`)
  expect(mended('-4')).toContain("nft 'chain inet f c { policy accept; }'")
  exec('r1', 'ip link set eth1 mtu 1300')
  expect(mended('--size', '1400')).toContain('greater than the MTU 1300 of interface eth1 of r1')

  const port = user.nslab(['why', 'h1', 'h2', '--tcp', '80', '--json'])
  expect({ status: port.status, ...port.json() }).toMatchObject({
    ...{ status: 8, port: { protocol: 'tcp', port: 80 }, works: false },
    cause: { code: 'port-closed', node: 'h2', remedy: null, command: null },
  })
  expect(user.nslab(['why', 'h1', 'h2', '--tcp', '80', '--size', '100'])).toMatchObject({ status: 2 })

  const nodes = user.nslab(['inspect', '--json']).json().nodes as { name: string; pid: number }[]
  exec('r1', 'sysctl -w net.ipv4.ip_forward=0')
  expect(user.run(['kill', '-9', String(nodes.find(({ name }) => name === 'r1')?.pid)])).toMatchObject({ status: 0 })
  const dead = user.nslab(['why', 'h1', 'h2', '--json'])
  expect(dead.json()).toMatchObject({
    cause: { code: 'node-dead', node: 'r1', command: `nslab node restart ${lab}/r1` },
  })
})
