// The parts of docs/topology.md that are generated from the schema: tables of keys between two comments.
import type { JsonSchema } from '../../src/topology/schema/json-schema.js'

const SECTION = /(<!-- keys: (.*?) -->\n)[\s\S]*?(<!-- end of keys -->)/g

/** The page with every table generated again. */
export function withTables(page: string, root: JsonSchema): string {
  const schema = withoutReferences(root, root)
  return page.replace(
    SECTION,
    (_, begin: string, path: string, end: string) => `${begin}\n${tableOf(schemaAt(schema, path))}\n${end}`,
  )
}

/** The keys of every map of the schema, written as `nodes.*.kind`, with their descriptions. */
export const describedKeys = (root: JsonSchema): [string, string | undefined][] =>
  keysBelow(withoutReferences(root, root), '')

/** The keys in the tables of a page, written in the same way. */
export function tabledKeys(page: string, root: JsonSchema): string[] {
  const schema = withoutReferences(root, root)
  return [...page.matchAll(SECTION)].flatMap(([, , path = '']) => {
    const above = path === 'top' ? '' : `${path.replace(/=[a-z0-9_-]+/g, '')}.`
    return Object.keys(propertiesOf(schemaAt(schema, path))).map((key) => above + key)
  })
}

/** The schema with each reference replaced by its target. */
function withoutReferences<T>(part: T, root: JsonSchema): T {
  if (typeof part !== 'object' || part === null) return part
  if (Array.isArray(part)) return part.map((each) => withoutReferences(each, root)) as T
  const { $ref, $defs, ...own } = part as JsonSchema
  const meant = $ref === undefined ? own : { ...root.$defs?.[$ref.replace('#/$defs/', '')], ...own }
  return Object.fromEntries(Object.entries(meant).map(([key, value]) => [key, withoutReferences(value, root)])) as T
}

function keysBelow(schema: JsonSchema, path: string): [string, string | undefined][] {
  const below = (part: JsonSchema | boolean | undefined, step: string) =>
    typeof part === 'object' ? keysBelow(part, path === '' ? step : `${path}.${step}`) : []
  const keys = Object.entries(schema.properties ?? {}).flatMap(([key, part]): [string, string | undefined][] => [
    [path === '' ? key : `${path}.${key}`, part.description],
    ...below(part, key),
  ])
  const forms = (schema.anyOf ?? []).flatMap((form) => keysBelow(form, path))
  return [...keys, ...below(schema.additionalProperties, '*'), ...below(schema.items, '[]'), ...forms]
}

/** @param path keys separated by dots; `*` is any key, `*=KIND` an entry of that kind, `loss=MODEL` a value of that model, `[]` an item of a list */
function schemaAt(schema: JsonSchema, path: string): JsonSchema {
  const at = path.split(' ')[0] === 'top' ? [] : path.split('.')
  return at.reduce((from, step) => {
    const [name = '', kind] = step.split('=')
    if (kind !== undefined) return ofKind(schemaAt(from, name), kind)
    const next = formsOf(from)
      .map((form) => (step === '*' ? form.additionalProperties : step === '[]' ? form.items : form.properties?.[step]))
      .find((found) => typeof found === 'object')
    if (!next) throw new Error(`the schema has no ${step} in ${path}`)
    return next as JsonSchema
  }, schema)
}

function ofKind(schema: JsonSchema, kind: string): JsonSchema {
  const isMeant = ({ properties }: JsonSchema) =>
    formsOf(properties?.kind ?? properties?.model ?? {}).some(
      (form) => form.const === kind || form.enum?.includes(kind),
    )
  const found = formsOf(schema).find(isMeant)
  if (!found) throw new Error(`the schema has no kind ${kind}`)
  return found
}

const formsOf = (schema: JsonSchema): JsonSchema[] => [schema, ...(schema.anyOf ?? []).flatMap(formsOf)]

function propertiesOf(schema: JsonSchema): Record<string, JsonSchema> {
  const { properties } = formsOf(schema).find((form) => form.properties) ?? {}
  if (!properties) throw new Error('the schema has no keys there')
  return properties
}

function tableOf(schema: JsonSchema): string {
  const rows = Object.entries(propertiesOf(schema)).map(([key, { description, default: absent }]) => [
    `\`${key}\``,
    description + defaultText(absent),
  ])
  const width = Math.max(...rows.map(([key = '']) => key.length))
  const line = (key: string, text: string) => `| ${key.padEnd(width)} | ${text.replaceAll('|', '\\|')} |`
  return [
    line('key', 'value'),
    `| ${'-'.repeat(width)} | ----- |`,
    ...rows.map(([key = '', text = '']) => line(key, text)),
    '',
  ].join('\n')
}

const defaultText = (absent: unknown): string => {
  const isEmpty = typeof absent === 'object' && Object.keys(absent as object).length === 0
  return absent === undefined || isEmpty
    ? ''
    : `; \`${JSON.stringify(absent).replaceAll('"', '').replaceAll(',', ', ')}\` by default`
}
