/**
 * The text with a mark in place of every half of a character: JSON with a lone half is written by us, and refused by
 * others (`jq`, Python).
 */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\uFFFD');
}

/** The start of a text, never with half a character at its end. @param longest in UTF-16 units */
export function cutText(text: string, longest: number): string {
  const last = text.charCodeAt(longest - 1);
  const isFirstHalf = text.length > longest && last >= 0xd800 && last < 0xdc00;
  return text.slice(0, isFirstHalf ? longest - 1 : longest);
}
