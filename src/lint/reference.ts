/** What rules about references between objects have in common. */
import { parseCommunityValue } from '../config/community.ts';
import { nearestOf } from '../config/nearest.ts';
import type { FieldPath } from '../config/problem.ts';
import type { Plan } from '../plan/plan.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { listAt, type Objects } from './objects.ts';

/** Objects of a kind that were left out of the snapshot for what is wrong with them: what refers to them is not to blame. */
export function leftOut(plan: Plan, kind: string): ReadonlySet<string> {
  return new Set(
    plan.snapshot.findings.flatMap(({ rule, severity, object }) =>
      object?.kind === kind && (severity === 'error' || rule === 'unsubstituted-variable') ? [object.name] : [],
    ),
  );
}

/** What there is instead of a name that nothing has; each name is looked up once. */
export function alternatives(known: readonly string[]): (name: string) => string {
  const found = new Map<string, string>();
  return (name) => {
    let text = found.get(name);
    if (text === undefined) {
      text = insteadOf(name, known);
      found.set(name, text);
    }
    return text;
  };
}

/** The nearest name, or a few of all. */
function insteadOf(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'there is none';
  const nearest = nearestOf(name, known);
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  const shown = known.slice(0, 5).map((one) => `"${one}"`);
  return `there is ${shown.join(', ')}${known.length > shown.length ? ' and others' : ''}`;
}

/** Where a community comes from, for a message: ` (alias a of Community b)`; empty where no Community has it. */
export function originOf(community: number, communities: Snapshot['communities'] = []): string {
  for (const { name, aliases } of communities) {
    const alias = aliases.find(({ value }) => value === community);
    if (alias !== undefined) return ` (alias "${alias.name}" of Community "${name}")`;
  }
  return '';
}

/** Where an advertisement names a community: the entry by which it came, or the list where that cannot be told. */
export function pathOfCommunity(advertisement: string, community: number, plan: Plan, objects: Objects): FieldPath {
  const path = ['spec', 'communities'];
  const written = objects.get('BGPAdvertisement', plan.options.namespace, advertisement);
  const entries = listAt(written?.body, ...path).filter((entry) => entry !== null);
  const at = entries.findIndex((entry) => typeof entry === 'string' && brings(entry, community, plan));
  return at < 0 ? path : [...path, at];
}

/** Whether a name in `spec.communities` stands for the community: as an alias, as a literal, or as the name of a Community. */
function brings(entry: string, community: number, { snapshot: { communities = [] } }: Plan): boolean {
  for (const { aliases } of communities) {
    const alias = aliases.find(({ name }) => name === entry);
    if (alias !== undefined) return alias.value === community;
  }
  const literal = parseCommunityValue(entry);
  if (literal.ok) return literal.value === community;
  return communities.some(({ name, aliases }) => name === entry && aliases.some(({ value }) => value === community));
}
