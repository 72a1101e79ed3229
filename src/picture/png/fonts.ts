// The fonts for pictures of pixels: those of the machine, since a package with fonts would be larger than nslab.
import { existsSync, readFileSync } from 'node:fs'
import { LabError } from '../../errors.js'

/** Where distributions put fonts, and the upright and bold ones of families whose glyphs are no wider than those of DejaVu Sans. */
const FOLDERS = [
  ...[
    'dejavu',
    'truetype/dejavu',
    'TTF',
    'dejavu-sans-fonts',
    'liberation',
    'truetype/liberation',
    'truetype/liberation2',
  ],
  ...['liberation-sans', 'liberation-sans-fonts', 'noto', 'truetype/noto', 'google-noto', 'truetype/freefont', ''],
]
const FAMILIES = [
  ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'],
  ['LiberationSans-Regular.ttf', 'LiberationSans-Bold.ttf'],
  ['NotoSans-Regular.ttf', 'NotoSans-Bold.ttf'],
  ['FreeSans.ttf', 'FreeSansBold.ttf'],
] as const

/**
 * The contents of the upright and the bold font.
 *
 * @param root folder of the fonts
 * @throws LabError FEATURE_MISSING if none of the known families is installed
 */
export function readFonts(root = '/usr/share/fonts'): Uint8Array[] {
  for (const family of FAMILIES) {
    for (const folder of FOLDERS) {
      const files = family.map((file) => `${root}/${folder}/${file}`)
      if (files.every((file) => existsSync(file))) return files.map((file) => readFileSync(file))
    }
  }
  throw new LabError(
    'FEATURE_MISSING',
    `png needs a font, and there is none of DejaVu, Liberation or Noto in ${root}`,
    {
      hint: 'install fonts-dejavu-core (Debian, Ubuntu), dejavu-sans-fonts (Fedora) or ttf-dejavu (Arch), or write svg',
    },
  )
}
