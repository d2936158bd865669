/** What rules about references between objects have in common. */
import { nearestOf } from '../config/nearest.ts';
import type { Plan } from '../plan/plan.ts';

/** Objects of a kind that were left out of the snapshot because of an error: what refers to them is not to blame. */
export function leftOut(plan: Plan, kind: string): ReadonlySet<string> {
  return new Set(
    plan.snapshot.findings.flatMap(({ severity, object }) =>
      severity === 'error' && object?.kind === kind ? [object.name] : [],
    ),
  );
}

/** What there is instead of a name that nothing has: the nearest one, or a few of all. */
export function insteadOf(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'there is none';
  const nearest = nearestOf(name, known);
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  const shown = known.slice(0, 5).map((one) => `"${one}"`);
  return `there is ${shown.join(', ')}${known.length > shown.length ? ' and others' : ''}`;
}
