/**
 * Everything there is to say about a snapshot: what was found while it was read, what its plan found, and what the rules find.
 *
 * Pure, and total: positions in files are the caller's, who has read them.
 */
import type { Finding } from '../config/problem.ts';
import type { ObjectRef, Resource } from '../config/resource.ts';
import type { Plan } from '../plan/plan.ts';
import { Objects, pathAsWritten } from './objects.ts';
import { LINT_RULES } from './registry.ts';
import { findingOfRule } from './rule.ts';

/**
 * All findings, each once: first those of the input in their order, then those of the rules in the order of the registry.
 *
 * @param resources - the objects of the input as they were written, for the rules that need them.
 */
export function lint(plan: Plan, resources: readonly Resource[] = []): readonly Finding[] {
  const objects = new Objects(resources);
  const findings: Finding[] = [...plan.diagnostics];
  const said = new Set<string>();
  for (const rule of LINT_RULES)
    for (const found of rule.check(plan, objects)) {
      const finding = asWritten(findingOfRule(rule, found, plan), objects);
      findings.push(finding);
      for (const other of rule.insteadOf ?? []) said.add(aboutOf(other, finding.object));
    }
  const seen = new Set<string>();
  return findings.filter((finding) => {
    if (said.has(aboutOf(finding.rule, finding.object))) return false;
    const key = JSON.stringify([finding.rule, finding.object, finding.path, finding.message, finding.position]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Rules see the lists of a snapshot, which have no null entries; whoever looks for the place sees those of the object. */
function asWritten(finding: Finding, objects: Objects): Finding {
  const { object, path } = finding;
  if (object === null || !path.some((step) => typeof step === 'number')) return finding;
  const written = objects.get(object.kind, object.namespace, object.name);
  return written === undefined ? finding : { ...finding, path: pathAsWritten(written.body, path) };
}

const aboutOf = (rule: string, object: ObjectRef | null): string =>
  JSON.stringify([rule, object?.kind, object?.namespace, object?.name]);
