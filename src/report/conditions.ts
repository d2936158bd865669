/**
 * What was found in a configuration object, as conditions of its status and as events: `Accepted`, and `Warnings` where there are some
 * (docs/adr/0012-what-is-written-to-the-cluster.md).
 *
 * The conditions that an object has are the memory of what was said: an event is told where a condition becomes another, so a controller that
 * restarts repeats nothing. `lastTransitionTime` moves when the status of a condition does, as metav1.Condition has it.
 */

import { type Finding, formatFieldPath } from '../config/problem.ts';
import { MAX_CONDITION_MESSAGE } from '../crd/condition.ts';
import { cutText } from '../kube/cut-text.ts';

/** metav1.Condition, as far as we write it. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/** The condition types that the controller writes to configuration objects. */
export const OUR_CONDITIONS: ReadonlySet<string> = new Set(['Accepted', 'Warnings']);

/** Says that an object has an error and counts as it was before. */
const LAST_GOOD = 'last-good-version';

/** The conditions in a word. */
export type ConditionState = 'Accepted' | 'Warnings' | 'Invalid' | 'LastGoodVersion';

const textOf = ({ path, message, help }: Finding): string => {
  const place = path.length === 0 ? '' : `${formatFieldPath(path)}: `;
  return `${place}${message}${help === '' ? '' : ` (${help})`}`;
};

const messageOf = (findings: readonly Finding[], end = ''): string =>
  cutText([...new Set(findings.map(textOf))].join('\n'), MAX_CONDITION_MESSAGE - end.length) + end;

const errorsOf = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ severity }) => severity === 'error');

/** The state of an object in which this was found. */
export function stateOf(findings: readonly Finding[]): ConditionState {
  if (errorsOf(findings).length > 0)
    return findings.some(({ rule }) => rule === LAST_GOOD) ? 'LastGoodVersion' : 'Invalid';
  return findings.some(({ severity }) => severity === 'warning') ? 'Warnings' : 'Accepted';
}

/**
 * The conditions of an object.
 *
 * @param before - those that it has.
 * @param now - RFC 3339.
 */
export function conditionsOf(
  findings: readonly Finding[],
  generation: number,
  before: readonly Condition[],
  now: string,
): readonly Condition[] {
  const state = stateOf(findings);
  const errors = errorsOf(findings);
  const warnings = findings.filter(({ severity, rule }) => severity === 'warning' && rule !== LAST_GOOD);
  const conditions: Omit<Condition, 'lastTransitionTime'>[] = [
    errors.length === 0
      ? { type: 'Accepted', status: 'True', reason: 'Accepted', message: '' }
      : { type: 'Accepted', status: 'False', reason: state, message: refusal(state, errors) },
  ];
  if (warnings.length > 0)
    conditions.push({ type: 'Warnings', status: 'True', reason: 'Found', message: messageOf(warnings) });
  return conditions.map((condition) =>
    dated(generation > 0 ? { ...condition, observedGeneration: generation } : condition, before, now),
  );
}

const refusal = (state: ConditionState, errors: readonly Finding[]): string =>
  messageOf(
    errors,
    state === 'LastGoodVersion' ? '\nThe last good version stays in force until the process ends.' : '',
  );

/** A condition with the time at which its status became what it is. */
export function dated(
  condition: Omit<Condition, 'lastTransitionTime'>,
  before: readonly Condition[],
  now: string,
): Condition {
  const known = before.find(({ type }) => type === condition.type);
  const lastTransitionTime = known?.status === condition.status ? known.lastTransitionTime : now;
  return { ...condition, lastTransitionTime };
}

/** The conditions in a status as it came from the API; what is none is left out. */
export function readConditions(status: Readonly<Record<string, unknown>>): readonly Condition[] {
  const { conditions } = status;
  if (!Array.isArray(conditions)) return [];
  return conditions.filter(
    (one): one is Condition =>
      typeof one === 'object' &&
      one !== null &&
      ['type', 'status', 'reason', 'message', 'lastTransitionTime'].every((field) => typeof one[field] === 'string'),
  );
}

export interface ConditionEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'ConfigurationError' | 'ConfigurationWarning' | 'ConfigurationAccepted';
  readonly message: string;
}

/** What is to be told of an object whose conditions are others than before. */
export function eventsOfConditions(
  before: readonly Condition[],
  after: readonly Condition[],
): readonly ConditionEvent[] {
  const events: ConditionEvent[] = [];
  const of = (conditions: readonly Condition[], type: string) => conditions.find((one) => one.type === type);
  const [accepted, was] = [of(after, 'Accepted'), of(before, 'Accepted')];
  if (accepted?.status === 'False' && (was?.status !== 'False' || was.message !== accepted.message))
    events.push({ type: 'Warning', reason: 'ConfigurationError', message: accepted.message });
  else if (accepted?.status === 'True' && was?.status === 'False')
    events.push({
      type: 'Normal',
      reason: 'ConfigurationAccepted',
      message: 'the errors are gone: it is in force as it stands',
    });
  const [warnings, warned] = [of(after, 'Warnings'), of(before, 'Warnings')];
  if (warnings !== undefined && warnings.message !== warned?.message)
    events.push({ type: 'Warning', reason: 'ConfigurationWarning', message: warnings.message });
  return events;
}
