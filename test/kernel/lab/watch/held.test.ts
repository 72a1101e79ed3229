// A keeper may drop the network of a node, and give another one to the next node, between a reading of the state and a look at it.
import { closeSync, fstatSync, openSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { Readiness } from '../../../../src/kernel/readiness/readiness.js'
import type { NodeState } from '../../../../src/lab/record/state.js'
import { WatchedNetworks } from '../../../../src/lab/watch/watched-networks.js'

test('the network that a keeper holds for a dead node is watched only when it is the one that the state names', () => {
  const netnsFd = openSync('/proc/self/ns/net', 'r')
  onTestFinished(() => closeSync(netnsFd))
  const { ino } = fstatSync(netnsFd)
  const watched: string[] = []
  for (const netnsInode of [ino + 1, ino]) {
    using readiness = new Readiness(() => {})
    const add = readiness.add.bind(readiness)
    readiness.add = (fd, onReady) => {
      watched.push(String(netnsInode))
      add(fd, onReady)
    }
    const keeper = { pid: process.pid, startTime: 0, isOwn: true }
    using networks = new WatchedNetworks(keeper, readiness, new Set(['link']), () => {}, undefined)
    networks.add({ name: 'a', pid: 0, startTime: 0, netnsFd, netnsInode } as NodeState)
  }
  expect(watched).toEqual([String(ino)])
})
