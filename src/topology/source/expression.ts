// Expressions in the braces of a repeated description: `{i}`, `{i+1}`, `{(i-1)%4+1}`, `{i:02}`, `{i:02x}`.

/** The values of the variables of `repeat`, by name. */
export type Scope = ReadonlyMap<string, number | string>

/** Not after a dollar sign: `${…}` is a variable, or was escaped. */
const TEMPLATE = /(?<!\$)\{([^{}]+)\}/g
const TOKEN = /\s*(?:([0-9]+)|([A-Za-z_][A-Za-z0-9_]*)|([-+*/%()]))/y
/** Longer texts in braces are no templates. */
const MAX_TEMPLATE = 100
const FORMAT = /^(.*?)(?::(?:0([0-9]{1,2}))?(x?))?$/s

/** The reason why an expression has no value. */
class Refusal extends Error {}

/**
 * Fills in every template whose names are all in the scope. Other texts in braces stay as they are, since braces have a meaning
 * in many programs. A text that is only one template, without a format, becomes a number.
 *
 * @param limit the most characters that are filled in
 * @returns the filled text or number, or a fault
 */
export function fillText(text: string, scope: Scope, limit: number): { value: string | number } | { fault: string } {
  try {
    let whole: number | string | null = null
    let length = 0
    const filled = text.replace(TEMPLATE, (template, inner: string) => {
      const value = fillTemplate(inner, scope)
      if (value === null) return template
      if (template.length === text.length) whole = value
      length += String(value).length
      if (length > limit) throw new Refusal(`this becomes a text of over ${limit} characters`)
      return String(value)
    })
    return { value: whole ?? filled }
  } catch (error) {
    if (error instanceof Refusal) return { fault: error.message }
    throw error
  }
}

function fillTemplate(inner: string, scope: Scope): number | string | null {
  if (inner.length > MAX_TEMPLATE) return null
  const [, expression = '', width, hex] = FORMAT.exec(inner) ?? []
  const tokens = tokensOf(expression)
  const names = tokens?.filter((token) => /^[A-Za-z_]/.test(token)) ?? []
  if (!tokens || names.length === 0 || !names.every((name) => scope.has(name))) return null
  const only = tokens.length === 1 ? scope.get(tokens[0] as string) : undefined
  if (typeof only === 'string' && expression === inner) return only
  const value = new Evaluation(tokens, scope, inner).value()
  if (width === undefined && !hex) return value
  const digits = Math.abs(value).toString(hex ? 16 : 10)
  return `${value < 0 ? '-' : ''}${digits.padStart(Number(width ?? 0), '0')}`
}

function tokensOf(text: string): string[] | null {
  const tokens: string[] = []
  const end = text.trimEnd().length
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(text)
    if (!match) return null
    tokens.push(match[1] ?? match[2] ?? (match[3] as string))
  }
  return tokens
}

/** Computes with whole numbers. Division and remainder round down, so that `%` counts around a ring. */
class Evaluation {
  private at = 0

  constructor(
    private readonly tokens: readonly string[],
    private readonly scope: Scope,
    private readonly text: string,
  ) {}

  value(): number {
    const value = this.sum()
    return this.at === this.tokens.length ? value : this.refuse('is not an expression')
  }

  private sum(): number {
    let value = this.product()
    for (let operator = this.operator('+', '-'); operator; operator = this.operator('+', '-')) {
      const right = this.product()
      value = this.checked(operator === '+' ? value + right : value - right)
    }
    return value
  }

  private product(): number {
    let value = this.factor()
    for (let operator = this.operator('*', '/', '%'); operator; operator = this.operator('*', '/', '%')) {
      const right = this.factor()
      if (operator !== '*' && right === 0) this.refuse('divides by zero')
      const quotient = Math.floor(value / right)
      value = this.checked(operator === '*' ? value * right : operator === '/' ? quotient : value - quotient * right)
    }
    return value
  }

  private factor(): number {
    const token = this.tokens[this.at++]
    if (token === undefined) return this.refuse('is not an expression')
    if (token === '-') return -this.factor()
    if (token === '(') {
      const value = this.sum()
      return this.tokens[this.at++] === ')' ? value : this.refuse('has a bracket that is not closed')
    }
    const value = /^[0-9]/.test(token) ? Number(token) : this.scope.get(token)
    if (typeof value === 'string') return this.refuse(`counts with ${token}, which is the text ${value}`)
    return value === undefined ? this.refuse('is not an expression') : this.checked(value)
  }

  private operator(...known: string[]): string | undefined {
    const token = this.tokens[this.at]
    if (token === undefined || !known.includes(token)) return undefined
    this.at++
    return token
  }

  private checked(value: number): number {
    return Number.isSafeInteger(value) ? value : this.refuse('is too large a number')
  }

  private refuse(why: string): never {
    throw new Refusal(`{${this.text}} ${why}`)
  }
}
