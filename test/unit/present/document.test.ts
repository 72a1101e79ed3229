import { expect, test } from 'vitest'
import { KernelError, LabError } from '../../../src/errors.js'
import { errorDocument, inspectDocument, lsDocument } from '../../../src/present/document.js'
import { sample } from './sample.js'

test('inspect: the stable fields of the contract', () => {
  const document = JSON.parse(JSON.stringify(inspectDocument(sample, 123.4321)))
  expect(document).toMatchObject({
    lab: 'demo',
    status: 'running',
    rootless: false,
    keeper: { pid: 1234 },
    links: [{ endpoints: ['h1:eth0', 'r1:eth0'], state: 'up' }],
    elapsedMs: 123.4,
  })
  expect(document.nodes[0]).toMatchObject({
    name: 'h1',
    kind: 'host',
    pid: 1240,
    hostname: 'h1',
    labels: { site: 'fra' },
    status: 'running',
    namespaces: { user: 11, pid: 12, mnt: 13, uts: 14, ipc: 15, net: 16, cgroup: 17, time: 18 },
  })
  expect(document.nodes[0].interfaces[1]).toMatchObject({
    name: 'eth0',
    mac: '02:00:00:00:00:01',
    mtu: 1500,
    state: 'up',
    addresses: ['10.0.0.0/31', 'fd00::/127'],
  })
})

test('ls: one object a lab', () => {
  const lab = {
    name: 'demo',
    status: 'running',
    paused: 0,
    nodes: 3,
    links: 2,
    keeper: { pid: 1234 },
    rootless: false,
  } as const
  expect(lsDocument([lab])).toEqual({ labs: [lab] })
  expect(lsDocument([])).toEqual({ labs: [] })
})

test('an error has its code, its message, and a hint and issues only where there are some', () => {
  expect(errorDocument(new LabError('LAB_NOT_FOUND', 'no lab x'))).toEqual({
    error: { code: 'LAB_NOT_FOUND', message: 'no lab x' },
  })
  const issues = [{ line: 4, column: 7, path: 'nodes.h1.kind', message: 'not a kind' }]
  expect(errorDocument(new LabError('TOPOLOGY_INVALID', 'one fault', { hint: 'see it', issues }))).toEqual({
    error: { code: 'TOPOLOGY_INVALID', message: 'one fault', hint: 'see it', issues },
  })
  const refused = new KernelError({ operation: 'create veth', target: 'h1:eth0', errno: 17 })
  expect(errorDocument(refused).error.code).toBe('KERNEL_REFUSED')
})

test.each([new TypeError('boom'), 'boom'])('anything else that is thrown is INTERNAL: %s', (thrown) => {
  expect(errorDocument(thrown)).toEqual({ error: { code: 'INTERNAL', message: 'boom' } })
})
