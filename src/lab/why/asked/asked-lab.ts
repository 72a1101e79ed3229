// Asks the kernels of a running lab, by ip(8), bridge(8), nft(8) and iptables-save(8) in the nodes. Each node is read once, when the way
// comes to it.
import { randomUUID } from 'node:crypto'
import type { Family } from '../../../model/family.js'
import type { ResolvedTopology } from '../../../model/resolved.js'
import { readApplied } from '../../record/applied/applied.js'
import { type RunningLab, withPath } from '../../record/select.js'
import type { NodeState } from '../../record/state.js'
import { execBounded } from '../../run/bounded.js'
import { passedEnvironment } from '../../run/environment.js'
import type { ExecResult } from '../../run/exec-result.js'
import { isPaused } from '../../run/pause.js'
import { isRunning } from '../../who/process-identity.js'
import { type Asked, type NodeFacts, type Place, protocolName, type RouteAnswer, type RouteQuestion } from './facts.js'
import { firewallOf, parseNeighbours, parseRoute, parseRules, parseSysctls, parseVlans } from './parse.js'
import { parseInterfaces } from './parse-interfaces.js'
import { isWithin } from './prefix.js'
import { Reader } from './reader.js'
import { readingScript, sectionsOf } from './sections.js'

/** Of each output: the tables of a node with all routes of the Internet are greater, and are then not examined. */
const OUTPUT_BYTES_MAX = 32 * 2 ** 20
/** A kernel answers in milliseconds; programs of the node that stand in for ip(8) may never. */
const TIMEOUT_MS = 5000

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

  async route(node: string, question: RouteQuestion): Promise<RouteAnswer> {
    const { to, from, iif, family, mark, protocol, sport, dport } = question
    const words = [
      ...(from === null ? [] : ['from', from]),
      ...(iif === null ? [] : ['iif', iif]),
      ...(mark === 0 ? [] : ['mark', String(mark)]),
      // Also for pings: the choice among several next hops depends on it.
      ...['ipproto', protocolName(protocol, family)],
      ...(sport === null ? [] : ['sport', String(sport)]),
      ...(dport === null ? [] : ['dport', String(dport)]),
    ]
    const result = await this.run(node, ['ip', `-${family}`, '-j', 'route', 'get', to, ...words])
    const reader = new Reader()
    const answer = reader.whole('ip route get', result)
      ? reader.read('ip route get', () => parseRoute(result), null)
      : null
    return answer ?? { unread: reader.unread.join(', ') }
  }

  /** The full name of a node, for command lines. */
  pathOf(node: string): string {
    return withPath(this.lab, this.nodeNamed(node)).path
  }

  /** What `ss` prints of the sockets that listen; null where it cannot be run. */
  async listeners(node: string, protocol: 'tcp' | 'udp'): Promise<string | null> {
    const { exitCode, stdout } = await this.run(node, ['ss', '-Hln', protocol === 'tcp' ? '-t' : '-u'])
    return exitCode === 0 ? stdout : null
  }

  peer(node: string, name: string): Place | null {
    const peer = this.interfacesOf(node).find((each) => each.name === name)?.peer
    return peer ? { node: peer.node, interface: peer.interface } : null
  }

  plannedMaster(node: string, name: string): string | null {
    return this.interfacesOf(node).find((each) => each.name === name)?.master ?? null
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

  linked(node: string): readonly string[] {
    return this.interfacesOf(node).flatMap(({ name, peer }) => (peer ? name : []))
  }

  plannedAddress(address: string, of?: string): (Place & { prefix: string }) | null {
    for (const { name: node, interfaces } of this.topology.nodes.filter(({ name }) => of === undefined || name === of))
      for (const { name, addresses } of interfaces)
        for (const prefix of addresses) if (prefix.split('/')[0] === address) return { node, interface: name, prefix }
    return null
  }

  private interfacesOf(node: string) {
    return this.topology.nodes.find(({ name }) => name === node)?.interfaces ?? []
  }

  private async readNode(name: string): Promise<NodeFacts | null> {
    const node = this.nodeNamed(name)
    const status = statusOf(node)
    // The keeper of another user's lab is not trusted with the namespace of a node.
    if (status !== 'running' && this.lab.owner !== process.geteuid?.()) return null
    const mark = randomUUID()
    const [links, rest] = await Promise.all([
      this.run(name, ['ip', '-j', '-d', 'addr']),
      this.run(name, ['sh', '-c', readingScript(this.family), mark]),
    ])
    const reader = new Reader()
    const interfaces = reader.whole('ip addr', links)
      ? reader.read('ip addr', () => parseInterfaces(links), null)
      : null
    reader.whole('the reading of its tables', rest)
    const section = sectionsOf(rest.stdout, mark)
    return {
      status,
      interfaces: interfaces ?? new Map(),
      isOpaque: interfaces === null,
      neighbours: reader.read('ip neigh', () => parseNeighbours(section('neighbours')), []),
      sysctls: parseSysctls(section('sysctls') ?? ''),
      rules: reader.read('ip rule', () => parseRules(section('rules')), []),
      ruleTexts: linesOf(section('rule-texts')),
      routes: linesOf(section('routes')),
      vlans: reader.read('bridge vlan show', () => parseVlans(section('vlans')), new Map()),
      firewall: reader.read('nft list ruleset', () => firewallOf(section, this.family), null),
      unread: reader.unread,
    }
  }

  private nodeNamed(name: string): NodeState {
    const node = this.lab.state.nodes.find((each) => each.name === name)
    if (!node) throw new Error(`the way leads to ${name}, which is no node of lab ${this.lab.name}`)
    return node
  }

  /** In a paused or dead node, the command runs beside the keeper, in the network namespace that the keeper holds of the node. */
  private run(name: string, command: readonly string[]): Promise<ExecResult> {
    const node = this.nodeNamed(name)
    const options = { passed: passedEnvironment(this.lab), bytesMax: OUTPUT_BYTES_MAX, timeoutMs: TIMEOUT_MS }
    if (statusOf(node) === 'running') return execBounded(node, command, options)
    const { keeper } = this.lab.state
    const held = `--net=/proc/${keeper.pid}/fd/${node.netnsFd}`
    return execBounded({ ...keeper, name, cgroup: null }, ['nsenter', held, '--', ...command], options)
  }
}

const statusOf = (node: NodeState): NodeFacts['status'] =>
  !isRunning(node) ? 'dead' : isPaused(node) ? 'paused' : 'running'

/** The lines of a table, without the tabs and the backslashes by which ip(8) sets them out. */
const linesOf = (text: string | null): string[] =>
  (text ?? '').split('\n').flatMap((line) => line.replace(/\\?\s+/g, ' ').trim() || [])
