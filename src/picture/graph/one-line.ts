// Text of users in a picture: labels may have several lines, and the kernel allows odd names of interfaces.

// Control characters (Unicode Cc), halves of surrogate pairs, line and paragraph separators, and the bidirectional controls of UAX #9.
const UNDRAWABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufffe\uffff]+/gu

/** The text with what would break a line, a file or the order of reading replaced. */
export const oneLine = (text: string): string => text.replace(UNDRAWABLE, '\ufffd')
