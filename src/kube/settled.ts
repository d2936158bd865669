/**
 * What the API made of a wish, where that is not what was wished for: a condition or a field that somebody else owns stays under server-side apply,
 * and a field that the CRD does not have is dropped. Writing the same again would lead to the same, so it is not done.
 */
import { sameMeaning } from './same-meaning.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Settled {
  readonly wanted: Json;
  readonly made: Json;
}

/** Null where the API made of it what was wanted. */
export const settledBy = (wanted: Json, made: Json): Settled | null =>
  sameMeaning(wanted, made) ? null : { wanted, made };

/** Whether there is nothing to write: it is as wanted, or as the API made it when just that was written. */
export const isAsWanted = (actual: Json, wanted: Json, settled: Settled | null): boolean =>
  sameMeaning(actual, wanted) ||
  (settled !== null && sameMeaning(actual, settled.made) && sameMeaning(wanted, settled.wanted));
