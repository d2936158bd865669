/** What an explanation is made of: rules, how each came out, and the field that it was read from. */
import type { FieldPath } from '../config/problem.ts';
import type { ObjectRef } from '../config/resource.ts';
import { type Labels, type Selector, selectorMatches } from '../config/selector.ts';

/** `yes`: the rule lets the Service through. `no`: it does not. `note`: it decides nothing here, and is good to know. */
export type StepOutcome = 'yes' | 'no' | 'note';

/** One rule, and how it came out. */
export interface Step {
  /** A stable name: scripts may look for it. */
  readonly rule: string;
  readonly outcome: StepOutcome;
  readonly message: string;
  /** The object that decided it; null where there is none. */
  readonly object: ObjectRef | null;
  /** The field of the object. */
  readonly path: FieldPath;
}

/** Makes the steps about one object. */
export const stepsAbout =
  (object: ObjectRef | null) =>
  (rule: string, outcome: StepOutcome, message: string, path: FieldPath = []): Step => ({
    rule,
    outcome,
    message,
    object,
    path,
  });

/** A metallb.io object. */
export const metallbRef = (kind: string, name: string, namespace: string): ObjectRef => ({ kind, namespace, name });

/** Nodes have no namespace. */
export const nodeRef = (name: string): ObjectRef => ({ kind: 'Node', namespace: '', name });

/** Which of a list of alternatives matches: its index, or null where none does. */
export function matchingEntry(selectors: readonly Selector[], labels: Labels): number | null {
  const at = selectors.findIndex((selector) => selectorMatches(selector, labels));
  return at < 0 ? null : at;
}

/** One step for a list of alternatives (`nodeSelectors`, `serviceSelectors`): what is empty selects everything. */
export function selectorStep(
  make: ReturnType<typeof stepsAbout>,
  field: 'nodeSelectors' | 'serviceSelectors',
  selectors: readonly Selector[],
  labels: Labels,
): Step {
  const [rule, one, what] =
    field === 'nodeSelectors'
      ? ['node-selectors', 'the node', 'every node']
      : ['service-selectors', 'the Service', 'every Service'];
  const { name, kind } = make('', 'note', '').object ?? { name: '', kind: '' };
  const path = ['spec', field];
  if (selectors.length === 0) return make(rule, 'yes', `${kind} ${name} selects ${what}: it has no ${field}`, path);
  const at = matchingEntry(selectors, labels);
  return at === null
    ? make(rule, 'no', `${kind} ${name} does not select ${one}: none of its ${field} matches the labels`, path)
    : make(rule, 'yes', `${kind} ${name} selects ${one}`, [...path, at]);
}
