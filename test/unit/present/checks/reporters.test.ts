// The four reporters, with names and output that are special in XML, TAP and on terminals.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import type { TestedLab } from '../../../../src/model/reach/test-report.js'
import { testReport } from '../../../../src/present/checks/report.js'
import { reportText } from '../../../../src/present/checks/reporters.js'

const base: TestedLab = {
  ...{ lab: 'a', file: 'a.yaml', passed: 0, failed: 0, elapsedMs: 12, results: [], error: null },
  ...{ status: 'passed', skipped: null, issues: [], kept: null },
}
const result = {
  line: 3,
  kind: 'exec' as const,
  passed: true,
  elapsedMs: 1.5,
  attempts: 1,
  reason: null,
  explanation: null,
}
const failed: TestedLab = {
  ...{ ...base, status: 'failed', passed: 1, failed: 1, kept: 'a-test-1-1' },
  results: [
    { ...result, text: 'ping h1 -> h2' },
    {
      ...result,
      text: 'exec h1: echo "<&>" # \\ ]]>',
      passed: false,
      attempts: 2,
      reason: 'said \u0001\u001b[31m "<b>" & \'x\'',
    },
  ],
}
const report = testReport(
  [
    failed,
    { ...base, file: 'b.yaml', status: 'skipped', skipped: 'this kernel lacks WireGuard' },
    { ...base, file: 'c.yaml', status: 'unchecked' },
    {
      ...{ ...base, file: 'd.yaml', status: 'invalid', error: 'd.yaml has a fault' },
      issues: [{ line: 1, column: 2, path: 'x', message: 'unknown key x' }],
    },
  ],
  50,
)

test('the table tells each check, what was found, and each file that has no results', () => {
  expect(reportText(report, 'table').split('\n')).toEqual([
    'a.yaml: 1 of 2 checks FAILED in 12 ms',
    '  ok    ping h1 -> h2  (1.5 ms)',
    '  FAIL  exec h1: echo "<&>" # \\ ]]>  (1.5 ms)',
    '        said \\x01\\x1b[31m "<b>" & \'x\' (at attempt 2)',
    '  lab a-test-1-1 is left running: `nslab check a-test-1-1`, `nslab down a-test-1-1`',
    'b.yaml: skipped',
    '  this kernel lacks WireGuard',
    'c.yaml: no checks',
    'd.yaml: INVALID',
    '  d.yaml has a fault',
    '  d.yaml:1:2: unknown key x',
    '4 files, 2 checks: 1 passed, 1 FAILED, 1 file skipped, 1 file without checks, 1 file BROKEN, in 50 ms',
  ])
})

test('TAP has a plan, a point for each check and file, and no directive that a name makes', () => {
  const lines = reportText(report, 'tap').split('\n')
  expect(lines.slice(0, 2)).toEqual(['TAP version 14', '1..5'])
  expect(lines.filter((line) => /^(?:not )?ok/.test(line))).toEqual([
    'ok 1 - a.yaml: ping h1 -> h2',
    'not ok 2 - a.yaml: exec h1: echo "<&>" \\# \\\\ ]]>',
    'ok 3 - b.yaml # SKIP this kernel lacks WireGuard',
    'ok 4 - c.yaml # SKIP the file has no checks',
    'not ok 5 - d.yaml',
  ])
})

test('JUnit XML is well formed, with the counts of its cases', () => {
  const xml = reportText(report, 'junit')
  expect(xml).toContain('<testsuites name="nslab" tests="5" failures="1" errors="1" skipped="2" time="0.050">')
  const read = `import sys, json, xml.etree.ElementTree as e
print(json.dumps([[c.get('name'), [(x.tag, x.get('message')) for x in c]] for c in e.parse(sys.stdin).iter('testcase')]))`
  const { stdout, stderr } = spawnSync('python3', ['-c', read], { input: xml, encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual([
    ['ping h1 -> h2', []],
    ['exec h1: echo "<&>" # \\ ]]>', [['failure', 'said \ufffd\ufffd[31m "<b>" & \'x\' (at attempt 2)']]],
    ['comes up', [['skipped', 'this kernel lacks WireGuard']]],
    ['has checks', [['skipped', 'the file has no checks']]],
    ['is valid', [['error', 'd.yaml has a fault']]],
  ])
})

test('JSON is the report', () => expect(JSON.parse(reportText(report, 'json'))).toEqual(report))
