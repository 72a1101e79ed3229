// What this process and a worker in a node tell each other.

/** A function to be called in the worker. */
export type Call =
  | {
      kind: 'function'
      /** An expression that makes the function. */
      text: string
      /** Absolute path of the file from which it comes; `import()` and `require` are relative to it. */
      file: string
      line: number
      args: readonly unknown[]
    }
  | { kind: 'module'; url: string; args: readonly unknown[] }

export type Request = Call & { id: number }

/** What a function has returned or thrown. */
export type Reply = { id: number; value: unknown } | { id: number; error: Thrown }

/** A value that was thrown: an error in its parts, since their copies would lose most of them, or anything else. */
export type Thrown =
  | { kind: 'value'; value: unknown }
  | {
      kind: 'error'
      name: string
      message: string
      stack: string
      /** The other properties of the error that are texts, numbers or truth values, such as `code`. */
      properties: Record<string, unknown>
      cause?: Thrown
      /** Of an AggregateError. */
      errors?: readonly Thrown[]
    }
