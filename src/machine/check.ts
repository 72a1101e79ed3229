// One thing that was looked at, and what came of it.
export type CheckStatus = 'ok' | 'missing' | 'limited'

export interface Check {
  /** Stable: `link.vlan`, `namespace.user`. */
  name: string
  status: CheckStatus
  /** What was found. */
  detail: string
  /** What the user cannot do; null when all is well. */
  cost: string | null
  /** How to get it; null when all is well. */
  remedy: string | null
  /** Whether no lab can be made without it. */
  required: boolean
}

/** What is wrong, and what to do. */
export interface Trouble {
  detail: string
  cost: string
  remedy: string
}

export const ok = (name: string, detail: string): Check => ({
  name,
  status: 'ok',
  detail,
  cost: null,
  remedy: null,
  required: false,
})

export const limited = (name: string, trouble: Trouble): Check => ({
  name,
  status: 'limited',
  ...trouble,
  required: false,
})

export const missing = (name: string, trouble: Trouble): Check => ({
  name,
  status: 'missing',
  ...trouble,
  required: false,
})

/** Without it, no lab can be made. */
export const required = (check: Check): Check => ({ ...check, required: true })
