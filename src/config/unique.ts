/** Lists of names in which none may stand twice. */
import { type FieldPath, type Problem, problem } from './problem.ts';

/** Reports each entry that stands in the list already. */
export function reportDuplicates(list: readonly string[] | undefined, path: FieldPath, problems: Problem[]): void {
  const seen = new Map<string, number>();
  for (const [i, entry] of (list ?? []).entries()) {
    const first = seen.get(entry);
    if (first === undefined) seen.set(entry, i);
    else problems.push(problem('duplicate-entry', [...path, i], `"${entry}" is the same as entry ${first}`));
  }
}
