// What a command in a node came to.

export interface ExecResult {
  /** The command's exit status; 128 + N if signal N killed it, 126 if it cannot be started, 127 if it is not found. */
  exitCode: number
  stdout: string
  stderr: string
  /** True when `timeoutMs` ended the command, whose `exitCode` is then 137, that of SIGKILL; otherwise absent. */
  timedOut?: true
}
