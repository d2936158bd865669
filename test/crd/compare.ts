/** Our CRDs beside MetalLB's: equal, different, ours. */
import { isDeepStrictEqual } from 'node:util';
import { type CrdManifest, crdManifests } from '../../src/crd/manifest.ts';
import { OURS } from '../../src/crd/schema.ts';
import { type FieldFacts, flatten, type Schema, walk } from './field-facts.ts';
import { METALLB } from './metallb-fields.ts';

export interface ComparedField {
  readonly kind: string;
  readonly version: string;
  readonly path: string;
  readonly ours: FieldFacts;
  /** Undefined where MetalLB has no such field. */
  readonly metallb: FieldFacts | undefined;
  readonly description: string;
}

export interface FoundRule {
  readonly kind: string;
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

export const rootOf = (manifest: CrdManifest, version: string): Schema => {
  const found = manifest.spec.versions.find(({ name }) => name === version);
  if (found === undefined) throw new Error(`${manifest.metadata.name} has no ${version}`);
  return found.schema.openAPIV3Schema as unknown as Schema;
};

/** Every version of every kind, the newest of a kind first. */
export const VERSIONS: readonly { readonly kind: string; readonly version: string; readonly root: Schema }[] =
  crdManifests().flatMap((manifest) =>
    manifest.spec.versions
      .map(({ name }) => ({ kind: manifest.spec.names.kind, version: name, root: rootOf(manifest, name) }))
      .reverse(),
  );

/** Every field of ours. */
export function compareFields(): readonly ComparedField[] {
  return VERSIONS.flatMap(({ kind, version, root }) => {
    const theirs = METALLB.find((m) => m.kind === kind && m.version === version)?.fields;
    const descriptions = new Map<string, string>();
    walk(root, (path, schema) => descriptions.set(path, String(schema.description ?? '')));
    return [...flatten(root)].map(([path, ours]) => ({
      kind,
      version,
      path,
      ours,
      metallb: theirs?.get(path),
      description: descriptions.get(path) ?? '',
    }));
  });
}

/** `KIND version path` of MetalLB's fields that ours lack. */
export const missingFields = (): readonly string[] =>
  METALLB.flatMap(({ kind, version, fields }) => {
    const root = VERSIONS.find((ours) => ours.kind === kind && ours.version === version)?.root;
    const ours = root === undefined ? new Map() : flatten(root);
    return [...fields.keys()].filter((path) => !ours.has(path)).map((path) => `${kind} ${version} ${path}`);
  });

export const keyOf = ({ kind, version, path }: ComparedField): string => `${kind} ${version} ${path}`;

export const isEqual = ({ ours, metallb }: ComparedField): boolean => isDeepStrictEqual({ ...ours }, { ...metallb });

/** Whether the description of the field, or of one that it is part of, says that it is ours. */
export const isMarked = (field: ComparedField, all: readonly ComparedField[]): boolean =>
  field.kind === 'SpeakerStatus' ||
  all.some(
    (other) =>
      other.kind === field.kind &&
      other.version === field.version &&
      other.description.startsWith(OURS) &&
      (field.path === other.path || ['.', '[', '{'].some((c) => field.path.startsWith(other.path + c))),
  );

/** The rules in CEL, those of a kind's stored version: the other version has the same. */
export function findRules(): readonly FoundRule[] {
  const seen = new Set<string>();
  return VERSIONS.flatMap(({ kind, root }) => {
    if (seen.has(kind)) return [];
    seen.add(kind);
    const found: FoundRule[] = [];
    walk(root, (path, schema) => {
      for (const { rule, message } of (schema['x-kubernetes-validations'] ?? []) as FoundRule[])
        found.push({ kind, path, rule, message });
    });
    return found;
  });
}
