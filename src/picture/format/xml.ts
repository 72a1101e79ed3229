// Text in XML documents.

/** Characters that XML 1.0 does not allow are left out. */
export const escapeXml = (text: string): string =>
  [...text]
    .filter(isAllowed)
    .join('')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** Char of XML 1.0, section 2.2; half a surrogate pair is none. */
function isAllowed(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return code === 9 || code === 10 || code === 13
  return (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff
}

/** A name for an element: letters, digits, hyphens and underscores; other characters as their code. */
export const idOf = (...parts: readonly string[]): string =>
  parts.join('-').replace(/[^A-Za-z0-9-]/gu, (character) => `_${character.codePointAt(0)?.toString(16)}_`)
