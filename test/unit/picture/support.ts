// What tests of pictures share: views of texts and shipped topologies, and default options.
import { readFileSync } from 'node:fs'
import type { LabView } from '../../../src/model/lab-view.js'
import { PICTURE_DEFAULTS, type PictureOptions } from '../../../src/model/picture/options.js'
import { viewOfResolved } from '../../../src/present/view.js'
import { resolve } from '../topology/support.js'

const ROOT = new URL('../../../', import.meta.url)

export const viewOf = (text: string): LabView => viewOfResolved(resolve(text))

export const shipped = (name: string): LabView => viewOf(readFileSync(new URL(`topologies/${name}.yaml`, ROOT), 'utf8'))

export const options = (some: Partial<PictureOptions> = {}): PictureOptions => ({
  ...PICTURE_DEFAULTS,
  labels: 'all',
  ...some,
})
