/** Address families by the version of IP. */
export type Family = 4 | 6
