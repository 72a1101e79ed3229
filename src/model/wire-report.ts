// How the process fares that carries the frames of a lab's links. Pure data, JSON-safe.

export interface WireReport {
  /** `ended`: it ended twice, so its links are down for good. */
  status: 'running' | 'ended'
  /** How often it ended and was started again. */
  restarts: number
}
