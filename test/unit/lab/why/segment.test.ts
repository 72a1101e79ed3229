import { describe, expect, test } from 'vitest'
import type { InterfaceFacts, PortVlan } from '../../../../src/lab/why/asked/facts.js'
import { receiversOf } from '../../../../src/lab/why/segment.js'
import { PORT, ping, type RecordedNode, recorded } from './recorded.js'

// h1 ── eth1 s1 eth2 ── h2
interface Switch {
  eth1?: Partial<InterfaceFacts>
  eth2?: Partial<InterfaceFacts>
  bridge?: Partial<InterfaceFacts>
  vlans?: Record<string, PortVlan[]>
  h1?: RecordedNode
  start?: string
  length?: number
}

async function toH2({ eth1, eth2, bridge, vlans = {}, h1, start = 'eth0', length }: Switch): Promise<string[]> {
  const host: RecordedNode = { interfaces: { eth0: {} } }
  const s1: RecordedNode = {
    interfaces: { br0: { kind: 'bridge', ...bridge }, eth1: { ...PORT, ...eth1 }, eth2: { ...PORT, ...eth2 } },
    vlans: new Map(Object.entries(vlans)),
    masters: { eth1: 'br0', eth2: 'br0' },
  }
  const lab = recorded({ h1: h1 ?? host, s1, h2: host }, ['h1:eth0 s1:eth1', 's1:eth2 h2:eth0'])
  const receivers = await receiversOf(
    lab,
    { node: 'h1', interface: start },
    { packet: ping('10.0.0.2'), length: length ?? null },
  )
  const found = receivers.find(({ place }) => place.node === 'h2')
  return found
    ? found.obstacles.map(
        ({ cause }) =>
          `${cause.code} ${cause.node}:${cause.interface}${cause.remedy === null ? '' : ` ${cause.remedy}`}`,
      )
    : ['not there']
}

const vlan = (id: number, isAccess: boolean): PortVlan => ({ id, isPvid: isAccess, isUntagged: isAccess })
const filtering = { filtersVlans: true }

describe('a frame through a bridge', () => {
  test.each<[string, Switch, string[]]>([
    ['arrives', {}, []],
    ['ends at a port that is down', { eth2: { up: false } }, ['interface-down s1:eth2 ip link set dev eth2 up']],
    ['ends at a bridge that is down', { bridge: { up: false } }, ['interface-down s1:br0 ip link set dev br0 up']],
    [
      'ends at a blocking port',
      { eth2: { port: { state: 'blocking', isolated: false } } },
      ['port-blocked s1:eth2 bridge link set dev eth2 state 3'],
    ],
    ['passes one isolated port', { eth1: { port: { state: 'forwarding', isolated: true } } }, []],
    [
      'ends between isolated ports',
      {
        eth1: { port: { state: 'forwarding', isolated: true } },
        eth2: { port: { state: 'forwarding', isolated: true } },
      },
      ['ports-isolated s1:eth1 bridge link set dev eth1 isolated off'],
    ],
    [
      'ends at a smaller MTU',
      { eth2: { mtu: 1400 }, length: 1450 },
      ['mtu-too-small s1:eth2 ip link set dev eth2 mtu 1450'],
    ],
    ['arrives in its VLAN', { bridge: filtering, vlans: { eth1: [vlan(10, true)], eth2: [vlan(10, true)] } }, []],
    [
      'ends at a port of another VLAN',
      { bridge: filtering, vlans: { eth1: [vlan(10, true)], eth2: [vlan(20, true)] } },
      ['vlan-missing s1:eth2 bridge vlan add dev eth2 vid 10 pvid untagged'],
    ],
    [
      'ends at a port without a VLAN',
      { bridge: filtering, vlans: { eth2: [vlan(10, true)] } },
      ['vlan-missing s1:eth1'],
    ],
    [
      'counts no VLANs where the bridge does not filter',
      { vlans: { eth1: [vlan(10, true)], eth2: [vlan(20, true)] } },
      [],
    ],
  ])('%s', async (_, lab, expected) => {
    expect(await toH2(lab)).toEqual(expected)
  })
})

describe('a frame with a tag', () => {
  const h1: RecordedNode = { interfaces: { eth0: {}, 'eth0.10': { kind: 'vlan', parent: 'eth0', vlanId: 10 } } }
  const tagged = { h1, start: 'eth0.10' }
  test('passes a trunk, and leaves an access port without its tag', async () => {
    expect(
      await toH2({ ...tagged, bridge: filtering, vlans: { eth1: [vlan(10, false)], eth2: [vlan(10, true)] } }),
    ).toEqual([])
  })

  test('ends at a port that does not have its VLAN', async () => {
    expect(
      await toH2({ ...tagged, bridge: filtering, vlans: { eth1: [vlan(20, false)], eth2: [vlan(10, true)] } }),
    ).toEqual(['vlan-missing s1:eth1 bridge vlan add dev eth1 vid 10'])
  })

  test('is not for an interface without that VLAN', async () => {
    expect(await toH2({ ...tagged })).toEqual(['not there'])
  })
})
