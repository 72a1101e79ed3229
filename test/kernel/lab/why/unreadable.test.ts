// Programs of a node that stand in for ip(8): `why` says that the node cannot be examined.
import { expect, onTestFinished } from 'vitest'
import { Lab } from '../../../../src/index.js'
import { resolveTopology } from '../../../../src/topology/resolve.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'
import { test, uniqueName } from '../../../support/lab.js'

const PAIR = `
nodes: { h1: {}, h2: {} }
links: [[h1, h2]]`

test.skipIf(process.getuid?.() !== 0)(
  'a node whose ip(8) prints garbage, prints without end or never ends cannot be examined',
  async ({ stateDirectory: _ }) => {
    const lab = await Lab.up(resolveTopology(parseTopology(`name: ${uniqueName('why2')}\n${PAIR}`)))
    onTestFinished(() => lab.down())
    const sh = async (node: string, command: string) => {
      const { exitCode, stderr } = await lab.node(node).exec(['sh', '-c', command])
      expect({ command, exitCode, stderr }).toEqual({ command, exitCode: 0, stderr: '' })
    }
    await sh('h2', 'sysctl -qw net.ipv4.icmp_echo_ignore_all=1')
    for (const [node, script, words] of [
      ['h1', 'echo {garbage', 'ip addr printed what cannot be read'],
      ['h1', 'head -c 40000000 /dev/zero', 'ip addr printed too much'],
      ['h1', 'sleep 1000', 'ip addr did not end'],
      ['h2', 'echo {garbage', 'ip addr printed what cannot be read'],
      [
        'h1',
        'case "$*" in *get*) echo {garbage;; *) exec /run/ip "$@";; esac',
        'ip route get printed what cannot be read',
      ],
    ] as const) {
      await sh(
        node,
        `cp -n "$(command -v ip)" /run/ip; printf '%s\\n' '#!/bin/sh' '${script}' >/run/false-ip; chmod +x /run/false-ip`,
      )
      await sh(node, 'mount --bind /run/false-ip "$(command -v ip)"')
      const { works, cause, sentence } = await lab.node('h1').why('h2', { family: 4 })
      expect({ works, code: cause?.code, node: cause?.node, sentence }).toEqual({
        ...{ works: false, code: 'unreadable', node, sentence: expect.stringContaining(words) },
      })
      await sh(node, 'umount "$(command -v ip)"')
    }
  },
)
