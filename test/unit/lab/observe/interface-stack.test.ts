// What interfaces stand on and where tunnels lead, from messages recorded of links that iproute2 made.
import { expect, test } from 'vitest'
import { RTM_NEWLINK } from '../../../../src/kernel/netlink/rtnl/constants.js'
import { createGre } from '../../../../src/kernel/netlink/rtnl/gre.js'
import { parseLink } from '../../../../src/kernel/netlink/rtnl/link.js'
import { parseStack } from '../../../../src/lab/observe/interface-stack.js'
import { stackOf } from '../../../../src/present/interface-stack.js'
import { KIND_LINKS } from '../../../support/kind-links.mjs'
import { payloadOf, payloads } from '../../kernel/netlink/rtnl/capture.js'

const recorded = payloads('kind-links', RTM_NEWLINK).map((payload) => {
  const link = parseLink(payload)
  return { ...link, stack: parseStack(payload, link) }
})
const nameOf = (index: number | undefined) => recorded.find((link) => link.index === index)?.name

const kinds = Object.entries(KIND_LINKS as Record<string, { kind: string; settings: any }>)

/** As of a file: a parent by its name, the remotes of a VXLAN as a list. */
function writtenStack(kind: string, { parent, remote, ...rest }: any) {
  const remotes = remote === undefined ? [] : [remote]
  const { tunnel, ...stack } = stackOf({
    kind,
    ...rest,
    parent: nameOf(parent),
    remote: kind === 'vxlan' ? remotes : remote,
  })
  return { ...stack, ...(tunnel ? { tunnel: { ...tunnel, remotes } } : {}) }
}

test.each(kinds.filter(([, { kind }]) => !['veth', 'tun', 'tap', 'device'].includes(kind)))(
  '%s: the kernel and the file say the same',
  (name, { kind, settings }) => {
    const link = recorded.find((each) => each.name === name)
    if (!link) throw new Error(`${name} was not recorded`)
    const { parentIndex, ...stack } = link.stack
    const parent = nameOf(parentIndex)
    expect({ ...stack, ...(parent === undefined ? {} : { parent }) }).toEqual(writtenStack(kind, settings))
  },
)

test('the key of GRE is the id of the tunnel; a device of the kernel without a remote leads nowhere', () => {
  const gre = { name: 't', index: 40, mac: null, mtu: 1400, kind: 'gre', ttl: 0 } as const
  const stackIn = (settings: object) =>
    parseStack(payloadOf(createGre({ ...gre, target: 't', ...settings } as never)), { kind: 'gre', peerNetnsId: null })
  expect(stackIn({ remote: '192.0.2.2', local: '192.0.2.1', key: 7 })).toEqual({
    tunnel: { id: 7, local: '192.0.2.1', remotes: ['192.0.2.2'] },
  })
  expect(stackIn({})).toEqual({ tunnel: { id: null, local: null, remotes: [] } })
})
