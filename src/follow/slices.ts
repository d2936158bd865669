/** Work in slices, between which others have their turn. */

/** So much takes a few milliseconds. */
const SLICE = 50;

/** The values, so many at a time. */
export function* slices<T>(values: readonly T[], size = SLICE): Generator<readonly T[]> {
  for (let from = 0; from < values.length; from += size) yield values.slice(from, from + size);
}
