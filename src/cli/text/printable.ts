/** Text of users on its way to a terminal. */

/** Control characters (C0, DEL, C1), line and paragraph separators, and what turns the direction of writing. */
export const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Cs}/gu;

/** The text with everything escaped that a terminal would obey instead of showing it. */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
