/** What is wrong, or worth knowing, about an object: addressed so that a linter can underline it. */
import type { ObjectRef } from './resource.ts';

export type Severity = 'error' | 'warning' | 'info';

/** A path from an object's root: names and indexes. */
export type FieldPath = readonly (string | number)[];

/** One thing that a parser or a rule found inside the object that it was given. */
export interface Problem {
  /** The rule's name in the catalogue, which has its severity and its general help. */
  readonly rule: string;
  readonly path: FieldPath;
  readonly message: string;
  /** What to do about this one, where it is more exact than the rule's own help. */
  readonly help?: string;
  /** Where the severity depends on the circumstances; otherwise the rule's own. */
  readonly severity?: Severity;
}

/** A problem with its object: what lint prints, less the file position that only the reader of the file knows. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly help: string;
  /** Null where the finding is about the input as a whole. */
  readonly object: ObjectRef | null;
  readonly path: FieldPath;
}
