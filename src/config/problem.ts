/** What is wrong, or worth knowing, about an object: addressed so that a linter can underline it. */
import type { ObjectRef } from './resource.ts';
import { INPUT_RULES, type InputRuleName } from './rules.ts';

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
  /** Where the reader of the file knew it; otherwise the object and the path say where to look. */
  readonly position?: Position;
}

/** A place in an input; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What a parser made of an object: no value where one of the problems is an error; warnings and infos may stand beside a value. */
export interface Parsed<T> {
  readonly value: T | null;
  readonly problems: readonly Problem[];
  /** From a path that counts the value's entries to the path in the object as it was written, where null entries count too. */
  readonly original?: (path: FieldPath) => FieldPath;
}

/** One problem under a rule of {@link INPUT_RULES}. */
export const problem = (
  rule: InputRuleName,
  path: FieldPath,
  message: string,
  more: Pick<Problem, 'help' | 'severity'> = {},
): Problem => ({ rule, path, message, ...more });

/** The severity of a problem: its own, else its rule's. */
export const severityOf = (problem: Problem): Severity =>
  problem.severity ?? INPUT_RULES.get(problem.rule)?.severity ?? 'error';

export const hasError = (problems: readonly Problem[]): boolean => problems.some((p) => severityOf(p) === 'error');

/** The problem as lint prints it. */
export const findingOf = (problem: Problem, object: ObjectRef | null): Finding => ({
  rule: problem.rule,
  severity: severityOf(problem),
  message: problem.message,
  help: problem.help ?? INPUT_RULES.get(problem.rule)?.help ?? '',
  object,
  path: problem.path,
});

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** The path as people write it: `spec.addresses[0]`, `metadata.labels["kubernetes.io/os"]`. */
export const formatFieldPath = (path: FieldPath): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!PLAIN_NAME.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
