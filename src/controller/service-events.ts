/** The events and log lines of a decision about a Service (metallb-behaviour 2.5): on change only. */
import type { Allocation } from '../allocator/allocator.ts';
import { eventsOf, type ServiceEvent } from '../allocator/events.ts';
import type { AllocationChange } from '../allocator/live-allocation.ts';
import type { Service } from '../cluster/service.ts';
import { formatIp } from '../net/ip.ts';

/**
 * The events of a change of allocation, in the order in which things happened; none for what a leader before has said already.
 *
 * @param adopting - the leader takes over what is: who keeps what it has is no news.
 */
export function eventsOfChange(
  service: Service,
  { before, after }: AllocationChange,
  adopting: boolean,
): readonly ServiceEvent[] {
  if (after === null) return [];
  const events = eventsOf(service, after, before?.ips ?? service.ingress);
  return adopting ? events.filter(({ reason }) => reason !== 'AdditionalAssignFailed') : events;
}

/** One line of the log. */
export interface LogLine {
  readonly level: 'info' | 'warn';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

const texts = (allocation: Allocation | null): readonly string[] => allocation?.ips.map(formatIp) ?? [];

/** What the log says of a change of allocation, with MetalLB's event names; null where that is nothing. */
export function lineOfChange(
  service: Service | undefined,
  { service: key, before, after }: AllocationChange,
): LogLine | null {
  if (after === null)
    return texts(before).length === 0
      ? null
      : {
          level: 'info',
          fields: { event: 'serviceDeleted', service: key, ips: texts(before), pool: before?.pool },
          message: 'service is gone, its addresses are free',
        };
  if (after.state === 'Ignored')
    return texts(before).length === 0
      ? null
      : {
          level: 'info',
          fields: { event: 'clearAssignment', reason: 'notOurs', service: key, ips: texts(before) },
          message: 'service is not ours any more, its addresses are free',
        };
  const had = before === null ? (service?.ingress.map(formatIp) ?? []) : texts(before);
  const cleared = after.cleared === null ? {} : { cleared: after.cleared.ips.map(formatIp), why: after.cleared.reason };
  if (after.state === 'Pending')
    return {
      level: 'warn',
      fields: { op: 'allocateIPs', service: key, ...cleared, reason: after.message },
      message: 'IP allocation failed',
    };
  const ips = texts(after);
  if (after.cleared === null && ips.length === had.length && ips.every((ip) => had.includes(ip))) return null;
  return {
    level: 'info',
    fields: { event: 'ipAllocated', service: key, ip: ips, pool: after.pool, ...cleared },
    message: 'IP address assigned by controller',
  };
}
