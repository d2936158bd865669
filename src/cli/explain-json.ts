/** An explanation as JSON: each step with the place of its field, where an input has it. */

import type { FieldPath, Position } from '../config/problem.ts';
import { formatFieldPath } from '../config/problem.ts';
import type { ObjectRef } from '../config/resource.ts';
import type { Explanation } from '../explain/explain.ts';
import type { Step } from '../explain/step.ts';
import type { ManifestObject } from '../manifest/collect.ts';

/** Where a field of an object stands; null where no input has the object. */
export type Place = (object: ObjectRef, path: FieldPath) => Position | null;

/** Finds fields in these objects. */
export function placeIn(objects: readonly ManifestObject[]): Place {
  const keyOf = (kind: string, { namespace, name }: { readonly namespace: string; readonly name: string }): string =>
    JSON.stringify([kind, namespace, name]);
  const byKey = new Map(objects.map((object) => [keyOf(object.kind, object.metadata), object]));
  return (object, path) => byKey.get(keyOf(object.kind, object))?.locate(path) ?? null;
}

/** A step as it is printed. */
export interface PlacedStep extends Omit<Step, 'path'> {
  /** `spec.addresses[0]`; empty where the object as a whole is meant. */
  readonly path: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
}

/** Gives a step the place of its field. */
export function placed(step: Step, place: Place): PlacedStep {
  const at = step.object === null ? null : place(step.object, step.path);
  return {
    ...step,
    path: formatFieldPath(step.path),
    file: at?.file ?? null,
    line: at?.line ?? null,
    column: at?.column ?? null,
  };
}

/** The text of the JSON form. */
export function explanationJson(explanation: Explanation, place: Place): string {
  const stepsOf = (steps: readonly Step[]): readonly PlacedStep[] => steps.map((step) => placed(step, place));
  const form = {
    ...explanation,
    address: { ...explanation.address, steps: stepsOf(explanation.address.steps) },
    advertisements: explanation.advertisements.map((one) => ({ ...one, steps: stepsOf(one.steps) })),
    nodes: explanation.nodes.map((node) => ({
      ...node,
      steps: stepsOf(node.steps),
      peers: node.peers.map((peer) => ({ ...peer, steps: stepsOf(peer.steps) })),
    })),
  };
  return `${JSON.stringify(form, null, 2)}\n`;
}
