// How the process fares that carries the frames of a lab's links. Pure data, JSON-safe.

export interface WireReport {
  /**
   * `ended`: it ended twice, so its links are down for good. `silent`: it did not answer, as when somebody has stopped it, and
   * carries no frames.
   */
  status: 'running' | 'ended' | 'silent'
  /** How often it ended and was started again; 0 for a silent one. */
  restarts: number
  /**
   * Frames, of all links together, that came in faster than the wire took them, so that it never had them: since the last look in
   * `link ls`, since the wire was started elsewhere. 0 for one that does not run.
   */
  lost: number
}
