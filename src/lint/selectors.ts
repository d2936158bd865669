/** Selectors in words, and what is near to them: for rules about selectors that match nothing. */
import { nearestOf } from '../config/nearest.ts';
import type { Labels, Requirement, Selector } from '../config/selector.ts';

/** `rack=a, zone in (x, y)`, as kubectl writes it. */
export const selectorText = ({ requirements }: Selector): string => requirements.map(requirementText).join(', ');

function requirementText({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'In':
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(', ')})`;
    case 'NotIn':
      return `${key} notin (${values.join(', ')})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
  }
}

/** What may be the slip in a selector that matches none of these labels: ` (no X has the label rac; did you mean rack?)`. */
export function slipIn(selector: Selector, all: readonly Labels[], what: string): string {
  const keys = new Set(all.flatMap((labels) => Object.keys(labels)));
  for (const { key, operator, values } of selector.requirements) {
    if (operator !== 'In' && operator !== 'Exists') continue;
    if (!keys.has(key)) {
      const nearest = nearestOf(key, [...keys]);
      return ` (no ${what} has the label "${key}"${nearest === undefined ? '' : `; did you mean "${nearest}"?`})`;
    }
    const present = new Set(all.flatMap((labels) => (Object.hasOwn(labels, key) ? [labels[key] ?? ''] : [])));
    if (operator === 'In' && !values.some((value) => present.has(value))) {
      const shown = [...present]
        .sort()
        .slice(0, 3)
        .map((value) => `"${value}"`);
      return ` (there is ${shown.join(', ')}${present.size > shown.length ? ' and others' : ''} for "${key}")`;
    }
  }
  return '';
}
