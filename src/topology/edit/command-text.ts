// The text of a command that adds a node or a link: faults are shown in its words.
import { type Position, type Quote, SourceText } from '../source/source-text.js'

/** `KEY=VALUE` of a command, read as the YAML text `KEY: VALUE`, whose places are those of the word in the command. */
export class CommandWord extends SourceText {
  /** @param from where the word begins in the command */
  constructor(
    key: string,
    value: string,
    private readonly command: SourceText,
    private readonly from: number,
  ) {
    super(`${key}: ${value}`, command.file, false, command.place)
    this.equals = key.length + 1
  }

  /** The command has one character, `=`, where the YAML text has two. */
  private readonly equals: number

  override position(offset: number): Position {
    return this.command.position(this.inCommand(offset))
  }

  override quote(start: number, end: number): Quote | undefined {
    return this.command.quote(this.inCommand(start), this.inCommand(end))
  }

  private inCommand(offset: number): number {
    return this.from + (offset > this.equals ? offset - 1 : offset)
  }
}
