/** Address families by the version of IP. */
export type Family = 4 | 6

export const FAMILIES = [4, 6] as const
