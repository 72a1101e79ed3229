// Where a program calls the library.
import { fileURLToPath } from 'node:url'

/** The place of a call. */
export interface CallSite {
  /** Path of the calling file; null when the caller is in no file. */
  file: string | null
  /** Line of the call, in the source where that is the same file. */
  line: number
  /** The frames of the call as a stack has them. */
  frames: string
}

/** The place from which `callee` was called. */
export function callSiteOf(callee: AnyCallee): CallSite {
  const [caller] = sitesAbove(callee)
  const name = caller?.getFileName() ?? null
  const file = name === null ? null : pathOf(name)
  const frames = framesAbove(callee)
  // Test runners and Node.js map lines to those of the source; import() needs the file that runs.
  const [, shown = '', line = ''] = /^\n +at (?:.*\()?(.*):([0-9]+):[0-9]+\)?(?=\n|$)/.exec(frames) ?? []
  return { file, line: pathOf(shown) === file && file !== null ? Number(line) : (caller?.getLineNumber() ?? 1), frames }
}

type AnyCallee = (...args: never[]) => unknown

function sitesAbove(callee: AnyCallee): NodeJS.CallSite[] {
  const { prepareStackTrace } = Error
  Error.prepareStackTrace = (_, sites) => sites
  try {
    const holder: { stack?: unknown } = {}
    Error.captureStackTrace(holder, callee)
    return holder.stack as NodeJS.CallSite[]
  } finally {
    Error.prepareStackTrace = prepareStackTrace
  }
}

/** The frames as they are shown in this process. */
function framesAbove(callee: AnyCallee): string {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, callee)
  return /\n +at [\s\S]*$/.exec(holder.stack ?? '')?.[0] ?? ''
}

/** The absolute path of a file that a frame names as URL or path; null for anything else. */
function pathOf(name: string): string | null {
  if (name.startsWith('file:')) return fileURLToPath(name)
  return name.startsWith('/') ? name : null
}
