/** Puts findings together: what is to be said of several neighbors alike is said once, with all of them and one block of commands. */
import type { FieldPath, Severity } from '../../config/problem.ts';
import type { ObjectRef } from '../../config/resource.ts';
import { joinChanges } from './dialect.ts';
import { type CheckRuleName, helpOfRule, severityOfRule } from './rules.ts';

/** What differs, where, and what to enter. */
export interface CheckFinding {
  readonly rule: CheckRuleName;
  readonly severity: Severity;
  readonly message: string;
  readonly help: string;
  /** What asks for it; null where no object does. */
  readonly object: ObjectRef | null;
  readonly path: FieldPath;
  /** In the running configuration, from 1. */
  readonly line: number;
  /** In the language of the router, in their order; empty where a person has to decide. */
  readonly commands: readonly string[];
}

export interface Difference {
  readonly rule: CheckRuleName;
  readonly severity?: Severity;
  /** Follows the subject: `no BFD`. Equal ones are put together. */
  readonly text: string;
  /** The neighbor that it is about; null where it is about the router. */
  readonly subject: string | null;
  readonly help?: string;
  readonly object: ObjectRef | null;
  readonly path: FieldPath;
  readonly line: number;
  readonly commands: readonly string[];
}

interface Draft {
  readonly difference: Difference;
  readonly subjects: string[];
  line: number;
  readonly changes: (readonly string[])[];
}

export class Collector {
  readonly #drafts = new Map<string, Draft>();

  add(difference: Difference): void {
    const { rule, text, subject, line, commands } = difference;
    const key = JSON.stringify([rule, text, subject === null]);
    const draft = this.#drafts.get(key);
    if (draft === undefined) {
      this.#drafts.set(key, {
        difference,
        subjects: subject === null ? [] : [subject],
        line,
        changes: [commands],
      });
      return;
    }
    if (subject !== null && !draft.subjects.includes(subject)) draft.subjects.push(subject);
    draft.line = Math.min(draft.line, line);
    const known = JSON.stringify(commands);
    if (!draft.changes.some((change) => JSON.stringify(change) === known)) draft.changes.push(commands);
  }

  /** By line, then in the order in which they were found. */
  findings(): readonly CheckFinding[] {
    return [...this.#drafts.values()]
      .map(({ difference, subjects, line, changes }) => ({
        rule: difference.rule,
        severity: difference.severity ?? severityOfRule(difference.rule),
        message: subjects.length === 0 ? difference.text : `${listOf(subjects)}: ${difference.text}`,
        help: difference.help ?? helpOfRule(difference.rule),
        object: difference.object,
        path: difference.path,
        line,
        commands: joinChanges(changes),
      }))
      .sort((a, b) => a.line - b.line);
  }
}

const MOST_NAMES = 8;

/** `a, b and c`. */
function listOf(names: readonly string[]): string {
  if (names.length > MOST_NAMES)
    return `${names.slice(0, MOST_NAMES - 1).join(', ')} and ${names.length - MOST_NAMES + 1} more`;
  return names.length === 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
