// Queueing disciplines of all kinds: read as they were made, and as tc reads them, also after a change that takes away everything
// that can be taken away. Of the kinds that most kernels have, test/kernel/kernel/netlink/tc.test.ts does the same.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { addQdisc, changeQdisc, listQdiscs, parseQdisc } from '../../dist/kernel/netlink/rtnl/tc/qdisc.js'
import { NetlinkSocket } from '../../dist/kernel/netlink/socket.js'
import { differences, QDISCS } from '../support/qdisc-settings.mjs'

const NETNS = 'qdiscs'
const TC_H_ROOT = 0xffff_ffff
const root = { target: 'test', index: 20, handle: 0x1_0000, parent: TC_H_ROOT }

async function onVeth(action) {
  execFileSync('ip', ['netns', 'add', NETNS])
  const fd = openSync(`/run/netns/${NETNS}`, 'r')
  const socket = NetlinkSocket.open(fd)
  try {
    execFileSync('ip', ['-n', NETNS, 'link', 'add', 'eth0', 'index', '20', 'type', 'veth'])
    return await action(socket)
  } finally {
    socket[Symbol.dispose]()
    closeSync(fd)
    execFileSync('ip', ['netns', 'delete', NETNS])
  }
}

const shownOptions = () =>
  JSON.parse(execFileSync('tc', ['-n', NETNS, '-j', 'qdisc', 'show', 'dev', 'eth0'], { encoding: 'utf8' }))[0].options

const read = async (socket) =>
  (await socket.dump(listQdiscs())).map(parseQdisc).find(({ index }) => index === 20)?.qdisc

/** What tc shows has at least what is expected. */
function assertShown(actual, expected, path) {
  for (const [key, value] of Object.entries(expected)) {
    if (typeof value === 'object') assertShown(actual[key], value, `${path}.${key}`)
    else if (typeof value === 'number')
      assert.ok(Math.abs(actual[key] - value) < 1e-6 * Math.max(1, value), `${path}.${key}: ${actual[key]}`)
    else assert.equal(actual[key], value, `${path}.${key}`)
  }
}

export const tests = {
  ...Object.fromEntries(
    Object.entries(QDISCS).map(([name, { settings, shown }]) => [
      name,
      () =>
        onVeth(async (socket) => {
          await socket.send([addQdisc({ ...root, qdisc: settings })])
          assert.deepEqual(differences(await read(socket), settings), [])
          assertShown(shownOptions(), shown, name)
        }),
    ]),
  ),

  'a change takes away everything that is left out': () =>
    onVeth(async (socket) => {
      await socket.send([addQdisc({ ...root, qdisc: QDISCS.netem.settings })])
      await socket.send([changeQdisc({ ...root, qdisc: { kind: 'netem', limitPackets: 5, delayNs: 7 } })])
      const never = { probability: 0, correlation: 0 }
      assert.deepEqual(
        differences(await read(socket), {
          ...{
            limitPackets: 5,
            delayNs: 7,
            jitterNs: 0,
            jitterCorrelation: 0,
            ecn: false,
            duplicate: never,
            corrupt: never,
          },
          ...{ loss: { model: 'random', ...never }, reorder: { ...never, gap: 0 } },
          rate: { bytesPerSecond: 0, overheadBytes: 0, cellBytes: 0, cellOverheadBytes: 0 },
        }),
        [],
      )
    }),
}
