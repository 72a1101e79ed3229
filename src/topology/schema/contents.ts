// The keys of a node for its contents beside the network: `env`, `hosts`, `dns`, `files`, `mounts`, `home`, `exec`. Single values are
// checked here; combinations of them are checked when they are resolved.
import { z } from 'zod'
import { NODE_PATH, SOME_TEXT, TEXT } from '../values/patterns.js'
import { checkedText } from '../values/text-schema.js'
import { addressOrNode } from '../values/values.js'

/** PATH_MAX less the NUL (linux/limits.h). */
const PATH_BYTES = 4095
/** Checks of paths take time for each directory. */
const MAX_DIRECTORIES = 100
const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/
/** Limits of the shim for a node (native-shim/node.h, contents.c) and for a command (verbs.h). */
const VARIABLES_MAX = 512
const MOUNTS_MAX = 100
const FILES_MAX = 1000
/** Longer texts should be files. */
const TEXT_MAX = 1 << 20

const text = checkedText((value) => (value.includes('\0') ? 'a text cannot have a NUL character' : null), TEXT).max(
  TEXT_MAX,
  `a text has at most ${TEXT_MAX} characters`,
)

/** The fault of a path in a node; null for none. */
function pathFault(path: string): string | null {
  if (!path.startsWith('/')) return 'a path in a node begins with /'
  if (path === '/') return 'a path in a node is not / itself'
  if (path.length > PATH_BYTES) return `a path has at most ${PATH_BYTES} bytes`
  if (path.split('/').length - 2 > MAX_DIRECTORIES) return `a path has at most ${MAX_DIRECTORIES} directories`
  if (/\p{Cc}/u.test(path)) return 'a path has no control characters'
  if (path.split('/').some((part, at) => at > 0 && ['', '.', '..'].includes(part)))
    return 'a path in a node has no empty, "." or ".." part'
  if (new TextEncoder().encode(path).length > PATH_BYTES) return `a path has at most ${PATH_BYTES} bytes`
  const [, top] = path.split('/')
  return top === 'proc' || top === 'sys' ? `/${top} is the kernel's: nothing can be put there` : null
}

const path = checkedText(pathFault, NODE_PATH, 'path')
/** A file of the machine. */
export const source = checkedText(
  (value) => (value === '' || value.includes('\0') ? 'a path is not empty' : null),
  SOME_TEXT,
)

const hostName = z.string().regex(HOST_NAME, 'a host name consists of letters, digits, hyphens and dots')

export const env = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'an environment variable is called like LANG or MY_SETTING'),
    text,
  )
  .refine((all) => Object.keys(all).length <= VARIABLES_MAX, `a node has at most ${VARIABLES_MAX} variables`)
  .describe('environment variables of every command that is run in the node, name → text')

export const hosts = z
  .record(hostName, z.union([addressOrNode, z.array(addressOrNode).min(1, 'a name has at least one address')]))
  .describe('more names for the /etc/hosts of this node: name → address or node, or list of them')

const server = z.string().min(1, 'a DNS server is an address or a node')
const servers = z.array(server).min(1, 'there is at least one DNS server')

export const dns = z
  .union([
    servers,
    z.strictObject({
      servers: servers.optional().describe('addresses, or names of nodes'),
      search: z.array(hostName).optional().describe('domains that are searched for a name'),
      options: z
        .array(z.string().regex(/^[!-~]+$/, 'an option is one word, such as ndots:2'))
        .optional()
        .describe('options such as `ndots:2` (resolv.conf(5))'),
    }),
  ])
  .describe("what is in the node's /etc/resolv.conf: list of servers, each an address or a node, or a map")

const mode = z.string().regex(/^0?[0-7]{3,4}$/, 'a mode is written in octal, such as 0644')

const owner = z
  .string()
  .regex(/^[A-Za-z0-9_.][A-Za-z0-9_.-]*(?::[A-Za-z0-9_.-]+)?$/, 'an owner is USER or USER:GROUP, names or ids')

export const files = z
  .record(
    path,
    z.union([
      text,
      z.strictObject({
        content: text.optional().describe('its text'),
        source: source.optional().describe('a file that is copied; relative to this file'),
        mode: mode.optional().describe('octal; `0644` by default'),
        owner: owner.optional().describe('USER or USER:GROUP in the node, names or ids; root by default'),
      }),
    ]),
  )
  .meta({ maxProperties: FILES_MAX })
  .superRefine((all, context) => {
    if (Object.keys(all).length > FILES_MAX)
      context.addIssue({
        code: 'custom',
        message: `a node has at most ${FILES_MAX} files; \`mounts\` shows a directory`,
      })
  })
  .describe('path → text, or a map; the node has this file in place of that of the machine')

export const mounts = z
  .array(
    z.strictObject({
      target: path.describe('path in the node; made where it is missing'),
      source: source
        .optional()
        .describe('file or directory of the machine that is mounted there; relative to this file'),
      readonly: z.boolean().optional().describe('whether the node may only read it; `false` by default'),
      size: z
        .string()
        .regex(/^[1-9][0-9]*[kmgKMG%]?$/, 'a size is a number of bytes, with k, m, g or %')
        .optional()
        .describe('without a source, which makes it a tmpfs: its size; half of the memory by default'),
      mode: mode.optional().describe('without a source: octal; `0755` by default'),
    }),
  )
  .max(MOUNTS_MAX, `a node has at most ${MOUNTS_MAX} mounts`)
  .describe('directories of the machine, or empty ones in memory, that the node has at a path')

export const home = z
  .enum(['machine', 'private'])
  .describe(
    '`private` covers the home directory of the user who runs nslab with an empty one; `machine` is the default',
  )

/** A line for sh(1), or a list of words. */
export const command = z.union([
  text.min(1, 'a command is not empty'),
  z.array(text).min(1, 'a command has at least one word'),
])

export const exec = z
  .array(command)
  .describe('commands that are run once the network stands, in order: a line for sh(1), or a list of words')
