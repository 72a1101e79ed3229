// Confidence intervals for what samples say about a link.
import { betaQuantile, normalQuantile, studentQuantile } from './numerics.js'

export interface Interval {
  low: number
  high: number
}

/**
 * The exact interval for a probability (Clopper and Pearson, 1934).
 *
 * @param hits of `trials`; both may be fractions, as effective sizes of dependent samples are
 * @param alpha the probability that the interval does not contain the true value, at most
 */
export const proportionInterval = (hits: number, trials: number, alpha: number): Interval => ({
  low: hits <= 0 ? 0 : betaQuantile(alpha / 2, hits, trials - hits + 1),
  high: hits >= trials ? 1 : betaQuantile(1 - alpha / 2, hits + 1, trials - hits),
})

/**
 * The interval for the median by order statistics, which assumes nothing about the distribution (David and Nagaraja, "Order
 * Statistics", 7.1), with the normal approximation of the binomial distribution.
 *
 * @param sorted ascending, at least one
 * @param effective number of independent samples that say as much
 */
export function medianInterval(sorted: readonly number[], alpha: number, effective = sorted.length): Interval {
  const half = (normalQuantile(1 - alpha / 2) * Math.sqrt(effective) * 0.5 * sorted.length) / effective
  const at = (index: number) => sorted[Math.max(0, Math.min(sorted.length - 1, Math.round(index)))] ?? Number.NaN
  return { low: at(sorted.length / 2 - half - 1), high: at(sorted.length / 2 + half) }
}

/**
 * The interval for the standard deviation: that of the logarithm of the variance, whose variance is (kurtosis - 1) / n for large
 * samples of any distribution with a fourth moment. The interval by the chi-square distribution holds for the normal one alone.
 */
export function deviationInterval(samples: readonly number[], alpha: number, effective = samples.length): Interval {
  const mean = meanOf(samples)
  const variance = meanOf(samples.map((each) => (each - mean) ** 2))
  if (variance === 0) return { low: 0, high: 0 }
  const kurtosis = meanOf(samples.map((each) => (each - mean) ** 4)) / variance ** 2
  const half = normalQuantile(1 - alpha / 2) * Math.sqrt(Math.max(kurtosis - 1, 0.1) / effective) * 0.5
  const deviation = deviationOf(samples)
  return { low: deviation * Math.exp(-half), high: deviation * Math.exp(half) }
}

/** The interval for the mean of a few samples (Student, 1908). */
export function meanInterval(samples: readonly number[], alpha: number): Interval {
  const mean = meanOf(samples)
  if (samples.length < 2) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  const half = (studentQuantile(1 - alpha / 2, samples.length - 1) * deviationOf(samples)) / Math.sqrt(samples.length)
  return { low: mean - half, high: mean + half }
}

export const meanOf = (samples: readonly number[]): number =>
  samples.reduce((sum, each) => sum + each, 0) / samples.length

/** The standard deviation, with n - 1. */
export function deviationOf(samples: readonly number[]): number {
  const mean = meanOf(samples)
  return Math.sqrt(samples.reduce((sum, each) => sum + (each - mean) ** 2, 0) / Math.max(1, samples.length - 1))
}

/** The value below which a share of the samples is. @param sorted ascending */
export const quantileOf = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
