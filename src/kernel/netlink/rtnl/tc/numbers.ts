// Probabilities and distributions as tc has them (tc-netem(8)).

const WHOLE = 0xffff_ffff

/** As a part of 2³² − 1. @param probability 0 to 1 */
export const fromProbability = (probability: number): number => Math.round(probability * WHOLE)

export const toProbability = (part: number): number => part / WHOLE

/** A distribution as signed numbers of 16 bits. */
export const tableBytes = (table: readonly number[]): Uint8Array => new Uint8Array(Int16Array.from(table).buffer)
