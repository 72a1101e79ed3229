// What a command in a node came to.

export interface ExecResult {
  /** The command's exit status; 128 + N if signal N killed it, 126 if it cannot be started, 127 if it is not found. */
  exitCode: number
  /** The signal that killed the command; absent when it ended by itself. */
  signal?: NodeJS.Signals
  stdout: string
  stderr: string
  /** True when `timeoutMs` ended the command, whose `exitCode` is then 137, that of SIGKILL; otherwise absent. */
  timedOut?: true
  /** True when `stdout` or `stderr` has only the end of what the command wrote, which `exec` never cuts; otherwise absent. */
  truncated?: true
}
