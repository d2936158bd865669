/** The order of texts in everything that is decided and printed: bytewise, as the contract of the offline commands says. */

/**
 * Compares two texts as their UTF-8 octets would compare.
 *
 * JavaScript's `<` compares UTF-16 code units, which puts U+10000 and above before U+E000: only there do the two differ.
 */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // A surrogate stands for a code point above every other unit.
    if (isSurrogate(x) !== isSurrogate(y)) return isSurrogate(x) ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
