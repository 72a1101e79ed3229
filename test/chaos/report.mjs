// Writes the figures of a whole run to docs/reliability.md.
import { writeFileSync } from 'node:fs'
import { release } from 'node:os'

const PAGE = new URL('../../docs/reliability.md', import.meta.url)

/** @param {{ seed: number, long: boolean, results: readonly { name: string, title: string, seconds: number, figures: Record<string, number | string>, failures: readonly string[] }[] }} run */
export function writeReport({ seed, long, results }) {
  const command = `npm run test:chaos -- ${long ? '--long ' : ''}--seed ${seed}`
  const sections = results.flatMap(({ name, title, seconds, figures, failures }) => [
    `## ${title}`,
    '',
    '| figure | value |',
    '| ------ | ----- |',
    ...Object.entries({ ...figures, 'failures: leaks, hangs, wrong words': failures.length, seconds }).map(
      ([what, value]) => `| ${what} | ${value} |`,
    ),
    '',
    ...(failures.length === 0 ? [] : [...failures.map((failure) => `- failed: ${failure}`), '']),
    `\`npm run test:chaos -- ${long ? '--long ' : ''}--seed ${seed} ${name}\` repeats it.`,
    '',
  ])
  const head = [
    '# Reliability',
    '',
    'nslab is attacked by its own test suite. This page is written by the command that attacks it:',
    '',
    '```sh',
    command,
    '```',
    '',
    `Linux ${release()}, Node.js ${process.versions.node}.`,
    '',
  ]
  writeFileSync(PAGE, [...head, ...sections].join('\n'))
}
