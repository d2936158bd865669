/**
 * BGPPeer v1beta1, which has no way to leave a timer or a port unset but zero (docs/decisions.md 13).
 *
 * The API server stores such a peer as it is and shows it as v1beta2, where a hold time of 0s means "for ever". Who wrote it is in
 * `metadata.managedFields`: a zero is v1beta1's if the spec was written through v1beta1 and nobody wrote the field through another version.
 * MetalLB's conversion leaves the same traces where it made 0s of a hold time that was left out.
 */

import { NEWER_FIELDS } from '../crd/bgp-peer.ts';
import { isJsonObject } from '../is-json-object.ts';
import { parseDurationMs } from './duration.ts';
import type { FieldPath, Problem } from './problem.ts';
import { problem } from './problem.ts';
import type { Resource } from './resource.ts';

export const PEER_V1BETA1 = 'metallb.io/v1beta1';

const TIMERS = ['holdTime', 'keepaliveTime'];
const ZEROABLE = [...TIMERS, 'peerPort'];

/** The peer without the zeros that mean "unset"; an object of another kind as it is. Needs `metadata.managedFields` of what is stored. */
export function withoutOldZeros(resource: Resource): Resource {
  const { spec } = resource.body;
  if (resource.kind !== 'BGPPeer' || !isJsonObject(spec)) return resource;
  const unset = ZEROABLE.filter((field) => isZero(field, spec[field]) && isOld(resource, field));
  if (unset.length === 0) return resource;
  const kept = Object.fromEntries(Object.entries(spec).filter(([field]) => !unset.includes(field)));
  return { ...resource, body: { ...resource.body, spec: kept } };
}

const isZero = (field: string, value: unknown): boolean =>
  TIMERS.includes(field) ? typeof value === 'string' && parseDurationMs(value) === 0 : value === 0;

function isOld(resource: Resource, field: string): boolean {
  if (resource.apiVersion === PEER_V1BETA1) return true;
  const { metadata } = resource.body;
  const entries = isJsonObject(metadata) && Array.isArray(metadata.managedFields) ? metadata.managedFields : [];
  let old = false;
  for (const entry of entries) {
    const spec = isJsonObject(entry) && isJsonObject(entry.fieldsV1) ? entry.fieldsV1['f:spec'] : undefined;
    if (!isJsonObject(spec)) continue;
    if (entry.apiVersion === PEER_V1BETA1) old = true;
    else if (Object.hasOwn(spec, `f:${field}`)) return false;
  }
  return old;
}

/** Says that the version is deprecated, and which fields count here that MetalLB passes over in it. */
export function deprecation(resource: Resource): Problem {
  const { spec } = resource.body;
  const newer = isJsonObject(spec)
    ? NEWER_FIELDS.filter((field) => spec[field] !== undefined && spec[field] !== null)
    : [];
  const path: FieldPath = ['apiVersion'];
  if (newer.length === 0) return problem('deprecated-version', path, 'BGPPeer v1beta1 is deprecated');
  const message = `BGPPeer v1beta1 is deprecated; of v1beta2 it has ${newer.join(', ')}, which MetalLB would ignore and we do not`;
  return problem('deprecated-version', path, message);
}
