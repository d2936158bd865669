/** From the inputs of a command to a snapshot, and back from a finding to its place in a file. */
import type { Finding } from '../config/problem.ts';
import { formatFieldPath } from '../config/problem.ts';
import { RULE_NAMES } from '../lint/catalogue.ts';
import { applyDisables } from '../lint/disable.ts';
import { collectResources, type ManifestObject } from '../manifest/collect.ts';
import { type PlacedFinding, placeFindings } from '../manifest/place.ts';
import type { PlanOptions } from '../plan/snapshot.ts';
import { type BuiltSnapshot, buildSnapshot } from '../plan/snapshot-builder.ts';
import { readInputs } from './input.ts';
import type { Io } from './io.ts';

export interface Loaded {
  readonly snapshot: BuiltSnapshot;
  /** The objects as they were written, in the order of the input. */
  readonly objects: readonly ManifestObject[];
  /**
   * Gives findings their places, in the order of the input; those without a place come last. What a comment silences is left out, and what
   * is wrong with such comments comes in.
   */
  locate(findings: readonly Finding[]): readonly Diagnostic[];
  /** Gives findings that are none of lint's their places, in the order of the input; comments that silence lint say nothing of them. */
  place(findings: readonly Finding[]): readonly Diagnostic[];
  /** The same as locate, with what comments silence. */
  judge(findings: readonly Finding[]): Judged;
}

/** Findings in their places, and those that comments silence. */
export interface Judged {
  readonly diagnostics: readonly Diagnostic[];
  readonly silenced: readonly SilencedDiagnostic[];
}

/** A finding that a comment silences, with the reason that it gives. */
export interface SilencedDiagnostic extends Diagnostic {
  readonly reason: string;
}

/** A finding as lint prints it: the contract's form. */
export interface Diagnostic {
  readonly rule: string;
  readonly severity: Finding['severity'];
  readonly message: string;
  readonly help: string;
  readonly object: Finding['object'];
  /** `spec.addresses[0]`; empty where the object as a whole is meant. */
  readonly path: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
}

/**
 * Reads the inputs.
 *
 * @param previous - what a process would have in force before: faulty objects keep their versions of it.
 * @throws {CannotRunError} where an input cannot be read or parsed at all.
 */
export async function load(
  inputs: readonly string[],
  options: PlanOptions,
  io: Io,
  previous?: BuiltSnapshot,
): Promise<Loaded> {
  const files = await readInputs(inputs, io);
  const collected = collectResources(files, options);
  const built = buildSnapshot(collected.resources, { ...options, mayBePart: true }, previous);
  const snapshot = { ...built, findings: [...collected.findings, ...built.findings] };
  const order = new Map(files.map(({ file }, i) => [file, i]));
  const comments = files.flatMap(({ disables }) => disables);
  const judge = (findings: readonly Finding[]): Judged => {
    const { left, silenced } = applyDisables(placeFindings(findings, collected.resources), comments, RULE_NAMES);
    return {
      diagnostics: inOrder(left.map(diagnosticOf), order),
      silenced: inOrder(
        silenced.map((placed) => ({ ...diagnosticOf(placed), reason: placed.reason })),
        order,
      ),
    };
  };
  return {
    snapshot,
    objects: collected.resources,
    locate: (findings) => judge(findings).diagnostics,
    place: (findings) => inOrder(placeFindings(findings, collected.resources).map(diagnosticOf), order),
    judge,
  };
}

function diagnosticOf({ finding, position }: PlacedFinding): Diagnostic {
  const { rule, severity, message, help, object, path } = finding;
  return {
    rule,
    severity,
    message,
    help,
    object,
    path: formatFieldPath(path),
    file: position?.file ?? null,
    line: position?.line ?? null,
    column: position?.column ?? null,
  };
}

function inOrder<D extends Diagnostic>(diagnostics: readonly D[], order: ReadonlyMap<string, number>): readonly D[] {
  const fileOf = ({ file }: Diagnostic): number =>
    (file === null ? undefined : order.get(file)) ?? Number.MAX_SAFE_INTEGER;
  return [...diagnostics].sort(
    (a, b) => fileOf(a) - fileOf(b) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}
