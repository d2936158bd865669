/**
 * The ConfigurationState of a process (metallb-behaviour 1.9): what it found in the configuration, in MetalLB's fields, with a condition for
 * warnings beside MetalLB's own. Pure.
 */
import { type Finding, formatFieldPath } from '../config/problem.ts';
import { MAX_CONDITION_MESSAGE } from '../crd/condition.ts';
import { cutText } from '../kube/cut-text.ts';
import type { KubeObject, OwnerReference } from '../kube/types.ts';
import { type Condition, dated } from './conditions.ts';
import { nameLabel } from './name-label.ts';

/** Whose state it is. */
export type StateSubject =
  | { readonly type: 'controller' }
  | {
      readonly type: 'speaker';
      readonly node: string;
    };

/** The condition types that MetalLB's two components have. */
const RECONCILED = { controller: 'poolReconcilerValid', speaker: 'configReconcilerValid' } as const;

/** A condition that the process adds to those of the findings. */
export type OwnCondition = Omit<Condition, 'lastTransitionTime'>;

const lineOf = ({ object, path, message }: Finding): string => {
  const at = object === null ? '' : `${object.kind} ${object.name}: `;
  const field = path.length === 0 ? '' : `${formatFieldPath(path)}: `;
  return `${at}${field}${message}`;
};

const MAX_SUMMARY_LINES = 50;

function summaryOf(findings: readonly Finding[]): string {
  const lines = [...new Set(findings.map(lineOf))];
  const more = lines.length - MAX_SUMMARY_LINES;
  return [...lines.slice(0, MAX_SUMMARY_LINES), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

/**
 * The status.
 *
 * @param before - the conditions that it has.
 * @param now - RFC 3339.
 */
export function configurationState(
  { type }: StateSubject,
  findings: readonly Finding[],
  own: readonly OwnCondition[],
  before: readonly Condition[],
  now: string,
): Readonly<Record<string, unknown>> {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  const message = errors.length === 0 ? '' : `configuration error: ${summaryOf(errors)}`;
  const conditions: OwnCondition[] = [
    errors.length === 0
      ? { type: RECONCILED[type], status: 'True', reason: 'Reconciled', message }
      : { type: RECONCILED[type], status: 'False', reason: 'ConfigurationError', message },
  ];
  if (warnings.length > 0)
    conditions.push({ type: 'Warnings', status: 'True', reason: 'Found', message: summaryOf(warnings) });
  return {
    result: errors.length === 0 ? 'Valid' : 'Invalid',
    // Said also where it is empty: one that MetalLB left there would stay.
    errorSummary: cutText(message, MAX_CONDITION_MESSAGE),
    conditions: [...conditions, ...own].map((condition) =>
      dated({ ...condition, message: cutText(condition.message, MAX_CONDITION_MESSAGE) }, before, now),
    ),
  };
}

/** The name of the object. */
export const stateName = (subject: StateSubject): string =>
  subject.type === 'controller' ? 'controller' : `speaker-${subject.node}`;

/** The object as it is made; the process's Pod owns it where that is known. */
export const stateObject = (subject: StateSubject, namespace: string, owner: OwnerReference | null): KubeObject => ({
  apiVersion: 'metallb.io/v1beta1',
  kind: 'ConfigurationState',
  metadata: {
    name: stateName(subject),
    namespace,
    labels: {
      'metallb.io/component-type': subject.type,
      ...(subject.type === 'speaker' ? nameLabel('metallb.io/node-name', subject.node) : {}),
    },
    ...(owner === null ? {} : { ownerReferences: [owner] }),
  },
});
