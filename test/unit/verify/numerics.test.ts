// Against tabulated values.
import { expect, test } from 'vitest'
import {
  betaQuantile,
  betaRegularised,
  logGamma,
  normalDistribution,
  normalQuantile,
  studentQuantile,
} from '../../../src/verify/numerics.js'

test.each([
  [0.5, 0],
  [0.9, 1.2815515655],
  [0.975, 1.9599639845],
  [0.995, 2.5758293035],
  [0.9995, 3.2905267315],
  [1e-6, -4.7534243088],
])('the normal quantile of %d', (p, x) => {
  expect(normalQuantile(p)).toBeCloseTo(x, 9)
})

test.each([
  [-1, 0.1586552539],
  [1, 0.8413447461],
  [-3, 0.0013498980316],
  [-6, 9.865876e-10],
])('the normal distribution at %d', (x, p) => {
  expect(normalDistribution(x) / p).toBeCloseTo(1, 6)
})

test.each([
  [0.975, 1, 12.7062],
  [0.975, 9, 2.262157],
  [0.9995, 9, 4.780913],
  [0.95, 30, 1.697261],
])("the quantile of Student's t of %d with %d degrees of freedom", (p, degrees, t) => {
  expect(studentQuantile(p, degrees)).toBeCloseTo(t, 4)
  expect(studentQuantile(1 - p, degrees)).toBeCloseTo(-t, 4)
})

test('the gamma and the incomplete beta function', () => {
  expect(Math.exp(logGamma(5))).toBeCloseTo(24, 9)
  expect(Math.exp(logGamma(0.5))).toBeCloseTo(Math.sqrt(Math.PI), 12)
  // I_x(1, b) = 1 - (1 - x)^b, and I_x(2, 3) = 6x² - 8x³ + 3x⁴.
  expect(betaRegularised(0.3, 1, 7)).toBeCloseTo(1 - 0.7 ** 7, 12)
  expect(betaRegularised(0.6, 2, 3)).toBeCloseTo(6 * 0.36 - 8 * 0.216 + 3 * 0.1296, 12)
  expect(betaQuantile(1 - 0.7 ** 7, 1, 7)).toBeCloseTo(0.3, 10)
})
