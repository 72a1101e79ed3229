// Root of a node makes its files such that they cannot be written: the rest of a change goes on, and so do later changes.
import { expect } from 'vitest'
import { type Cli, test, uniqueName } from '../../../support/lab.js'

const text = (word: string, more = '', links = '') => `
nodes: { a: { files: { /etc/nslab-test/file: ${word}, /tmp/other: ${word} } }, b: {}${more} }
links: [["a:eth0", "b:eth0"]${links}]
`
const [ONE, TWO] = [text('one'), text('two', ', c: { exec: ["touch /tmp/ran"] }', ', ["b:eth1", "c:eth0"]')]
const THREE = text('two', ', c: { exec: ["touch /tmp/ran"] }, d: {}', ', ["b:eth1", "c:eth0"], ["c:eth1", "d:eth0"]')
const apply = (nslab: Cli, lab: string, input: string) => nslab(['apply', '-', lab, '--name', lab], { input, cwd: '/' })
const inNode = (nslab: Cli, node: string, line: string) => nslab(['exec', node, '--', 'sh', '-c', line])

test.for([
  ['rm /tmp/other; mkfifo /tmp/other', 'the node has made it a FIFO'],
  ['rm /tmp/other; mkdir /tmp/other', 'the node has made it a directory'],
  ['rm /tmp/other; ln -s other /tmp/other', 'the node has made links to it that go round in a circle'],
  ['mount -t tmpfs -o ro none /tmp', 'the node has mounted something read-only there'],
])('%s', ([line, why], { nslab }) => {
  const lab = uniqueName('hostile')
  expect(nslab(['up', '-', '--name', lab], { input: ONE, cwd: '/' }).status).toBe(0)
  expect(inNode(nslab, `${lab}/a`, line as string)).toMatchObject({ status: 0 })
  const isDegraded = expect.objectContaining({
    degraded: [expect.stringContaining(`a: /tmp/other cannot be written, since ${why}`)],
  })
  for (const wanted of [TWO, THREE, THREE]) {
    const { status, stderr } = apply(nslab, lab, wanted)
    expect(status, stderr).toBe(6)
    expect(stderr).toContain(`a: /tmp/other cannot be written, since ${why}`)
    expect(stderr).toContain('`nslab node restart a`')
    expect(nslab(['ls', '--json']).json().labs).toEqual([isDegraded])
  }
  expect(inNode(nslab, `${lab}/a`, 'cat /etc/nslab-test/file; grep -cw d /etc/hosts').stdout).toMatch(/^two\n?[1-9]\n$/)
  expect(inNode(nslab, `${lab}/c`, 'ls /tmp/ran')).toMatchObject({ status: 0 })
  expect(nslab(['ping', `${lab}/c`, 'd', '-c', '1'])).toMatchObject({ status: 0 })
  expect(nslab(['node', 'restart', `${lab}/a`, '--yes'])).toMatchObject({ status: 0 })
  expect(nslab(['diff', lab, '-', '--name', lab], { input: THREE, cwd: '/' })).toMatchObject({ status: 0 })
  expect(nslab(['ls', '--json']).json().labs[0]).not.toHaveProperty('degraded')
})
