// How the schema checks texts: by functions that say what is wrong, so that messages are whole sentences.
import { z } from 'zod'

/** A text that `faultOf` finds nothing wrong with; `pattern` is as much of that as an editor can check. */
export function textWithout(faultOf: (text: string) => string | null, pattern?: RegExp): z.ZodString {
  const text = z.string().superRefine((value, context) => {
    const fault = faultOf(value)
    if (fault !== null) context.addIssue({ code: 'custom', message: fault })
  })
  return pattern ? text.meta({ pattern: pattern.source }) : text
}
