import type { Lab } from '../../src/index.js'

/** By reading, rows of iproute2 as JSON, sorted. */
type Network = Record<string, string[]>

export declare class ScriptLab {
  static run(script: string): Promise<ScriptLab>
  exec(...words: string[]): string
  execIn(node: string, ...words: string[]): string
  close(): Promise<void>
}

export declare function bothNetworks(
  lab: Lab,
  made: ScriptLab,
): Promise<{ lab: Record<string, Network>; script: Record<string, Network> }>
