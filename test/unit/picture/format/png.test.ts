import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { drawLab } from '../../../../src/picture/draw.js'
import { readFonts } from '../../../../src/picture/png/fonts.js'
import { shipped } from '../support.js'

test('a png has twice as many pixels as the sheet has units, and is the same each time', async () => {
  const { content } = await drawLab(shipped('two-hosts'), 'png', { labels: 'none' })
  const bytes = Buffer.from(content)
  // Signature and IHDR (PNG, third edition, sections 5.2 and 11.2.1).
  expect(bytes.subarray(1, 4).toString()).toBe('PNG')
  const svg = String((await drawLab(shipped('two-hosts'), 'svg', { labels: 'none' })).content)
  const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? []
  expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([2 * Number(width), 2 * Number(height)])
  expect(Buffer.from((await drawLab(shipped('two-hosts'), 'png', { labels: 'none' })).content).equals(bytes)).toBe(true)
})

test('text is drawn: a picture with texts at lines is larger than one without', async () => {
  const sizes = []
  for (const theme of ['light', 'dark'] as const) {
    sizes.push(Buffer.from((await drawLab(shipped('ring'), 'png', { theme })).content).length)
  }
  const bare = Buffer.from((await drawLab(shipped('ring'), 'png', { labels: 'none' })).content).length
  for (const size of sizes) expect(size).toBeGreaterThan(1.5 * bare)
})

test('without a font, the error says which to install', () => {
  const empty = mkdtempSync(join(tmpdir(), 'nslab-fonts-'))
  try {
    expect(() => readFonts(empty)).toThrow(
      expect.objectContaining({ code: 'FEATURE_MISSING', hint: expect.stringContaining('fonts-dejavu-core') }),
    )
  } finally {
    rmSync(empty, { recursive: true })
  }
})
