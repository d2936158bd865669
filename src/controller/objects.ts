/** Services as the controller keeps them: what decisions need, and what they have of what the controller writes. */

import { readService } from '../follow/objects.ts';
import { isJsonObject } from '../is-json-object.ts';
import type { KubeObject } from '../kube/types.ts';
import { formatIp, parseIp } from '../net/ip.ts';
import type { CoreObject } from '../plan/world/world-object.ts';

/** The annotation in which the controller says which pool a Service's addresses are from. */
export const POOL_ANNOTATION = 'metallb.io/ip-allocated-from-pool';

/** What a Service has of what the controller writes. */
export interface ServiceRecord {
  readonly uid: string;
  readonly resourceVersion: string;
  /** The addresses of `status.loadBalancer.ingress`, in their order; null where it says something that the controller never writes. */
  readonly ingress: readonly string[] | null;
  /** The pool annotation; null where there is none. */
  readonly pool: string | null;
}

/** A Service as it comes in. */
export interface SeenService {
  readonly object: CoreObject;
  readonly record: ServiceRecord;
}

/** Reads a Service. */
export function readSeenService(object: KubeObject): SeenService | undefined {
  const understood = readService(object);
  return understood === undefined ? undefined : { object: understood, record: readRecord(object) };
}

/** Reads what a Service has of what the controller writes. */
export function readRecord({ metadata, status }: KubeObject): ServiceRecord {
  const loadBalancer = isJsonObject(status) ? status.loadBalancer : undefined;
  const ingress = isJsonObject(loadBalancer) ? loadBalancer.ingress : undefined;
  const entries: readonly unknown[] = Array.isArray(ingress) ? ingress : [];
  const ips = entries.map(plainAddress);
  return {
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    ingress: ips.every((ip) => ip !== null) ? ips : null,
    pool: metadata.annotations?.[POOL_ANNOTATION] ?? null,
  };
}

/** The address of an entry that says nothing but an address, in the one way to write it; `ipMode: VIP` is what the API server fills in. */
function plainAddress(entry: unknown): string | null {
  if (!isJsonObject(entry)) return null;
  for (const [field, value] of Object.entries(entry)) {
    if (field === 'ip' || value === null || value === '' || (field === 'ipMode' && value === 'VIP')) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    return null;
  }
  const ip = parseIp(typeof entry.ip === 'string' ? entry.ip : '');
  return ip.ok ? formatIp(ip.value) : null;
}
