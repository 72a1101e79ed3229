// Texts in memory as C has them, for calls such as execve(2).

/** An array of C strings, which ends with a null pointer. The strings live as long as the object. */
export class StringArray {
  readonly pointers: BigUint64Array
  private readonly bytes: Buffer

  /** @param addressOf tells the address of a buffer's memory */
  constructor(texts: readonly (string | Buffer)[], addressOf: (bytes: Buffer) => bigint) {
    const strings = texts.map((text) => Buffer.concat([Buffer.from(text as string), Buffer.of(0)]))
    this.bytes = Buffer.concat(strings)
    this.pointers = new BigUint64Array(texts.length + 1)
    let address = addressOf(this.bytes)
    for (const [index, string] of strings.entries()) {
      this.pointers[index] = address
      address += BigInt(string.length)
    }
  }
}
