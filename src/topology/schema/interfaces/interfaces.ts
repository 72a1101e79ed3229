// `interfaces` of a node: interfaces beside the ends of links, with a schema for each kind.
import { z } from 'zod'
import { interfaceName } from '../../values/values.js'
import { bond } from './bond.js'
import { bridge } from './bridge.js'
import { hostDevice, withKind } from './host-device.js'
import { ipvlan, macvlan } from './macvlan.js'
import { dummy, ifb, tap, tun } from './plain.js'
import { geneve, gre, gretap, ip6gre, ip6gretap, ip6tnl, ipip, sit } from './tunnel.js'
import { vlan } from './vlan.js'
import { vrf } from './vrf.js'
import { vxlan } from './vxlan.js'
import { wireguard } from './wireguard.js'

const kinds = z.discriminatedUnion('kind', [
  bond,
  bridge,
  dummy,
  geneve,
  gre,
  gretap,
  ifb,
  ip6gre,
  ip6gretap,
  ip6tnl,
  ipip,
  ipvlan,
  macvlan,
  sit,
  tap,
  tun,
  vlan,
  vrf,
  vxlan,
  wireguard,
  hostDevice,
])

export const device = z.preprocess(withKind, kinds)

export const interfaces = z
  .record(interfaceName, device)
  .describe('interfaces beside the ends of links: name → a map with its `kind`; see docs/interfaces.md')
  .meta({ id: 'interfaces' })

export type WrittenDevice = z.infer<typeof device>
export type Device<K extends WrittenDevice['kind']> = Extract<WrittenDevice, { kind: K }>
