/**
 * Everything there is to say about a snapshot: what was found while it was read, what its plan found, and what the rules find.
 *
 * Pure, and total: positions in files are the caller's, who has read them.
 */
import type { Finding } from '../config/problem.ts';
import type { Plan } from '../plan/plan.ts';
import { LINT_RULES } from './registry.ts';
import { findingOfRule } from './rule.ts';

/** All findings, each once: first those of the input in their order, then those of the rules in the order of the registry. */
export function lint(plan: Plan): readonly Finding[] {
  const findings = [
    ...plan.diagnostics,
    ...LINT_RULES.flatMap((rule) => rule.check(plan).map((found) => findingOfRule(rule, found, plan))),
  ];
  const seen = new Set<string>();
  return findings.filter((finding) => {
    const key = JSON.stringify([finding.rule, finding.object, finding.path, finding.message, finding.position]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
