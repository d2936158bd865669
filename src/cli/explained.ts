/** `metallb plan --explain namespace/name`: the explanation of one Service, in the form that is asked for. */
import { nearestOf } from '../config/nearest.ts';
import { explain } from '../explain/explain.ts';
import type { ManifestObject } from '../manifest/collect.ts';
import type { Plan } from '../plan/plan.ts';
import { explanationJson, placeIn } from './explain-json.ts';
import { CannotRunError } from './io.ts';
import { explanationText } from './text/explain-text.ts';
import type { Style } from './text/style.ts';

/**
 * The whole text.
 *
 * @param objects - the input, where the fields stand that decided.
 * @throws {CannotRunError} where there is no such Service.
 */
export function explained(
  planned: Plan,
  key: string,
  form: 'text' | 'json' | 'yaml',
  objects: readonly ManifestObject[],
  style: Style,
): string {
  if (form === 'yaml') throw new CannotRunError('--explain has the forms text and json');
  const explanation = explain(planned, key);
  const place = placeIn(objects);
  if (explanation !== undefined)
    return form === 'json' ? explanationJson(explanation, place) : explanationText(explanation, place, style);
  const nearest = nearestOf(key, [...planned.allocations.keys()]);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  throw new CannotRunError(`--explain: there is no Service ${key} in the input (write namespace/name)${hint}`);
}
