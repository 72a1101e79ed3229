// The JSON Schemas of topology and scenario files, for editors. It allows what the schema allows, and also the forms that exist only before a
// topology is expanded: short forms, variables, templates of `repeat`.
import { z } from 'zod'
import { LITERAL_KEYS } from './expansion.js'
import { scenarioFile } from './scenario.js'
import { topology } from './topology.js'

/** The part of JSON Schema (2020-12) that is used here. */
export interface JsonSchema {
  type?: string | string[]
  description?: string
  default?: unknown
  enum?: unknown[]
  const?: unknown
  pattern?: string
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  items?: JsonSchema | false
  prefixItems?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  propertyNames?: JsonSchema
  additionalProperties?: JsonSchema | boolean
  required?: string[]
  $defs?: Record<string, JsonSchema>
  $ref?: string
  [other: string]: unknown
}

/** A number or a boolean where only a text can be is the text that is written. */
const TEXT_TYPES = ['string', 'number', 'boolean']
const TEMPLATE: JsonSchema = { $ref: '#/$defs/template' }

/** Makes the JSON Schema of topologies. Each call returns a new object. */
export function topologyJsonSchema(): JsonSchema {
  const { required, ...rest } = fileJsonSchema(topology, {
    title: 'nslab topology',
    description: 'A network of Linux namespaces: nodes, and the links that wire them.',
  })
  return {
    ...rest,
    // A required key can be in an included file.
    anyOf: [
      { required: required ?? [], not: { properties: { nodes: { const: {} } } } },
      { required: ['include'], not: { properties: { include: { const: [] } } } },
    ],
  }
}

/** Makes the JSON Schema of scenarios in files of their own. Each call returns a new object. */
export const scenarioJsonSchema = (): JsonSchema =>
  fileJsonSchema(scenarioFile, {
    title: 'nslab scenario',
    description: 'Timed steps for a running lab, with expectations.',
  })

function fileJsonSchema(schema: z.ZodType, about: { title: string; description: string }): JsonSchema {
  const {
    $schema,
    properties = {},
    $defs = {},
    ...rest
  } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as JsonSchema
  const parts = Object.entries(properties).map(([key, part]) => [
    key,
    (LITERAL_KEYS as readonly string[]).includes(key) ? withTexts(part) : written(part),
  ])
  return {
    $schema,
    ...about,
    ...rest,
    properties: Object.fromEntries(parts),
    $defs: {
      ...Object.fromEntries(Object.entries($defs).map(([name, part]) => [name, written(part)])),
      template: {
        type: 'string',
        pattern: '\\{[^{}]+\\}',
        description: 'a text with variables in it, or with values of `repeat`',
      },
    },
  }
}

/**
 * Adds the forms that can be written in place of a value.
 *
 * @param isAlternative whether the value may be a number or a boolean instead, so that these are no texts
 */
function written(schema: JsonSchema, isAlternative = false): JsonSchema {
  const { orNothing, orListOf, hasEnds, hasUnit, isOpen, mayLack, ...own } = within(schema, written)
  if (mayLack !== undefined && own.required) own.required = own.required.filter((key) => key !== mayLack)
  if (hasEnds) own.additionalProperties = { $ref: '#/$defs/direction' }
  const forms: JsonSchema[] = []
  if (typeof orListOf === 'string') forms.push({ ...own.properties?.[orListOf], description: 'its endpoints alone' })
  if (isOpen) forms.push({ type: 'string', pattern: '^[A-Za-z0-9-]+$' })
  if (isLimited(own)) forms.push(TEMPLATE)
  if (orNothing) forms.push({ type: 'null' })
  if (!isAlternative && !hasUnit) widen(own)
  if (forms.length === 0) return own
  const { description, default: absent, ...form } = own
  return {
    ...(description === undefined ? {} : { description }),
    ...(absent === undefined ? {} : { default: absent }),
    anyOf: [...(form.anyOf && Object.keys(form).length === 1 ? form.anyOf : [form]), ...forms],
  }
}

/** Lets texts be numbers and booleans, and adds no other forms. */
function withTexts(schema: JsonSchema, isAlternative = false): JsonSchema {
  const own = within(schema, withTexts)
  if (!isAlternative) widen(own)
  return own
}

function widen(schema: JsonSchema): void {
  if (schema.type === 'string' && schema.enum === undefined) schema.type = TEXT_TYPES
}

/** Changes the schemas within a schema. */
function within(schema: JsonSchema, change: (inner: JsonSchema, isAlternative?: boolean) => JsonSchema): JsonSchema {
  const { oneOf, ...own } = schema
  const { items, prefixItems, properties, propertyNames, additionalProperties, anyOf = oneOf } = own
  return {
    ...own,
    ...(items ? { items: change(items) } : {}),
    ...(prefixItems ? { prefixItems: prefixItems.map((item) => change(item)) } : {}),
    ...(anyOf ? { anyOf: anyOf.map((form) => change(form, anyOf.some(isNoText))) } : {}),
    ...(properties
      ? { properties: Object.fromEntries(Object.entries(properties).map(([k, v]) => [k, change(v)])) }
      : {}),
    ...(propertyNames ? { propertyNames: change(propertyNames, true) } : {}),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: change(additionalProperties) } : {}),
  }
}

/** Whether a value is a number or a boolean. */
const isNoText = ({ type, const: only }: JsonSchema): boolean =>
  ['integer', 'number', 'boolean'].includes(String(type)) || ['number', 'boolean'].includes(typeof only)

/** Whether a text with braces does not fit the schema of a value. */
function isLimited({ type, enum: values, const: only, pattern }: JsonSchema): boolean {
  if (values !== undefined || only !== undefined || pattern !== undefined) return true
  return type === 'integer' || type === 'number' || type === 'boolean'
}
