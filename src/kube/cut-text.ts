/** Texts that the API takes up to a length. */

/** The longest beginning that is not longer than `max` UTF-16 units, with `…` at its end where something was cut off. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  // Half of a surrogate pair is no text: the API would store another character, which is then never what was wanted.
  const end = /[\uD800-\uDBFF]/.test(text.charAt(max - 2)) ? max - 2 : max - 1;
  return `${text.slice(0, end)}…`;
}
