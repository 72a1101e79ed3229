// Results as JUnit XML, in the form that CI services read: https://github.com/testmoapp/junitxml
import type { CheckResult } from '../../model/reach/check.js'
import type { TestedLab, TestReport } from '../../model/reach/test-report.js'
import { failureLines, titleOf, troubleLines } from './report.js'

interface Case {
  name: string
  seconds: number
  line: number
  outcome: { tag: 'failure' | 'error' | 'skipped'; message: string; text: string } | null
}

export function junitText({ labs, elapsedMs }: TestReport): string {
  const suites = labs.map((lab) => ({ lab, cases: casesOf(lab) }))
  const all = suites.flatMap(({ cases }) => cases)
  const lines = suites.flatMap(({ lab, cases }) => {
    const title = titleOf(lab)
    const attributes = { name: title, ...countsOf(cases), time: secondsText(lab.elapsedMs / 1000) }
    return [
      `  <testsuite${attributesText(attributes)}>`,
      ...cases.flatMap((each) => caseLines(each, lab)),
      '  </testsuite>',
    ]
  })
  const total = { name: 'nslab', ...countsOf(all), time: secondsText(elapsedMs / 1000) }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributesText(total)}>`,
    ...lines,
    '</testsuites>',
  ].join('\n')
}

function casesOf(lab: TestedLab): Case[] {
  const results = lab.results.map(caseOf)
  const lines = troubleLines(lab)
  const text = lines.join('\n')
  const [message = ''] = lines
  const whole = (name: string, tag: 'error' | 'skipped'): Case => ({
    ...{ name, seconds: lab.elapsedMs / 1000, line: 1 },
    outcome: { tag, message, text },
  })
  switch (lab.status) {
    case 'passed':
    case 'failed':
      return lab.error === null ? results : [...results, whole('goes down', 'error')]
    case 'unchecked':
      return [whole('has checks', 'skipped')]
    case 'skipped':
      return [whole('comes up', 'skipped')]
    case 'invalid':
      return [whole('is valid', 'error')]
    case 'error':
      return [...results, whole('comes up', 'error')]
  }
}

function caseOf(result: CheckResult): Case {
  const lines = failureLines(result)
  return {
    name: result.text,
    seconds: result.elapsedMs / 1000,
    line: result.line,
    outcome: result.passed ? null : { tag: 'failure', message: lines[0] ?? '', text: lines.join('\n') },
  }
}

function caseLines({ name, seconds, line, outcome }: Case, lab: TestedLab): string[] {
  const place = lab.file === null ? {} : { file: lab.file, line: String(line) }
  const attributes = attributesText({ name, classname: lab.lab, time: secondsText(seconds), ...place })
  if (outcome === null) return [`    <testcase${attributes}/>`]
  const { tag, message, text } = outcome
  const told = attributesText({ message })
  const content = tag === 'skipped' ? `<skipped${told}/>` : `<${tag}${told}>${escaped(text)}</${tag}>`
  return [`    <testcase${attributes}>`, `      ${content}`, '    </testcase>']
}

function countsOf(cases: readonly Case[]) {
  const amount = (tag: string) => String(cases.filter(({ outcome }) => outcome?.tag === tag).length)
  const [failures, errors, skipped] = [amount('failure'), amount('error'), amount('skipped')]
  return { tests: String(cases.length), failures, errors, skipped }
}

const secondsText = (seconds: number): string => seconds.toFixed(3)

const attributesText = (attributes: Record<string, string>): string =>
  Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escaped(value).replaceAll('\n', '&#10;')}"`)
    .join('')

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/** What XML 1.0 cannot have, even as an entity (section 2.2), becomes U+FFFD. */
const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
