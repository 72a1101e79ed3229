// Passes the signals of this process on to a shim that runs a command, so that this process lives to report what the command wrote.
import type { ChildProcess } from 'node:child_process'

const PASSED = ['SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const
/** Signals by which users and supervisors end a command. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

/**
 * From its making to its disposal, signals of this process end or stop a command instead. The shim that runs the command must lead
 * a session of its own: the terminal would else signal it as well.
 */
export class PassedSignals implements Disposable {
  private readonly listeners: readonly [NodeJS.Signals, () => void][] = [
    ...PASSED.map((signal): [NodeJS.Signals, () => void] => [signal, () => this.pass(signal)]),
    ...ENDING.map((signal): [NodeJS.Signals, () => void] => [signal, () => this.end(signal)]),
    ['SIGTSTP', () => this.stop()],
  ]
  private child: ChildProcess | null = null
  private onEnd: () => void = () => {}
  /** Ending signals, of which the shim gets those that came before it was started. */
  private readonly asked: NodeJS.Signals[] = []

  constructor() {
    for (const [signal, listener] of this.listeners) process.on(signal, listener)
  }

  /**
   * Passes signals on to this shim, each once.
   *
   * @param onEnd called when a signal has asked for the end and the shim has ended, whichever comes last
   */
  passTo(child: ChildProcess, onEnd: () => void): void {
    this.child = child
    this.onEnd = onEnd
    child.once('exit', () => this.endIfOver())
    for (const signal of this.asked) this.pass(signal)
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.listeners) process.off(signal, listener)
  }

  private pass(signal: NodeJS.Signals): void {
    this.child?.kill(signal)
  }

  private end(signal: NodeJS.Signals): void {
    this.asked.push(signal)
    this.pass(signal)
    this.endIfOver()
  }

  /** Stops the command, and this process as Ctrl-Z would. */
  private stop(): void {
    this.pass('SIGTSTP')
    process.kill(process.pid, 'SIGSTOP')
  }

  private endIfOver(): void {
    const { child } = this
    if (child !== null && this.asked.length > 0 && (child.exitCode !== null || child.signalCode !== null)) this.onEnd()
  }
}
