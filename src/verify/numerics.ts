// Distribution functions and their inverses, as far as confidence intervals need them.

/** Lanczos' approximation with g = 7 and 9 terms (Godfrey, 2001): 15 digits. */
const LANCZOS = [
  ...[0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059],
  ...[12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7],
]

/** The natural logarithm of the gamma function, for x > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const sum = LANCZOS.reduce((total, term, index) => total + (index === 0 ? term : term / (x - 1 + index)), 0)
  const base = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(sum)
}

const TINY = 1e-300

/** The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22, Lentz's method). */
export function betaRegularised(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - betaRegularised(1 - x, b, a)
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a
  let c = 1
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / nonZero(1 + even * d)
    c = nonZero(1 + even / c)
    fraction *= c * d
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / nonZero(1 + odd * d)
    c = nonZero(1 + odd / c)
    fraction *= c * d
    if (Math.abs(c * d - 1) < 1e-14) break
  }
  return front * fraction
}

const nonZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value)

/** The x at which I_x(a, b) is p. */
export const betaQuantile = (p: number, a: number, b: number): number =>
  solve((x) => betaRegularised(x, a, b) - p, 0, 1)

/** The quantile of Student's t distribution. @param degrees of freedom */
export function studentQuantile(p: number, degrees: number): number {
  if (p === 0.5) return 0
  if (p < 0.5) return -studentQuantile(1 - p, degrees)
  const x = betaQuantile(2 * (1 - p), degrees / 2, 0.5)
  return Math.sqrt((degrees * (1 - x)) / x)
}

/** The quantile of the normal distribution with mean 0 and variance 1 (Abramowitz and Stegun, 26.2.23, and Newton's method). */
export function normalQuantile(p: number): number {
  if (p === 0.5) return 0
  if (p > 0.5) return -normalQuantile(1 - p)
  if (p <= 0) return Number.NEGATIVE_INFINITY
  const t = Math.sqrt(-2 * Math.log(p))
  const above = 2.515517 + t * (0.802853 + t * 0.010328)
  let x = above / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t
  for (let round = 0; round < 4; round++) {
    const density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)
    x -= (normalDistribution(x) - p) / density
  }
  return x
}

/** The distribution function of the normal distribution with mean 0 and variance 1. */
export function normalDistribution(x: number): number {
  if (x > 0) return 1 - normalDistribution(-x)
  // P(1/2, x²/2) of the incomplete gamma function: its series near the middle, its continued fraction in the tail (DLMF 8.9.2).
  const square = (x * x) / 2
  const scale = Math.exp(-square + 0.5 * Math.log(square || TINY) - logGamma(0.5))
  if (square < 1.5) {
    let term = 2
    let sum = term
    for (let n = 1; n < 40; n++) {
      term *= square / (0.5 + n)
      sum += term
    }
    return 0.5 * (1 - scale * sum)
  }
  let fraction = 0
  for (let n = 200; n > 0; n--) fraction = (n * (n - 0.5)) / (square + 2 * n + 0.5 - fraction)
  return (0.5 * scale) / (square + 0.5 - fraction)
}

/** The zero of an increasing function, by halving. */
function solve(rising: (x: number) => number, from: number, to: number): number {
  let low = from
  let high = to
  for (let round = 0; round < 200 && high - low > Number.EPSILON * Math.abs(low + high); round++) {
    const middle = (low + high) / 2
    if (rising(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}
