/** What selectors select: labels, nodes, Services, pools. */
import type { Labels, Requirement, Selector } from '../config/selector.ts';

/** Whether everything in the selector matches, as Kubernetes reads it: `NotIn` also matches where the label is absent. */
export const matches = (selector: Selector, labels: Labels): boolean =>
  selector.requirements.every((requirement) => holds(requirement, labels));

/** Whether one of the selectors matches; where there are none, nothing is asked and everything matches. */
export const matchesAny = (selectors: readonly Selector[], labels: Labels): boolean =>
  selectors.length === 0 || selectors.some((selector) => matches(selector, labels));

/** Whether each of the selectors matches. */
export const matchesAll = (selectors: readonly Selector[], labels: Labels): boolean =>
  selectors.every((selector) => matches(selector, labels));

function holds({ key, operator, values }: Requirement, labels: Labels): boolean {
  // Own properties only: a label "constructor" that a node has not must not be found on the prototype.
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}
