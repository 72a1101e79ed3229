// Probabilities, written as percentages such as `0.5%`.
import { excerpt } from './excerpt.js'

/** 0 to 1, or a text that describes the fault. */
export function parsePercentage(text: string): number | string {
  const trimmed = text.trim()
  if (/^[+-]?[0-9]+(?:\.[0-9]+)?$/.test(trimmed))
    return `${excerpt(trimmed)} has no unit: write a percentage such as 0.5%`
  const [, digits] = /^([0-9]{1,20}(?:\.[0-9]{1,400})?)\s*%$/.exec(trimmed) ?? []
  if (digits !== undefined && Number(digits) <= 100) return Number(`${digits}e-2`)
  if (/^[+-]?[0-9]+(?:\.[0-9]+)?\s*%$/.test(trimmed))
    return `${excerpt(trimmed)} is out of range: a percentage is 0% to 100%`
  return `${JSON.stringify(excerpt(text))} is not a percentage such as 0.5%`
}

/** The shortest text that is read as the same number. */
export function percentageText(probability: number): string {
  if (probability === 0) return '0%'
  const [, first = '0', rest = '', exponent = '0'] =
    /^([0-9])(?:\.([0-9]+))?e([+-][0-9]+)$/.exec(probability.toExponential()) ?? []
  const digits = first + rest
  const point = 1 + Number(exponent) + 2
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  const fraction = (point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits).replace(/0+$/, '')
  return `${whole}${fraction === '' ? '' : `.${fraction}`}%`
}
