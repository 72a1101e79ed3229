// The matchers toReach, toReachOverTcp and toReachOverUdp. When they fail, they say what `why` says.
import type { MatcherState } from 'vitest'
import { LabError } from '../errors.js'
import type { LabNode } from '../lab/lab-node.js'
import type { ConnectOptions } from '../lab/observe/connect.js'
import type { Family } from '../model/family.js'
import type { PingReply } from '../model/reach/ping.js'
import { explanationText } from '../present/reach/explanation.js'
import { portText } from '../present/reach/port.js'
import { requireNode, wordFor } from './received.js'
import { askWithin, type Within } from './within.js'

export interface ReachOptions {
  /** Address family; IPv4 by default if both nodes have it. */
  family?: Family
  /** Tries again until it reaches, or with `.not` until it does not. */
  within?: Within
}

/** Sends up to three echo requests, of which one answer is enough. */
export async function toReach(
  this: MatcherState,
  received: unknown,
  target: LabNode | string,
  options: ReachOptions = {},
) {
  const way = wayOf(requireNode(received, 'toReach'), target, options)
  return judge(way, () => ping(way), { ...options, isNot: this.isNot === true })
}

/** Connects to a port. */
export async function toReachOverTcp(
  this: MatcherState,
  received: unknown,
  target: LabNode | string,
  port: number,
  options: ReachOptions = {},
) {
  const service: Service = { protocol: 'tcp', port }
  const way = wayOf(requireNode(received, 'toReachOverTcp'), target, options, service)
  return judge(way, () => connect(way, service), { ...options, isNot: this.isNot === true })
}

/** Sends a datagram of 12 zero bytes to a port, which must be answered. */
export async function toReachOverUdp(
  this: MatcherState,
  received: unknown,
  target: LabNode | string,
  port: number,
  options: ReachOptions = {},
) {
  const service: Service = { protocol: 'udp', port }
  const way = wayOf(requireNode(received, 'toReachOverUdp'), target, options, service)
  return judge(way, () => connect(way, service), { ...options, isNot: this.isNot === true })
}

type Service = Pick<ConnectOptions, 'protocol' | 'port'>

interface Way {
  node: LabNode
  to: string
  /** null: IPv4 if both have it. */
  family: Family | null
  /** null for a ping. */
  service: Service | null
}

function wayOf(node: LabNode, target: LabNode | string, { family }: ReachOptions, service: Service | null = null): Way {
  return { node, to: wordFor(target, node), family: family ?? null, service }
}

/** What came of an attempt, and how a failure of the expectation is told. */
interface Attempt {
  reaches: boolean
  text: string
}

async function judge(way: Way, ask: () => Promise<Attempt>, { within, isNot }: { within?: Within; isNot: boolean }) {
  const isWanted = ({ reaches }: Attempt) => reaches !== isNot
  const attempt = await askWithin(within, () => orUnaddressed(way, ask), isWanted)
  const { reaches } = attempt
  const text = isWanted(attempt) ? attempt.text : `${attempt.text}\n\n${await whyText(way)}`
  return { pass: reaches, message: () => text }
}

async function ping({ node, to, family }: Way): Promise<Attempt> {
  const answered = new AbortController()
  const onReply = ({ rttMs }: PingReply) => {
    if (rttMs !== null) answered.abort()
  }
  const { address, sent, received } = await node.ping(to, { family, interrupt: answered.signal, onReply })
  const whom = address === to ? to : `${to} (${address})`
  return received > 0
    ? { reaches: true, text: `${node.name} reaches ${whom}: an echo request was answered` }
    : { reaches: false, text: `${node.name} does not reach ${whom}: 0 of ${sent} echo requests were answered` }
}

async function connect({ node, to, family }: Way, service: Service): Promise<Attempt> {
  const report = await node.connect(to, { family, ...service })
  return { reaches: report.state === 'open', text: `${node.name} finds that ${portText(report)}` }
}

/** A node that has lost its addresses is not reached. A name of no node is a mistake, at which `why` throws as well. */
async function orUnaddressed(way: Way, ask: () => Promise<Attempt>): Promise<Attempt> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof LabError) || error.code !== 'NODE_NOT_FOUND') throw error
    const { works } = await why(way)
    if (works) throw error
    return { reaches: false, text: error.message }
  }
}

/** A failure that cannot be explained is one all the same. */
async function whyText(way: Way): Promise<string> {
  try {
    return explanationText(await why(way))
  } catch (error) {
    if (error instanceof LabError) return `Why cannot be said: ${error.message}`
    throw error
  }
}

const why = ({ node, to, family, service }: Way) => node.why(to, { family, ...service })
