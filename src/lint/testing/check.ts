/** Runs one rule on a snapshot that a test describes. */
import type { Resource } from '../../config/resource.ts';
import { plan } from '../../plan/plan.ts';
import { DEFAULT_PLAN_OPTIONS, type PlanOptions } from '../../plan/snapshot.ts';
import { type SnapshotParts, snapshot } from '../../plan/testing/fixture.ts';
import { Objects } from '../objects.ts';
import { findingOfRule, type LintRule } from '../rule.ts';

/** The findings, as lint prints them. */
export function check(
  rule: LintRule,
  parts: SnapshotParts,
  options: Partial<PlanOptions> = {},
  resources: readonly Resource[] = [],
) {
  const planned = plan(snapshot(parts), { ...DEFAULT_PLAN_OPTIONS, ...options });
  return rule.check(planned, new Objects(resources)).map((found) => findingOfRule(rule, found, planned));
}

/** An error of an object that was therefore left out of the snapshot. */
export const errorOf = (kind: string, name: string) => ({
  rule: 'wrong-type',
  severity: 'error' as const,
  message: '',
  help: '',
  object: { kind, namespace: 'metallb-system', name },
  path: [],
});
