import { describe, expect, it } from 'vitest';
import type { Allocation } from '../allocator/allocator.ts';
import type { Service } from '../cluster/service.ts';
import { parseIp } from '../net/ip.ts';
import { eventsOfChange, lineOfChange } from './service-events.ts';

const ip = (text: string) => {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
};

const service = (...ingress: readonly string[]): Service => ({
  key: 'default/shop',
  namespace: 'default',
  name: 'shop',
  labels: {},
  annotations: {},
  creationTimestamp: null,
  type: 'LoadBalancer',
  loadBalancerClass: null,
  loadBalancerIP: null,
  externalTrafficPolicy: 'Cluster',
  ipFamilies: [4],
  ipFamilyPolicy: 'SingleStack',
  selector: {},
  ports: [],
  ingress: ingress.map(ip),
});

const assigned = (...ips: readonly string[]): Allocation => ({
  state: 'Assigned',
  ips: ips.map(ip),
  pool: 'web',
  message: null,
  cleared: null,
});
const pending: Allocation = { state: 'Pending', ips: [], pool: null, message: 'Failed: none left', cleared: null };
const ignored: Allocation = { state: 'Ignored', ips: [], pool: null, message: null, cleared: null };

const change = (before: Allocation | null, after: Allocation | null) => ({ service: 'default/shop', before, after });

describe('a change of allocation', () => {
  it('is told where something is different, and not where an address is kept', () => {
    const reasons = (...args: Parameters<typeof eventsOfChange>) => eventsOfChange(...args).map(({ reason }) => reason);
    expect(reasons(service(), change(null, assigned('192.0.2.1')), false)).toEqual(['IPAllocated']);
    expect(reasons(service('192.0.2.1'), change(null, assigned('192.0.2.1')), true)).toEqual([]);
    expect(reasons(service(), change(assigned('192.0.2.1'), pending), false)).toEqual(['AllocationFailed']);
    expect(reasons(service(), change(assigned('192.0.2.1'), null), false)).toEqual([]);
    expect(reasons(service(), change(null, ignored), false)).toEqual([]);
    const partly = { ...assigned('192.0.2.1'), message: 'cannot assign additional IP in PreferDualStack: none' };
    expect(reasons(service('192.0.2.1'), change(null, partly), true)).toEqual([]);
    expect(reasons(service('192.0.2.1'), change(assigned('192.0.2.1'), partly), false)).toEqual([
      'AdditionalAssignFailed',
    ]);
  });

  it('has one line of the log, or none', () => {
    const line = (...args: Parameters<typeof lineOfChange>) => {
      const found = lineOfChange(...args);
      return found === null ? null : (found.fields.event ?? found.fields.op);
    };
    expect(line(service(), change(null, assigned('192.0.2.1')))).toBe('ipAllocated');
    expect(line(service('192.0.2.1'), change(null, assigned('192.0.2.1')))).toBeNull();
    expect(line(service(), change(null, pending))).toBe('allocateIPs');
    expect(line(undefined, change(assigned('192.0.2.1'), null))).toBe('serviceDeleted');
    expect(line(undefined, change(pending, null))).toBeNull();
    expect(line(service(), change(assigned('192.0.2.1'), ignored))).toBe('clearAssignment');
    expect(line(service(), change(pending, ignored))).toBeNull();
  });
});
