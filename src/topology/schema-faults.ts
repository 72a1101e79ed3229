// What the schema found, in the words of the file: zod's issues become faults, with a place and a suggestion.
import type { z } from 'zod'
import type { Faults, Path } from './fault.js'
import { knownKeys } from './schema.js'
import { suggestion } from './suggest.js'

type Issue = z.core.$ZodIssue

/** Adds the issues of a parse that was told to `reportInput`. */
export function addSchemaFaults(faults: Faults, issues: readonly Issue[], above: Path = []): void {
  for (const issue of issues) {
    const path = [...above, ...issue.path]
    switch (issue.code) {
      case 'unrecognized_keys': {
        const known = knownKeys(path)
        for (const key of issue.keys) {
          const help = suggestion(key, known) || `; there are ${known.join(', ')}`
          faults.add([...path, key], `unknown key ${key}${help}`, 'key')
        }
        break
      }
      case 'invalid_key':
        faults.add(path, `${String(path.at(-1))}: ${issue.issues.map((each) => each.message).join('; ')}`, 'key')
        break
      case 'invalid_union':
        addSchemaFaults(faults, nearest(issue.errors), path)
        break
      case 'invalid_value': {
        const values = issue.values.map(String)
        const near = suggestion(String(issue.input), values)
        faults.add(path, `expected ${values.join(' or ')}, got ${described(issue.input)}${near}`)
        break
      }
      case 'invalid_type':
        faults.add(path, typeMessage(issue.expected, issue.input))
        break
      default:
        faults.add(path, issue.message)
    }
  }
}

const TYPES: Record<string, string> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  tuple: 'a list',
  string: 'a text',
  int: 'a whole number',
  number: 'a number',
}

function typeMessage(expected: string, input: unknown): string {
  if (input === undefined) return 'this key is needed, and is not there'
  const isBare = typeof input === 'number' || typeof input === 'boolean'
  return `expected ${TYPES[expected] ?? expected}, got ${described(input)}${expected === 'string' && isBare ? ': put it in quotes' : ''}`
}

function described(input: unknown): string {
  if (input === null || input === undefined) return 'nothing'
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'object') return 'a map'
  return typeof input === 'string' ? JSON.stringify(input) : String(input)
}

/** Of the forms a value may have, the one whose own type is right; else one issue that names them all. */
function nearest(branches: readonly Issue[][]): Issue[] {
  const isAboutType = ({ code, path }: Issue) => path.length === 0 && /^invalid_(type|value)$/.test(code)
  const fitting = branches.find((issues) => !issues.some(isAboutType))
  if (fitting) return fitting
  const forms = branches.flat().flatMap((issue): string[] => {
    if (issue.code === 'invalid_type') return [TYPES[issue.expected] ?? issue.expected]
    return issue.code === 'invalid_value' ? issue.values.map(String) : []
  })
  const message = `expected ${[...new Set(forms)].join(' or ')}, got ${described(branches.flat()[0]?.input)}`
  return [{ code: 'custom', path: [], message, input: undefined }]
}
