import { expect, test } from 'vitest'
import { COLUMNS, rowsOf, TABLES } from '../../../src/present/tables.js'
import { sample } from './sample.js'

test.each(TABLES)('the %s table has exactly its columns, in order', (table) => {
  for (const row of rowsOf(sample, table)) expect(Object.keys(row)).toEqual(COLUMNS[table])
})

test('the column names are the ones of the contract', () => {
  expect(Object.fromEntries(TABLES.map((table) => [table, COLUMNS[table].join(' ')]))).toEqual({
    nodes: 'node kind status pid hostname interfaces title',
    links: 'a b type state mtu emulation from_a from_b',
    interfaces: 'node interface type state mac mtu master peer',
    addresses: 'node interface family address scope',
    routes: 'node family destination gateway interface metric table protocol type weight',
    neighbours: 'node interface family address mac state',
    namespaces: 'node user pid mnt uts ipc net cgroup time',
  })
})

test('rows keep the order of the lab and the types of the values', () => {
  expect(rowsOf(sample, 'nodes')).toEqual([
    { node: 'h1', kind: 'host', status: 'running', pid: 1240, hostname: 'h1', interfaces: 2, title: null },
    { node: 'r1', kind: 'router', status: 'dead', pid: null, hostname: 'r1', interfaces: 1, title: null },
  ])
  expect(rowsOf(sample, 'addresses').map(({ node, address }) => [node, address])).toEqual([
    ['h1', '127.0.0.1/8'],
    ['h1', '10.0.0.0/31'],
    ['h1', 'fd00::/127'],
    ['r1', '10.0.0.1/31'],
  ])
  expect(rowsOf(sample, 'neighbours')).toEqual([
    { node: 'h1', interface: 'eth0', family: 4, address: '10.0.0.1', mac: null, state: 'failed' },
  ])
})

test('a multipath route has lists that stay in step, any other route has single values', () => {
  const [multipath, single] = rowsOf(sample, 'routes')
  expect(multipath).toMatchObject({ gateway: ['10.0.0.1', null], interface: ['eth0', 'eth1'] })
  expect(single).toMatchObject({ gateway: null, interface: 'eth0', metric: 256 })
})

test('a node without a process has a row of nulls for its namespaces', () => {
  expect(rowsOf(sample, 'namespaces')).toEqual([
    { node: 'h1', user: 11, pid: 12, mnt: 13, uts: 14, ipc: 15, net: 16, cgroup: 17, time: 18 },
    { node: 'r1', user: null, pid: null, mnt: null, uts: null, ipc: null, net: null, cgroup: null, time: null },
  ])
})
