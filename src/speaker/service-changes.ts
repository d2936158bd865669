/** What a new plan means for the Services' addresses, and how that is said: an address that moves is said before it moves. */
import type { Logger } from '../io/logger.ts';
import type { ServiceRow } from '../plan/row.ts';

export interface ServiceChange {
  /** `namespace/name`. */
  readonly service: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly pool: string | null;
  /** Why it has no address, where it has none. */
  readonly message: string | null;
}

/** The Services whose addresses differ, or that wait for a new reason, by name. */
export function serviceChanges(before: readonly ServiceRow[], after: readonly ServiceRow[]): readonly ServiceChange[] {
  const known = new Map(before.map((row) => [keyOf(row), row]));
  const changes: ServiceChange[] = [];
  for (const row of after) {
    const old = known.get(keyOf(row));
    known.delete(keyOf(row));
    if (old !== undefined && sameList(old.ips, row.ips) && old.message === row.message) continue;
    if (old === undefined && row.state === 'Ignored') continue;
    changes.push({ service: keyOf(row), before: old?.ips ?? [], after: row.ips, pool: row.pool, message: row.message });
  }
  for (const [service, row] of known)
    if (row.ips.length > 0)
      changes.push({ service, before: row.ips, after: [], pool: null, message: 'the Service is gone' });
  return changes;
}

/** Logs one change; one that takes an address from a Service that had it is a warning that says how to pin it. */
export function describeService({ service, before, after, pool, message }: ServiceChange, log: Logger): void {
  if (before.length > 0 && after.length > 0)
    log.warn(
      {
        event: 'addressMoves',
        service,
        from: before,
        to: after,
        pool,
        help: `to keep the old address, set the annotation metallb.io/loadBalancerIPs: "${before.join(',')}" on the Service, or write it into status.loadBalancer.ingress of its manifest`,
      },
      'the address of a Service moves',
    );
  else if (after.length > 0) log.info({ event: 'ipAllocated', service, ips: after, pool }, 'address assigned');
  else if (before.length > 0)
    log.warn({ event: 'ipReleased', service, ips: before, reason: message }, 'address released');
  else log.warn({ event: 'allocationFailed', service, reason: message }, 'Service waits for an address');
}

const keyOf = ({ namespace, name }: ServiceRow): string => `${namespace}/${name}`;

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((x, i) => x === b[i]);
