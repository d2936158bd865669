/** From the inputs of a command to a snapshot, and back from a finding to its place in a file. */
import type { Finding, Position } from '../config/problem.ts';
import { formatFieldPath } from '../config/problem.ts';
import { collectResources, type ManifestObject } from '../manifest/collect.ts';
import type { PlanOptions, Snapshot } from '../plan/snapshot.ts';
import { buildSnapshot } from '../plan/snapshot-builder.ts';
import { readInputs } from './input.ts';
import type { Io } from './io.ts';

export interface Loaded {
  readonly snapshot: Snapshot;
  /** Gives findings their places, in the order of the input; those without a place come last. */
  locate(findings: readonly Finding[]): readonly Diagnostic[];
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

/** @throws {CannotRunError} where an input cannot be read or parsed at all. */
export async function load(inputs: readonly string[], options: PlanOptions, io: Io): Promise<Loaded> {
  const files = await readInputs(inputs, io);
  const collected = collectResources(files, options);
  const built = buildSnapshot(collected.resources, options);
  const snapshot = { ...built, findings: [...collected.findings, ...built.findings] };
  const order = new Map(files.map(({ file }, i) => [file, i]));
  const objects = new Map(collected.resources.map((object) => [keyOf(object.kind, object.metadata), object]));
  return {
    snapshot,
    locate: (findings) =>
      inOrder(
        findings.map((finding) => diagnosticOf(finding, objects)),
        order,
      ),
  };
}

const keyOf = (kind: string, { namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  JSON.stringify([kind, namespace, name]);

function diagnosticOf(finding: Finding, objects: ReadonlyMap<string, ManifestObject>): Diagnostic {
  const { rule, severity, message, help, object, path } = finding;
  const at: Position | undefined =
    finding.position ?? (object === null ? undefined : objects.get(keyOf(object.kind, object))?.locate(path));
  return {
    rule,
    severity,
    message,
    help,
    object,
    path: formatFieldPath(path),
    file: at?.file ?? null,
    line: at?.line ?? null,
    column: at?.column ?? null,
  };
}

function inOrder(diagnostics: readonly Diagnostic[], order: ReadonlyMap<string, number>): readonly Diagnostic[] {
  const fileOf = ({ file }: Diagnostic): number =>
    (file === null ? undefined : order.get(file)) ?? Number.MAX_SAFE_INTEGER;
  return [...diagnostics].sort(
    (a, b) => fileOf(a) - fileOf(b) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}
