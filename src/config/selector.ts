/**
 * Kubernetes label selectors: what they are, how they are read, what they match.
 *
 * Inside one selector everything must match. A list of selectors means ANY of them everywhere but in `BGPPeer.spec.nodeSelectors`,
 * where the policy says (docs/decisions.md 1). The operators are those of k8s.io/apimachinery: `NotIn` also matches where the label is
 * absent.
 */
import { isDnsSubdomain } from './dns-name.ts';
import type { NodeSelectorsPolicy } from './peer.ts';
import { type FieldPath, type Problem, problem } from './problem.ts';

/** One selector: everything in it must match (`matchLabels` are kept as `In` with one value). An empty one matches everything. */
export interface Selector {
  readonly requirements: readonly Requirement[];
}

export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

/** A selector as a manifest has it, its shape already checked. */
export interface SelectorSource {
  readonly matchLabels?: Labels | undefined;
  readonly matchExpressions?: readonly RequirementSource[] | undefined;
}

/** One entry of `matchExpressions` as a manifest has it. */
export interface RequirementSource {
  readonly key: string;
  readonly operator: Requirement['operator'];
  readonly values?: readonly string[] | undefined;
}

/** Whether the labels satisfy everything in the selector. */
export const selectorMatches = (selector: Selector, labels: Labels): boolean =>
  selector.requirements.every((requirement) => requirementMatches(requirement, labels));

function requirementMatches({ key, operator, values }: Requirement, labels: Labels): boolean {
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

/** A list of selectors that are alternatives; an empty list selects everything. */
export const anySelectorMatches = (selectors: readonly Selector[], labels: Labels): boolean =>
  selectors.length === 0 || selectors.some((selector) => selectorMatches(selector, labels));

/** A peer's list of node selectors under a policy; an empty list selects every node under both. */
export const nodeSelectorsMatch = (
  selectors: readonly Selector[],
  policy: NodeSelectorsPolicy,
  labels: Labels,
): boolean =>
  policy === 'All'
    ? selectors.every((selector) => selectorMatches(selector, labels))
    : anySelectorMatches(selectors, labels);

/** A text that is equal for two selectors exactly if they say the same, whatever the order. */
export const selectorKey = (selector: Selector): string =>
  JSON.stringify(
    selector.requirements
      .map(({ key, operator, values }) => JSON.stringify([key, operator, [...values].sort()]))
      .sort(),
  );

/** Reads one selector; the problems are added to `problems`. */
export function parseSelector(source: SelectorSource, path: FieldPath, problems: Problem[]): Selector {
  const requirements: Requirement[] = [];
  for (const [key, value] of Object.entries(source.matchLabels ?? {})) {
    checkKey(key, [...path, 'matchLabels', key], problems);
    checkValue(value, [...path, 'matchLabels', key], problems);
    requirements.push({ key, operator: 'In', values: [value] });
  }
  const seen = new Set<string>();
  for (const [i, expression] of (source.matchExpressions ?? []).entries()) {
    const at = [...path, 'matchExpressions', i];
    const { key, operator, values = [] } = expression;
    checkKey(key, [...at, 'key'], problems);
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        problems.push(problem('bad-selector', at, `operator ${operator} needs at least one value`));
    } else if (values.length > 0) {
      problems.push(problem('bad-selector', [...at, 'values'], `operator ${operator} takes no values`));
    }
    for (const [j, value] of values.entries()) {
      checkValue(value, [...at, 'values', j], problems);
      if (values.indexOf(value) < j)
        problems.push(problem('duplicate-entry', [...at, 'values', j], `value "${value}" stands there twice`));
    }
    const requirement = { key, operator, values };
    const same = selectorKey({ requirements: [requirement] });
    if (seen.has(same)) problems.push(problem('duplicate-entry', at, `the expression on "${key}" stands there twice`));
    seen.add(same);
    requirements.push(requirement);
  }
  return { requirements };
}

/** Reads a list of selectors, in which none may stand twice. */
export function parseSelectors(
  sources: readonly SelectorSource[] | undefined,
  path: FieldPath,
  problems: Problem[],
): readonly Selector[] {
  const seen = new Map<string, number>();
  return (sources ?? []).map((source, i) => {
    const selector = parseSelector(source, [...path, i], problems);
    const key = selectorKey(selector);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, i);
    else problems.push(problem('duplicate-entry', [...path, i], `the selector is the same as entry ${first}`));
    return selector;
  });
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

function checkKey(key: string, path: FieldPath, problems: Problem[]): void {
  const slash = key.indexOf('/');
  const prefix = key.slice(0, Math.max(0, slash));
  if (NAME.test(key.slice(slash + 1)) && (slash < 0 || isDnsSubdomain(prefix))) return;
  problems.push(problem('bad-selector', path, `"${key}" is not a label key`));
}

function checkValue(value: string, path: FieldPath, problems: Problem[]): void {
  if (value !== '' && !NAME.test(value))
    problems.push(problem('bad-selector', path, `"${value}" cannot be the value of a label`));
}
