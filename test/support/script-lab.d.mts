export declare const READ: string

/** What the kernel holds of one network: rows of iproute2, sorted. */
export declare function readNetwork(printed: string, anyIndex?: readonly string[]): Record<string, unknown[]>

export declare class ScriptLab {
  static run(script: string): Promise<ScriptLab>
  exec(...words: string[]): string
  execIn(node: string, ...words: string[]): string
  close(): Promise<void>
}
