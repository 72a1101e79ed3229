// Keys that are gone from an expanded topology: variables, includes, kinds, defaults, repetition.
import { z } from 'zod'

const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable is called like mtu or site_name')
const value = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** Keys whose values cannot contain variables, since they are read before variables have values. */
export const LITERAL_KEYS = ['vars', 'include'] as const

export const variables = z
  .record(
    variableName,
    z.union([
      value,
      z.strictObject({
        env: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'not the name of an environment variable')
          .describe('name of the environment variable that it has its value from'),
        default: value.optional().describe('its value when the environment has none'),
      }),
    ]),
  )
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how a variable is written
  .describe('variables for `${name}` everywhere else: name to value, or to the environment variable that has it')

export const include = z
  .union([z.string(), z.array(z.string())])
  .describe('a file, or several, that this one builds on; relative to this file')

const range = z.string().regex(/^-?[0-9]+\.\.-?[0-9]+$/, 'not a range such as 1..4')
const values = z.union([z.int().min(0), range, z.array(z.union([z.string(), z.int()]))])

export const repeat = z
  .union([values, z.record(variableName, values)])
  .describe(
    'makes many from this description: a count, a range such as `1..4` or a list for `{i}`, or a map from variables to these',
  )

export const copies = z
  .int()
  .min(1, 'a link is there at least once')
  .describe('how many such links there are side by side; 1 by default')

type Shape = z.ZodObject<z.ZodRawShape>

/** Kinds of nodes: the keys of a node, and the kind that it builds on. */
export const kindsOf = (name: z.ZodString, node: Shape) =>
  z
    .record(
      name,
      z
        .preprocess(
          (kind) => kind ?? {},
          node
            .omit({ kind: true, repeat: true })
            .partial()
            .extend({
              extends: name.optional().describe('the kind that it builds on; `host` by default'),
            }),
        )
        .meta({ orNothing: true }),
    )
    .describe('kinds of nodes of your own, by name; one called `host`, `router` or `switch` adds to the built-in kind')

export const defaultsOf = (node: Shape, link: Shape) =>
  z
    .strictObject({
      node: node
        .omit({ repeat: true })
        .partial()
        .optional()
        .describe('keys of every node that does not write them itself'),
      link: link
        .omit({ endpoints: true, name: true, pairs: true, count: true, repeat: true })
        .partial()
        .optional()
        .describe('keys of every link that does not write them itself'),
    })
    .describe('keys of nodes and links that do not write them themselves')
