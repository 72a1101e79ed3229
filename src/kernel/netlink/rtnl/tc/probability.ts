// Probabilities as tc has them: a part of 2³² − 1 (tc-netem(8)).

const WHOLE = 0xffff_ffff

/** @param probability 0 to 1 */
export const fromProbability = (probability: number): number => Math.round(probability * WHOLE)

export const toProbability = (part: number): number => part / WHOLE
