// Text as Python sees it: sequences of code points, with Python's idea of white space.

// str.isspace() beyond ASCII; unlike JavaScript's trim(), U+0085 is white space and U+FEFF is not.
const wideSpaces = new Set(
  "\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
);

function isSpace(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  if (code > 0x7f) return wideSpaces.has(text[index] as string);
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f);
}

/**
 * Removes white space from both ends as Python's `str.strip()` does, in one pass however long the text is.
 *
 * @example
 * strip("\u3000 a b\u0085"); // "a b"
 */
export function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text, start)) start++;
  while (end > start && isSpace(text, end - 1)) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** The number of code points, which is what Python's `len(str)` counts. */
export function codePointLength(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    const code = text.charCodeAt(index);
    if (code < 0xd800 || code > 0xdbff) continue;
    const next = text.charCodeAt(index + 1);
    if (next >= 0xdc00 && next <= 0xdfff) {
      count--;
      index++;
    }
  }
  return count;
}
