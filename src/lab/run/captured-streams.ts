// The standard streams of a command whose output is kept. They are pipes and not, as Node.js makes them, sockets: a program cannot
// open a socket as /dev/stdout.
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { KernelError } from '../../errors.js'
import { pipe } from '../../kernel/libc.js'
import { writeInput } from '../../kernel/shim.js'
import { KeptOutput } from './kept-output.js'
import { unreadOf } from './unread.js'

/**
 * What a command reads: text or bytes; a stream, up to its end; what the caller writes to `input` (`open`); or the standard input
 * of this process (`inherit`).
 */
export type CommandInput =
  | { kind: 'data'; data: string | Uint8Array | Readable }
  | { kind: 'open' }
  | { kind: 'inherit' }

/** The end of a pipe on which a command writes, and what came out of it. */
interface OutputPipe {
  reader: Socket
  fd: number
  kept: KeptOutput
}

/** The owner disposes of it, which closes both ends of each pipe. */
export class CapturedStreams implements Disposable {
  /** Standard input, output and error for the command. */
  readonly ofCommand: readonly [number | 'inherit', number, number]
  /** The pipe to the command's standard input; null when that is inherited. */
  readonly input: Socket | null
  readonly stdout: OutputPipe
  readonly stderr: OutputPipe
  private readonly inherited: number[] = []

  /** @param bytesMax how much is kept of each output */
  constructor(
    private readonly source: CommandInput,
    bytesMax: number,
  ) {
    const [inputFd, input] = source.kind === 'inherit' ? (['inherit', null] as const) : this.openWriter()
    const [outFd, stdout] = this.openReader(bytesMax)
    const [errFd, stderr] = this.openReader(bytesMax)
    this.ofCommand = [inputFd, outFd, errFd]
    this.input = input
    this.stdout = stdout
    this.stderr = stderr
  }

  /** To be called once the command has its streams: this process closes its copies, so that it sees their end. */
  areInherited(): void {
    for (const fd of this.inherited.splice(0)) closeSync(fd)
  }

  /**
   * Writes the input, and reads all that the command, and processes that it leaves in the background, write.
   *
   * @throws KernelError when it cannot be written or read; the error of the stream that is the input
   */
  async read(): Promise<void> {
    const outputs = Promise.all([this.stdout, this.stderr].map(({ reader }) => endOf(reader)))
    await Promise.all([outputs, this.write(outputs)])
  }

  /** Ends `read` with what has been written so far, although a process in the background may have the output open. */
  finish(): void {
    for (const { reader, fd } of [this.stdout, this.stderr]) {
      if (reader.readableEnded || reader.destroyed) continue // it is closed
      reader.pause()
      while (reader.read() !== null); // each is a `data` event
      for (const chunk of unreadOf(fd).chunks) reader.emit('data', chunk)
      reader.destroy()
    }
  }

  [Symbol.dispose](): void {
    this.areInherited()
    for (const stream of [this.stdout.reader, this.stderr.reader, this.input]) stream?.destroy()
  }

  /** Writes the input. A stream need not end once the outputs have. */
  private async write(outputs: Promise<unknown>): Promise<void> {
    if (this.source.kind !== 'data') return
    const { data } = this.source
    if (!(data instanceof Readable)) return writeInput(this.input, data, 'the input of a command')
    const writer = this.input as Socket
    let onError = (_: Error) => {}
    const failed = new Promise<never>((_, reject) => {
      onError = reject
    })
    data.once('error', onError)
    data.pipe(writer)
    writer.on('error', () => data.unpipe(writer)) // the command reads no more
    await Promise.race([outputs, failed]).finally(() => data.off('error', onError).unpipe(writer))
  }

  private openReader(bytesMax: number): [number, OutputPipe] {
    const [fd, writeFd] = pipe()
    this.inherited.push(writeFd)
    const reader = new Socket({ fd, readable: true, writable: false })
    const kept = new KeptOutput(bytesMax)
    reader.on('data', (chunk: Buffer) => kept.take(chunk))
    return [writeFd, { reader, fd, kept }]
  }

  private openWriter(): [number, Socket] {
    const [readFd, fd] = pipe()
    this.inherited.push(readFd)
    return [readFd, new Socket({ fd, readable: false, writable: true })]
  }
}

/** Resolves at the end of a pipe. @throws KernelError when it cannot be read. */
const endOf = (reader: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    reader.on('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new KernelError(
          { operation: 'read', target: 'the output of a command', errno: -(cause.errno ?? 0) },
          { cause },
        ),
      ),
    )
    reader.on('close', () => resolve())
  })
