// Turns the issues of zod into faults, with a place in the file and a suggestion.

import type { z } from 'zod'
import { IMPAIRMENT_KEYS } from '../schema/impairments.js'
import { keyWithoutColon } from '../values/missing-colon.js'
import { suggestion } from '../values/suggest.js'
import type { Faults } from './faults.js'
import type { Path } from './located.js'
import { keyOfListForm, knownKeys, type Schema } from './schema-keys.js'

type Issue = z.core.$ZodIssue

/**
 * @param issues of a parse with `reportInput`
 * @param root the schema of the whole file
 * @param above the path of the value that was parsed
 */
export function addSchemaFaults(faults: Faults, issues: readonly Issue[], root: Schema, above: Path = []): void {
  const mistyped = new Set(issues.filter(({ code }) => code === 'invalid_type').map(({ path }) => path.join('\0')))
  for (const issue of issues) {
    // zod also calls a text in place of a list too short. Its type is the fault.
    if (issue.code === 'too_small' && mistyped.has(issue.path.join('\0'))) continue
    const path = [...above, ...issue.path]
    if (isBeyondIntegers(issue)) {
      // A limit of the key itself says more, if there is one.
      const isTold = issues.some((other) => other !== issue && other.path.join('\0') === issue.path.join('\0'))
      if (!isTold) faults.add(path, `${described(issue.input)} is beyond the range of whole numbers`)
      continue
    }
    switch (issue.code) {
      case 'unrecognized_keys': {
        const known = knownKeys(root, path, issue.input)
        for (const key of issue.keys) {
          const help =
            linkKeyHelp(key, path) ||
            suggestion(key, [...known, ...endNames(issue.input)]) ||
            `; there are ${known.join(', ')}`
          faults.add([...path, key], `unknown key ${key}${help}`, 'key')
        }
        break
      }
      case 'invalid_key':
        faults.add(path, `${String(path.at(-1))}: ${issue.issues.map((each) => each.message).join('; ')}`, 'key')
        break
      case 'invalid_union':
        if (issue.errors.length === 0) addSchemaFaults(faults, [notOneOf(issue)], root, above)
        else addSchemaFaults(faults, nearest(issue.errors), root, path)
        break
      case 'invalid_value': {
        const values = issue.values.map(String)
        const near = suggestion(String(issue.input), values)
        faults.add(path, `expected ${alternatives(values)}, got ${described(issue.input)}${near}`)
        break
      }
      case 'invalid_type':
        faults.add(
          path,
          issue.input === undefined ? missing(path) : typeMessage(issue.expected, issue.input, root, path),
        )
        break
      default:
        faults.add(path, issue.message)
    }
  }
}

/** Nodes and tunnels do nothing to frames; links do. */
function linkKeyHelp(key: string, path: Path): string {
  const isOfLink = (IMPAIRMENT_KEYS as readonly string[]).includes(key)
  return isOfLink && path[0] === 'nodes' ? '; it is a key of links' : ''
}

/** What can be written as keys of a link: the names of its ends. */
function endNames(input: unknown): string[] {
  const { endpoints } = input as { endpoints?: unknown }
  if (!Array.isArray(endpoints)) return []
  return endpoints.flatMap((end) => (typeof end === 'string' ? end : (end?.node ?? [])))
}

/** Whether an issue says that JavaScript cannot represent a number exactly. */
const isBeyondIntegers = (issue: Issue): boolean =>
  (issue.code === 'too_big' && issue.maximum === Number.MAX_SAFE_INTEGER) ||
  (issue.code === 'too_small' && issue.minimum === Number.MIN_SAFE_INTEGER)

/** The issue of a `kind` that is missing or unknown, in the form of one about a single value. */
function notOneOf({ path, input, ...rest }: z.core.$ZodIssueInvalidUnion): Issue {
  const { discriminator = '', options = [] } = rest as { discriminator?: string; options?: z.util.Primitive[] }
  const value = (input as Record<string, unknown> | undefined)?.[discriminator]
  return value === undefined
    ? { code: 'invalid_type', expected: 'string', path, message: '', input: undefined }
    : { code: 'invalid_value', values: [...options].sort(), path, message: '', input: value }
}

const TYPES: Record<string, string> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  tuple: 'a list',
  string: 'a text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'nothing',
}

const missing = (path: Path): string => `the key \`${String(path.at(-1))}\` is missing`

function typeMessage(expected: string, input: unknown, root: Schema, path: Path): string {
  const key = expected === 'object' ? keyOfListForm(root, path) : undefined
  const known = key === undefined ? (TYPES[expected] ?? expected) : `a list of ${key} or a map`
  return `expected ${known}, got ${described(input)}${colonHelp(known, input)}`
}

function colonHelp(expected: string, input: unknown): string {
  const key = typeof input === 'string' ? keyWithoutColon(input) : undefined
  return expected.endsWith('a map') && key !== undefined ? `: is a colon missing after ${key}?` : ''
}

function described(input: unknown): string {
  if (input === null || input === undefined) return 'nothing'
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'object') return 'a map'
  return typeof input === 'string' ? JSON.stringify(input) : String(input)
}

/**
 * The issues of one form among those that a value can have: the first form of the right type, else a single issue that lists all
 * forms.
 */
function nearest(branches: readonly Issue[][]): Issue[] {
  const isAboutType = ({ code, path }: Issue) => path.length === 0 && /^invalid_(type|value)$/.test(code)
  const all = branches.flatMap(leaves)
  const fitting = all.find((issues) => !issues.some(isAboutType))
  if (fitting) return fitting
  const forms = all.flat().flatMap((issue): string[] => {
    if (issue.code === 'invalid_type') return [TYPES[issue.expected] ?? issue.expected]
    return issue.code === 'invalid_value' ? issue.values.map(String) : []
  })
  const input = all.flat()[0]?.input
  if (input === undefined) return [{ code: 'invalid_type', expected: 'nonoptional', path: [], message: '', input }]
  const message = `expected ${alternatives([...new Set(forms)])}, got ${described(input)}${colonHelp(alternatives(forms), input)}`
  return [{ code: 'custom', path: [], message, input: undefined }]
}

/** Takes a form apart that is itself a choice of forms. */
function leaves(branch: readonly Issue[]): Issue[][] {
  const [only] = branch
  return only?.code === 'invalid_union' && only.path.length === 0 ? only.errors.flatMap(leaves) : [[...branch]]
}

/** `a`, `a or b`, `a, b or c`. */
const alternatives = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
