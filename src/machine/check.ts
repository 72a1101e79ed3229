// The result of one check of the machine.
export type CheckStatus = 'ok' | 'missing' | 'limited'

export interface Check {
  /** Stable name, such as `link.vlan` or `namespace.user`. */
  name: string
  status: CheckStatus
  /** What the check found. */
  detail: string
  /** What the user cannot do; null when the status is `ok`. */
  cost: string | null
  /** How to change that; null when the status is `ok`. */
  remedy: string | null
  /** Whether every lab needs it. */
  required: boolean
}

/** What the check found wrong, what the user cannot do because of it, and how to change that. */
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

/** The same check, marked as needed by every lab. */
export const required = (check: Check): Check => ({ ...check, required: true })
