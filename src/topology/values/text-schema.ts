// Schemas of texts whose faults are found by a function, so that messages are whole sentences.
import { z } from 'zod'

/**
 * A text that is checked by a function.
 *
 * @param faultOf describes the fault of a text; returns null for none
 * @param pattern the part of the check that an editor can do
 * @param id the name of the value in the JSON Schema, for values that are used often
 */
export function checkedText(faultOf: (text: string) => string | null, pattern: RegExp, id?: string): z.ZodString {
  const text = z.string().superRefine((value, context) => {
    const fault = faultOf(value)
    if (fault !== null) context.addIssue({ code: 'custom', message: fault })
  })
  return text.meta({ pattern: pattern.source, ...(id === undefined ? {} : { id }) })
}
