/** A steady colour for a word: the same option has the same dot everywhere. Never the only carrier of meaning. */
export function hueOf(text: string): string {
  let hash = 7;
  for (const char of text) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return `var(--hue-${(hash % 8) + 1})`;
}
