// Settings of links of all kinds, and VLANs of bridges, that iproute2 made: read as they were made, and as iproute2 reads them.
// Of the kinds that most kernels have, test/kernel/kernel/netlink/settings.test.ts does the same.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { listBridgeVlans, parseBridgeVlans } from '../../dist/kernel/netlink/rtnl/bridge-vlan.js'
import { listLinks, parseLink } from '../../dist/kernel/netlink/rtnl/link.js'
import { parseLinkSettings } from '../../dist/kernel/netlink/rtnl/link-settings.js'
import { NetlinkSocket } from '../../dist/kernel/netlink/socket.js'
import { VLANS } from '../fixtures/netlink/settings.mjs'
import { commandsOf, GROUND, KIND_LINKS, shownSettings } from '../support/kind-links.mjs'

const NETNS = 'settings'

/** Runs shell lines in a network namespace of their own; `dump` asks there as nslab does, `shown` is iproute2's JSON. */
async function afterwards(lines, list, read) {
  execFileSync('ip', ['netns', 'add', NETNS])
  const fd = openSync(`/run/netns/${NETNS}`, 'r')
  const socket = NetlinkSocket.open(fd)
  try {
    execFileSync('ip', ['netns', 'exec', NETNS, 'sh', '-euc', lines.join('\n')])
    const shown = execFileSync('ip', ['netns', 'exec', NETNS, ...read.split(' ')], { encoding: 'utf8' })
    return { payloads: await socket.dump(list), shown: JSON.parse(shown) }
  } finally {
    socket[Symbol.dispose]()
    closeSync(fd)
    execFileSync('ip', ['netns', 'delete', NETNS])
  }
}

/** Without settings that are undefined. */
const plain = (settings) => JSON.parse(JSON.stringify(settings))

export const tests = {
  'links of all kinds': async () => {
    const lines = [...GROUND, ...Object.keys(KIND_LINKS).flatMap(commandsOf)]
    const { payloads, shown } = await afterwards(lines, listLinks(), 'ip -j -d link show')
    const read = new Map(payloads.map((payload) => [parseLink(payload).name, parseLinkSettings(payload)]))
    for (const [name, { kind, settings }] of Object.entries(KIND_LINKS)) {
      const { kind: readKind, ...all } = read.get(name)
      assert.equal(readKind, kind)
      const made = Object.keys(settings).map((key) => [key, all[key]])
      assert.deepEqual(Object.fromEntries(made), settings, name)
    }
    for (const link of shown) {
      assert.deepEqual(plain(read.get(link.ifname)), plain(shownSettings(link)), link.ifname)
    }
  },

  'VLANs of bridges and ports': async () => {
    const { payloads, shown } = await afterwards(VLANS, listBridgeVlans(), 'bridge -j vlan show')
    const INDEXES = { eth0: 20, eth1: 21, br0: 30 }
    const expected = shown.flatMap(({ ifname, vlans }) =>
      vlans.map(({ vlan, flags = [] }) => ({
        ...{ index: INDEXES[ifname], vid: vlan, self: ifname === 'br0' },
        ...{ pvid: flags.includes('PVID'), untagged: flags.includes('Egress Untagged') },
      })),
    )
    assert.deepEqual(payloads.flatMap(parseBridgeVlans), expected)
    assert.equal(expected.length, 18)
  },
}
