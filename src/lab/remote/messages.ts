// What a program and its helper process say to each other, over the channel of Node.js between a process and its child with the
// serialization `advanced` (structured clones). Types alone.
import type { LabEvent } from '../../model/lab-event.js'
import type { NetworkCalls } from '../calls/network-calls.js'
import type { LabState } from '../record/state.js'
import type { WatchFilter } from '../watch/filter.js'
import type { OptionPath } from './options.js'
import type { SentError } from './sent-error.js'

/** The calls that are answered later. */
export type CallName = Exclude<keyof NetworkCalls, 'watch'>

/** Of one call, or watch; unique in its helper. */
export type CallId = number

/** From the program to its helper. */
export type Request =
  /** The functions and signals in the last argument stay with the program, which is told what functions are called with. */
  | { type: 'call'; id: CallId; name: CallName; args: unknown[]; functions: OptionPath[]; signals: OptionPath[] }
  /** `signal`: its place among those of the call. */
  | { type: 'abort'; id: CallId; signal: number }
  /** A function of the call has thrown. */
  | { type: 'cancel'; id: CallId }
  /** What a function of the call has returned. */
  | { type: 'returned'; id: CallId; calling: number; value: unknown }
  /** No longer keeps the lab alive that this call has built. */
  | { type: 'release'; id: CallId }
  | { type: 'unwatch'; id: CallId }

/** From the helper to its program. */
export type Answer =
  | { type: 'result'; id: CallId; value: unknown }
  /** `aborted`: the place of the signal whose reason the error is; -1 for any other error. */
  | { type: 'failure'; id: CallId; error: SentError; aborted: number }
  /** A function of the call is called; `index` is its place among them. */
  | { type: 'function'; id: CallId; calling: number; index: number; args: unknown[] }
  | { type: 'event'; id: CallId; event: LabEvent }

/** What `build` resolves to; `isHeld`: the helper keeps it alive until it is released. */
export interface SentLab {
  state: LabState
  directory: string
  isHeld: boolean
}

/** A watch has begun when its call returns, so it is asked for over a pipe whose answer the program waits for: a line of JSON each. */
export interface WatchRequest {
  id: CallId
  name: string
  directory: string
  options: WatchFilter & { queueBytes?: number }
}

export type WatchAnswer = { error: SentError | null }
