// How large text is on a sheet, without a browser to ask: the widths of glyphs of DejaVu Sans, which is wider than the other fonts
// that a reader may have, and of monospaced fonts, all of whose glyphs have one width.

export interface Size {
  width: number
  height: number
}

/** Of the name of a node, of further lines in its box, and of texts at lines. */
export const FONT = { name: 13, detail: 11, text: 10, group: 12 }

/** From one line of text to the next, by the size of the font. */
export const LINE_HEIGHT = 1.2

/** Widths of the characters from space to tilde in bold DejaVu Sans, in hundredths of the size of the font. */
const BOLD = [
  ...[35, 46, 52, 84, 70, 100, 87, 31, 46, 46, 52, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40, 40],
  ...[84, 84, 84, 58, 100, 77, 76, 73, 83, 68, 68, 82, 84, 37, 37, 77, 64, 100, 84, 85, 73, 85, 77, 72, 68, 81, 77],
  ...[110, 77, 72, 73, 46, 37, 46, 84, 50, 50, 67, 72, 59, 72, 68, 43, 72, 71, 34, 34, 66, 34, 104, 71, 69, 72, 72],
  ...[49, 60, 48, 71, 65, 92, 65, 65, 58, 71, 37, 71, 84],
]

/** The width of a monospaced glyph: 0.6 of the size of the font, with a little to spare. */
const MONOSPACED = 0.61

/** From U+1100 on there are the scripts of East Asia and the emoji, whose glyphs are square. */
const isWide = (character: string): boolean => (character.codePointAt(0) ?? 0) >= 0x1100

/** The width of a line of text in the proportional font. Text that is not bold is narrower. */
export function lineWidth(text: string, fontSize: number): number {
  let hundredths = 0
  for (const character of text) hundredths += isWide(character) ? 100 : (BOLD[character.charCodeAt(0) - 32] ?? 85)
  return (hundredths * fontSize) / 100
}

/** The size of lines of text in the monospaced font, which texts at lines have. */
export function textSize(lines: readonly string[], fontSize: number = FONT.text): Size {
  if (lines.length === 0) return { width: 0, height: 0 }
  const columns = lines.map((line) => [...line].reduce((sum, character) => sum + (isWide(character) ? 2 : 1), 0))
  return {
    width: Math.ceil(Math.max(...columns) * fontSize * MONOSPACED),
    height: Math.ceil(lines.length * fontSize * LINE_HEIGHT),
  }
}
