// The wg(8) commands that configure a WireGuard device. Pure text.
import { endpointText } from '../../topology/values/endpoint.js'
import type { WireguardSet, WireguardStart } from '../op.js'
import { quoted } from './shell.js'

const wg = (node: string, name: string): string => `ip netns exec ${node} wg set ${quoted(name)}`

/** wg(8) reads keys only from files. */
export function wireguardSetCommand({ node, interface: name, settings }: WireguardSet): string {
  const { key, port, fwmark, peers } = settings
  const words = [`echo ${key} | ${wg(node, name)} private-key /dev/stdin`]
  if (port !== undefined) words.push(`listen-port ${port}`)
  if (fwmark !== undefined) words.push(`fwmark ${fwmark}`)
  for (const { key, allowed } of peers) words.push(`peer ${key} allowed-ips ${allowed.join(',') || '""'}`)
  return words.join(' ')
}

export function wireguardStartCommand({ node, interface: name, peers }: WireguardStart): string {
  const words = [wg(node, name)]
  for (const { key, endpoint, keepaliveSeconds } of peers) {
    words.push(`peer ${key}`)
    if (endpoint) words.push(`endpoint ${endpointText(endpoint)}`)
    if (keepaliveSeconds !== undefined) words.push(`persistent-keepalive ${keepaliveSeconds}`)
  }
  return words.join(' ')
}
