// The standard streams of a command whose output is kept. They are pipes and not, as Node.js makes them, sockets: a program cannot
// open a socket as /dev/stdout.
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { KernelError } from '../../errors.js'
import { pipe } from '../../kernel/libc.js'
import { writeInput } from '../../kernel/shim.js'
import { unreadOf } from './unread.js'

/** The owner disposes of it, which closes both ends of each pipe. */
export class CapturedStreams implements Disposable {
  /** Standard input, output and error for the command. */
  readonly ofCommand: readonly [number | 'inherit', number, number]
  private readonly readers: { reader: Socket; fd: number }[] = []
  private writer: Socket | null = null
  private inherited: number[] = []

  /** @param input text for the command's standard input; `inherit` for that of this process */
  constructor(private readonly input: string | 'inherit' = '') {
    this.ofCommand = [input === 'inherit' ? input : this.openWriter(), this.reader(), this.reader()]
  }

  /** To be called once the command has its streams: this process closes its copies, so that it sees their end. */
  areInherited(): void {
    for (const fd of this.inherited.splice(0)) closeSync(fd)
  }

  /**
   * Writes the input, and reads all that the command, and processes that it leaves in the background, write.
   *
   * @throws KernelError when it cannot be written or read
   */
  async read(): Promise<{ stdout: string; stderr: string }> {
    const written = writeInput(this.writer, this.input, 'the input of a command')
    const [stdout = '', stderr = ''] = await Promise.all([
      ...this.readers.map(({ reader }) => textOf(reader)),
      written.then(() => ''),
    ])
    return { stdout, stderr }
  }

  /** Ends `read` with what has been written so far, although a process in the background may have the output open. */
  finish(): void {
    for (const { reader, fd } of this.readers) {
      if (reader.readableEnded || reader.destroyed) continue // it is closed
      reader.pause()
      for (const chunk of unreadOf(fd).chunks) reader.emit('data', chunk)
      reader.destroy()
    }
  }

  [Symbol.dispose](): void {
    this.areInherited()
    for (const stream of [...this.readers.map(({ reader }) => reader), this.writer]) stream?.destroy()
  }

  private reader(): number {
    const [readFd, writeFd] = pipe()
    this.inherited.push(writeFd)
    this.readers.push({ reader: new Socket({ fd: readFd, readable: true, writable: false }), fd: readFd })
    return writeFd
  }

  private openWriter(): number {
    const [readFd, writeFd] = pipe()
    this.inherited.push(readFd)
    this.writer = new Socket({ fd: writeFd, readable: false, writable: true })
    return readFd
  }
}

/** All that comes through a pipe until its end. @throws KernelError when it cannot be read. */
const textOf = (reader: Socket): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    reader.on('data', (chunk: Buffer) => chunks.push(chunk))
    reader.on('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new KernelError(
          { operation: 'read', target: 'the output of a command', errno: -(cause.errno ?? 0) },
          { cause },
        ),
      ),
    )
    reader.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
