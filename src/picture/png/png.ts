// A picture of pixels, from its svg, by the WebAssembly of resvg. Only this format needs that package.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type * as ResvgModule from '@resvg/resvg-wasm'
import { LabError } from '../../errors.js'
import { readFonts } from './fonts.js'

/** Small pictures are drawn with two pixels for each unit of the sheet; none has more pixels than this. */
const MOST_PIXELS = 40e6

/**
 * @param svg with the colours of one theme: resvg does not know those of the reader
 * @param size of the sheet
 * @throws LabError FEATURE_MISSING without the package @resvg/resvg-wasm or without a font
 */
export async function pngOf(svg: string, size: { width: number; height: number }): Promise<Uint8Array> {
  const fontBuffers = readFonts()
  const { Resvg } = await resvg()
  const zoom = Math.min(2, Math.sqrt(MOST_PIXELS / (size.width * size.height)))
  const renderer = new Resvg(svg, { font: { fontBuffers }, fitTo: { mode: 'zoom', value: zoom } })
  const image = renderer.render()
  const png = image.asPng()
  image.free()
  renderer.free()
  return png
}

/** It may be initialised once in a process. */
let loaded: Promise<typeof ResvgModule> | undefined

const resvg = (): Promise<typeof ResvgModule> => (loaded ??= load())

async function load(): Promise<typeof ResvgModule> {
  const require = createRequire(import.meta.url)
  try {
    const module = require('@resvg/resvg-wasm') as typeof ResvgModule
    await module.initWasm(readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm')))
    return module
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw cause
    throw new LabError('FEATURE_MISSING', 'png needs the package @resvg/resvg-wasm, which is not installed', {
      hint: 'npm install @resvg/resvg-wasm beside nslab, or write svg',
      cause,
    })
  }
}
