// Collects the kernel's answers to a batch of requests, for a socket that waits for them.
import { Answers, type Refusal } from './answers.js'

/** The answers, with the messages that are no acknowledgements. */
export class Replies extends Answers {
  /** Bodies of the kernel's messages except acknowledgements, as views of the datagrams. */
  readonly payloads: Buffer[]

  /** @param first sequence number of the first request */
  constructor(first: number, count: number) {
    const payloads: Buffer[] = []
    super(first, count, (payload) => payloads.push(payload))
    this.payloads = payloads
  }

  /** The first refusal. */
  get refusal(): Refusal | null {
    return this.refusals[0] ?? null
  }
}
