// Reads what ip(8) prints with -j, and what grep(1) prints of files below /proc/sys/net.
import { LabError } from '../../errors.js'
import type { ExecResult } from '../run/exec.js'
import type { InterfaceFacts, NodeFacts, RouteAnswer } from './facts.js'

interface Link {
  ifname: string
  address?: string
  flags: string[]
  mtu: number
  master?: string
  link?: string
  linkinfo?: { info_kind?: string }
  addr_info?: { local?: string }[]
}

export function parseInterfaces(result: ExecResult): Map<string, InterfaceFacts> {
  return new Map(
    documents<Link>(result).map(({ ifname: name, address, flags, mtu, master, link, linkinfo, addr_info = [] }) => [
      name,
      {
        name,
        mac: address ?? null,
        up: flags.includes('UP'),
        carrier: flags.includes('LOWER_UP'),
        mtu,
        master: master ?? null,
        // The other end of a veth pair is named as its `link` too.
        parent: linkinfo?.info_kind === 'veth' ? null : (link ?? null),
        addresses: addr_info.flatMap(({ local }) => local ?? []),
      },
    ]),
  )
}

export function parseNeighbours(result: ExecResult): NodeFacts['neighbours'] {
  const entries = documents<{ dst: string; dev: string; lladdr?: string; state?: string[] }>(result)
  return entries.map(({ dst, dev, lladdr, state = [] }) => ({
    address: dst,
    interface: dev,
    mac: lladdr ?? null,
    permanent: state.includes('PERMANENT'),
  }))
}

interface Route {
  type?: string
  dst: string
  dev?: string
  gateway?: string
  via?: { host: string }
  prefsrc?: string
  table?: string
}

/** A refused look-up is an answer: the kernel's error. */
export function parseRoute(result: ExecResult): RouteAnswer {
  if (result.exitCode !== 0) {
    const [, error] = /answers: (.*)/.exec(result.stderr) ?? []
    if (error !== undefined) return { error }
  }
  const [route] = documents<Route>(result)
  if (!route) return { error: 'no answer' }
  const gateway = route.gateway ?? route.via?.host ?? null
  const words = [
    ...[route.type ?? '', route.dst],
    ...(gateway === null ? [] : ['via', gateway]),
    ...['dev', route.dev ?? '?'],
    ...(route.prefsrc === undefined ? [] : ['src', route.prefsrc]),
  ]
  return {
    type: route.type ?? 'unicast',
    interface: route.dev ?? '',
    gateway,
    source: route.prefsrc ?? null,
    text: words.filter((word) => word !== '').join(' '),
  }
}

export function parseSysctls(text: string): Map<string, string> {
  const lines = text.split('\n').flatMap((line) => {
    const [, path, value] = /^\/proc\/sys\/net\/(.*):(.*)$/.exec(line) ?? []
    return path === undefined || value === undefined ? [] : [[path, value] as const]
  })
  return new Map(lines)
}

/** @throws LabError when ip(8) cannot be run in the node */
function documents<T>({ exitCode, stdout, stderr }: ExecResult): T[] {
  if (exitCode === 0) return stdout.trim() === '' ? [] : JSON.parse(stdout)
  const said = stderr.trim().split('\n')[0] ?? ''
  throw new LabError('FEATURE_MISSING', `ip(8) failed in the node: ${said || `exit status ${exitCode}`}`, {
    hint: 'why asks the kernel by iproute2, which the node must have',
  })
}
