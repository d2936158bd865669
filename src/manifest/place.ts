/** Findings to places: which file, line and column a finding is about. */
import type { Finding, Position } from '../config/problem.ts';
import type { ObjectRef } from '../config/resource.ts';
import type { ManifestObject } from './collect.ts';

/** A finding with its place; null where it is about nothing that a file holds. */
export interface PlacedFinding {
  readonly finding: Finding;
  readonly position: Position | null;
}

/** Places each finding: where the reader of the file has put it already, else where its object has its path. */
export function placeFindings(
  findings: readonly Finding[],
  objects: readonly ManifestObject[],
): readonly PlacedFinding[] {
  const byRef = new Map(objects.map((object) => [keyOf({ kind: object.kind, ...object.metadata }), object]));
  return findings.map((finding) => ({
    finding,
    position:
      finding.position ?? positionIn(finding.object === null ? undefined : byRef.get(keyOf(finding.object)), finding),
  }));
}

const positionIn = (object: ManifestObject | undefined, finding: Finding): Position | null =>
  object?.locate(finding.path) ?? null;

const keyOf = ({ kind, namespace, name }: ObjectRef): string => `${kind}/${namespace}/${name}`;
