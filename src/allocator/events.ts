/**
 * The Kubernetes events that a decision about a Service gives: their reasons are MetalLB's (metallb-behaviour 2.5), their texts name the
 * pool, the cause and the remedy.
 *
 * A decision that changes nothing gives no event but that the Service still waits; how often that is told is the recorder's to limit.
 */
import type { Service } from '../cluster/service.ts';
import { compareText } from '../compare-text.ts';
import { formatIp, type Ip, sameIp } from '../net/ip.ts';
import type { Allocation } from './allocator.ts';
import { CURRENT_PREFIX, DEPRECATED_PREFIX } from './annotation.ts';

export type ServiceEventReason =
  | 'ClearAssignment'
  | 'AllocationFailed'
  | 'IPAllocated'
  | 'AdditionalAssignFailed'
  | 'deprecatedAnnotation';

export interface ServiceEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: ServiceEventReason;
  readonly message: string;
}

/**
 * The events of one decision, in the order in which things happened.
 *
 * @param before - the addresses that the Service had when it was decided.
 */
export function eventsOf(
  service: Service,
  allocation: Allocation,
  before: readonly Ip[] = service.ingress,
): readonly ServiceEvent[] {
  if (allocation.state === 'Ignored') return [];
  const { cleared, message, ips, pool } = allocation;
  const events: ServiceEvent[] = [];
  if (cleared !== null)
    events.push({
      type: 'Normal',
      reason: 'ClearAssignment',
      message: `current IP for "${service.key}" not allowed by config, will attempt for new IP assignment: ${cleared.reason}`,
    });
  if (allocation.state === 'Pending')
    events.push({ type: 'Warning', reason: 'AllocationFailed', message: message ?? 'Failed to allocate IP' });
  const added = ips.filter((ip) => cleared !== null || !before.some((old) => sameIp(old, ip)));
  if (added.length > 0)
    events.push({
      type: 'Normal',
      reason: 'IPAllocated',
      message:
        added.length < ips.length
          ? `Assigned additional IP ${added.map(quoted).join(' ')} from pool "${pool}"`
          : `Assigned IP [${added.map(quoted).join(' ')}] from pool "${pool}"`,
    });
  if (allocation.state === 'Assigned' && message !== null)
    events.push({ type: 'Normal', reason: 'AdditionalAssignFailed', message });
  // As MetalLB, only when the Service is written to: it would be told at each look otherwise.
  if (added.length > 0 || cleared !== null) events.push(...deprecations(service));
  return events;
}

const quoted = (ip: Ip): string => `"${formatIp(ip)}"`;

const deprecations = (service: Service): readonly ServiceEvent[] =>
  Object.keys(service.annotations)
    .filter((key) => key.startsWith(DEPRECATED_PREFIX))
    .sort(compareText)
    .map((key) => ({
      type: 'Warning',
      reason: 'deprecatedAnnotation',
      message: `Service uses deprecated annotation ${key}: write ${CURRENT_PREFIX}${key.slice(DEPRECATED_PREFIX.length)}`,
    }));
