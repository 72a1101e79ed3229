// Asks the kernels of a running lab, by ip(8), nft(8) and /proc/sys in the nodes. Each node is read once, when the way comes to it.
import type { Family } from '../../model/family.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import { readApplied } from '../record/applied/applied.js'
import type { RunningLab } from '../record/select.js'
import { passedEnvironment } from '../run/environment.js'
import { type ExecResult, execCaptured } from '../run/exec.js'
import { isPaused } from '../run/pause.js'
import { isRunning } from '../who/process-identity.js'
import type { Asked, NodeFacts, Place, RouteAnswer, RouteQuestion } from './facts.js'
import { parseInterfaces, parseNeighbours, parseRoute, parseSysctls } from './parse.js'
import { isWithin } from './route-fault.js'

const SYSCTLS =
  'grep -s . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding /proc/sys/net/ipv4/conf/*/rp_filter ' +
  '/proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv6/conf/*/disable_ipv6'

export class AskedLab implements Asked {
  private readonly read = new Map<string, Promise<NodeFacts | null>>()
  private readonly topology: ResolvedTopology

  constructor(
    private readonly lab: RunningLab,
    private readonly family: Family,
  ) {
    this.topology = readApplied(lab).topology
  }

  facts(node: string): Promise<NodeFacts | null> {
    const known = this.read.get(node)
    if (known) return known
    const fresh = this.readNode(node)
    this.read.set(node, fresh)
    return fresh
  }

  async route(node: string, { to, from, iif, family }: RouteQuestion): Promise<RouteAnswer> {
    const words = [...(from === null ? [] : ['from', from]), ...(iif === null ? [] : ['iif', iif])]
    return parseRoute(await this.run(node, ['ip', `-${family}`, '-j', 'route', 'get', to, ...words]))
  }

  peer(node: string, name: string): Place | null {
    const peer = this.interfacesOf(node).find((each) => each.name === name)?.peer
    return peer ? { node: peer.node, interface: peer.interface } : null
  }

  plannedRoute(node: string, address: string): string | null {
    const routes = this.topology.nodes.find(({ name }) => name === node)?.routes ?? []
    const length = (destination: string) => Number(destination.split('/')[1])
    const [best] = routes
      .filter(({ destination, type }) => type === undefined && isWithin(destination, address))
      .sort((a, b) => length(b.destination) - length(a.destination))
    const [hop, another] = best?.nextHops ?? []
    if (!best || !hop || another) return null
    const to = /^(?:0\.0\.0\.0|::)\/0$/.test(best.destination) ? 'default' : best.destination
    return [to, ...(hop.gateway === null ? [] : ['via', hop.gateway]), 'dev', hop.interface].join(' ')
  }

  plannedAddress(address: string): (Place & { prefix: string }) | null {
    for (const { name: node, interfaces } of this.topology.nodes)
      for (const { name, addresses } of interfaces)
        for (const prefix of addresses) if (prefix.split('/')[0] === address) return { node, interface: name, prefix }
    return null
  }

  private interfacesOf(node: string) {
    return this.topology.nodes.find(({ name }) => name === node)?.interfaces ?? []
  }

  private async readNode(name: string): Promise<NodeFacts | null> {
    const node = this.lab.state.nodes.find((each) => each.name === name)
    if (!node || !isRunning(node) || isPaused(node)) return null
    const ip = ['ip', `-${this.family}`]
    const [links, neighbours, sysctls, rules, routes, nft] = await Promise.all([
      this.run(name, ['ip', '-j', '-d', 'addr']),
      this.run(name, [...ip, '-j', 'neigh']),
      this.run(name, ['sh', '-c', SYSCTLS]),
      this.run(name, [...ip, 'rule']),
      this.run(name, [...ip, 'route', 'show', 'table', 'all']),
      this.run(name, ['nft', '-a', 'list', 'ruleset']),
    ])
    return {
      interfaces: parseInterfaces(links),
      neighbours: parseNeighbours(neighbours),
      sysctls: parseSysctls(sysctls.stdout),
      rules: linesOf(rules),
      routes: linesOf(routes),
      nft: nft.exitCode === 0 ? nft.stdout : null,
    }
  }

  private run(name: string, command: readonly string[]): Promise<ExecResult> {
    const node = this.lab.state.nodes.find((each) => each.name === name)
    if (!node) throw new Error(`the way leads to ${name}, which is no node of lab ${this.lab.name}`)
    return execCaptured(node, command, { cwd: '/', passed: passedEnvironment(this.lab) })
  }
}

const linesOf = ({ stdout }: ExecResult): string[] => stdout.split('\n').flatMap((line) => line.trim() || [])
