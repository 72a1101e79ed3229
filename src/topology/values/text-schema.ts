// How the schema checks texts: by functions that say what is wrong, so that messages are whole sentences.
import { z } from 'zod'

/**
 * A text that `faultOf` finds nothing wrong with.
 *
 * @param pattern as much of that as an editor can check
 * @param id its name in the JSON Schema, where it is used often
 */
export function textWithout(faultOf: (text: string) => string | null, pattern: RegExp, id?: string): z.ZodString {
  const text = z.string().superRefine((value, context) => {
    const fault = faultOf(value)
    if (fault !== null) context.addIssue({ code: 'custom', message: fault })
  })
  return text.meta({ pattern: pattern.source, ...(id === undefined ? {} : { id }) })
}
