// The pairs of a mesh and what has become of them, in arrays of numbers: a mesh of 1,000 hosts has 999,000 pairs.
import type { PingMesh, PingPair } from '../../model/reach/ping.js'
import type { NodeState } from '../record/state.js'

/** A sender of a mesh. */
export interface MeshSender {
  node: NodeState
  /** By receiver: the address that it pings; null for a receiver that has none of its families. Several senders share the array. */
  addresses: readonly (string | null)[]
  /** Why it cannot ping; null when it can. */
  refusal: string | null
}

/** A receiver of a mesh. */
export interface MeshReceiver {
  node: NodeState
  /** Why it cannot be pinged; null when it can. */
  refusal: string | null
}

/** What has become of a pair; times in microseconds, -1 without an answer. */
export interface PairOutcome {
  sent: number
  received: number
  rttUs: number
}

/** All pairs of senders and receivers but those of a node and itself. */
export class MeshMatrix {
  sent = 0
  received = 0
  elapsedMs = 0
  private readonly counts: { sent: Uint32Array; received: Uint32Array; rttUs: Int32Array; error: Uint32Array }
  /** The errors of pairs; 0 stands for none. */
  private readonly errors = ['']
  private readonly errorNumbers = new Map<string, number>()

  constructor(
    readonly senders: readonly MeshSender[],
    readonly receivers: readonly MeshReceiver[],
  ) {
    const size = senders.length * receivers.length
    const counters = () => new Uint32Array(size)
    this.counts = { sent: counters(), received: counters(), rttUs: new Int32Array(size).fill(-1), error: counters() }
  }

  /** Whether a pair can be pinged. Rows are senders, columns receivers. */
  isPinged(row: number, column: number): boolean {
    const { node, addresses, refusal } = this.senders[row] as MeshSender
    const receiver = this.receivers[column] as MeshReceiver
    return node !== receiver.node && addresses[column] != null && refusal === null && receiver.refusal === null
  }

  /** Records the outcome of a pair, once. */
  set(row: number, column: number, { sent, received, rttUs }: PairOutcome): void {
    const at = row * this.receivers.length + column
    this.counts.sent[at] = sent
    this.counts.received[at] = received
    this.counts.rttUs[at] = rttUs
    this.sent += sent
    this.received += received
  }

  /** Records the last error of a pair. */
  setError(row: number, column: number, error: string): void {
    let number = this.errorNumbers.get(error)
    if (number === undefined) {
      number = this.errors.push(error) - 1
      this.errorNumbers.set(error, number)
    }
    this.counts.error[row * this.receivers.length + column] = number
  }

  /** The pairs, by sender and then by receiver, each made when it is asked for. */
  *pairs(): Generator<PingPair> {
    for (const [row, sender] of this.senders.entries())
      for (const [column, receiver] of this.receivers.entries())
        if (sender.node !== receiver.node) yield this.pair(row, column)
  }

  private pair(row: number, column: number): PingPair {
    const { node, addresses, refusal } = this.senders[row] as MeshSender
    const receiver = this.receivers[column] as MeshReceiver
    const at = row * this.receivers.length + column
    const { sent, received, rttUs, error } = this.counts as Record<keyof MeshMatrix['counts'], ArrayLike<number>>
    const us = rttUs[at] as number
    const number = error[at] as number
    return {
      ...{ from: node.name, to: receiver.node.name, address: addresses[column] ?? null },
      ...{ sent: sent[at] as number, received: received[at] as number, rttMs: us < 0 ? null : us / 1000 },
      error: number > 0 ? (this.errors[number] as string) : (refusal ?? receiver.refusal),
    }
  }

  /** As the JSON document, but each walk through the pairs makes them again, and keeps none. */
  reading(): Omit<PingMesh, 'pairs'> & { pairs: Iterable<PingPair> } {
    const { sent, received, elapsedMs } = this
    return { pairs: { [Symbol.iterator]: () => this.pairs() }, sent, received, elapsedMs }
  }

  /** Whether a packet was lost, or a pair could not be pinged. That two nodes have no family in common is no failure. */
  get hasFailed(): boolean {
    if (this.received < this.sent) return true
    const refused = ({ refusal }: { refusal: string | null }) => refusal !== null
    if (!this.senders.some(refused) && !this.receivers.some(refused)) return false
    for (const { sent, error } of this.pairs()) if (sent === 0 && error !== null) return true
    return false
  }

  /** The JSON document. Its `pairs` are made when they are first asked for. */
  document(): PingMesh {
    const { sent, received, elapsedMs } = this
    const make = () => [...this.pairs()]
    let made: PingPair[] | undefined
    return {
      get pairs() {
        made ??= make()
        return made
      },
      sent,
      received,
      elapsedMs,
    }
  }
}
