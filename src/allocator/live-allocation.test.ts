import { describe, expect, it } from 'vitest';
import type { Service } from '../cluster/service.ts';
import type { Pool } from '../config/pool.ts';
import { formatIp } from '../net/ip.ts';
import { ip, labelled, pool, scope, service } from '../plan/testing/fixture.ts';
import { type AllocationChange, LiveAllocation } from './live-allocation.ts';

const PAIR = pool('p', ['10.0.0.0-10.0.0.1']);
const born = (name: string, day: number, rest: Partial<Service> = {}): Service =>
  service(`x/${name}`, { creationTimestamp: `2024-01-0${day}T00:00:00Z`, ...rest });

/** An allocation after its first settling, and what each later step changes. */
function live(pools: readonly Pool[], services: readonly Service[], namespaces = new Map()) {
  const allocation = new LiveAllocation(pools, namespaces, { lbClass: null });
  allocation.update(services, null);
  allocation.settle();
  return {
    allocation,
    addresses: (): Record<string, string> =>
      Object.fromEntries([...allocation.allocations].map(([key, { ips }]) => [key.slice(2), ips.map(formatIp).join()])),
    step: (change: () => void): readonly string[] => {
      change();
      return allocation.settle().map(textOf).sort();
    },
  };
}

const textOf = ({ service: key, before, after }: AllocationChange): string =>
  [key.slice(2), before?.ips.map(formatIp).join() || '-', after?.ips.map(formatIp).join() || '-'].join(' ');

describe('LiveAllocation', () => {
  const [a, b, c, d] = [born('a', 1), born('b', 2), born('c', 3), born('d', 4)];

  it('gives a released address to the oldest that waits', () => {
    const { addresses, step, allocation } = live([PAIR], [d, c, b, a]);
    expect(addresses()).toEqual({ a: '10.0.0.0', b: '10.0.0.1', c: '', d: '' });
    expect(step(() => allocation.remove('x/a'))).toEqual(['a 10.0.0.0 -', 'c - 10.0.0.0']);
    expect(step(() => allocation.update([{ ...b, type: 'ClusterIP' }], null))).toEqual([
      'b 10.0.0.1 -',
      'd - 10.0.0.1',
    ]);
  });

  it('keeps what was given, whatever a status says and whoever is older', () => {
    const { addresses, step, allocation } = live([PAIR], [c, d]);
    expect(step(() => allocation.update([{ ...d, ingress: [ip('10.0.0.0')] }, a], null))).toEqual(['a - -']);
    expect(addresses()).toEqual({ a: '', c: '10.0.0.0', d: '10.0.0.1' });
  });

  it('does not come back to a status of which it was said that it is cleared', () => {
    const reserved = pool('p', ['10.0.0.0/31'], {
      autoAssign: false,
      serviceAllocation: scope({ namespaceSelectors: [labelled({ team: 'a' })] }),
    });
    const namespaces = new Map([['x', {}]]);
    const one = born('a', 1, { ingress: [ip('10.0.0.0')] });
    const { allocation, addresses, step } = live([reserved], [one], namespaces);
    expect(addresses()).toEqual({ a: '' });
    namespaces.set('x', { team: 'a' });
    expect(step(() => allocation.update([one], null))).toEqual([]);
    expect(addresses()).toEqual({ a: '' });
    // Written anew, it is another word.
    expect(step(() => allocation.update([{ ...one }], null))).toEqual(['a - 10.0.0.0']);
  });

  it('says what was cleared and why, with the address that comes in its place', () => {
    const { allocation } = live([PAIR], [a]);
    allocation.update([], [pool('q', ['10.0.1.0/31'])]);
    expect(allocation.settle()).toMatchObject([
      {
        service: 'x/a',
        before: { pool: 'p' },
        after: { pool: 'q', ips: [ip('10.0.1.0')], cleared: { ips: [ip('10.0.0.0')] } },
      },
    ]);
    expect(allocation.allocations.get('x/a')?.cleared).toBeNull();
  });

  it('keeps addresses over a pool that is renamed, and tells who waits of the new name', () => {
    const { allocation, step } = live([PAIR], [a, b, c]);
    expect(step(() => allocation.update([], [{ ...PAIR, name: 'renamed' }]))).toEqual([
      'a 10.0.0.0 10.0.0.0',
      'b 10.0.0.1 10.0.0.1',
      'c - -',
    ]);
    expect(allocation.allocations.get('x/c')?.message).toContain('"renamed"');
  });

  it('gives a Service that was made anew under its name what is free, not what the former one had', () => {
    const { allocation, step } = live([PAIR], [a, b]);
    const remake = (): void => {
      allocation.remove('x/b');
      allocation.remove('x/a');
      allocation.update([b], null);
    };
    expect(step(remake)).toEqual(['a 10.0.0.0 -', 'b 10.0.0.1 10.0.0.0']);
  });

  it('lets one that waits share with one that was served after it', () => {
    const sharing = (name: string, day: number, port: number): Service =>
      born(name, day, {
        annotations: { 'metallb.io/allow-shared-ip': 'k' },
        ports: [{ protocol: 'TCP', port }],
      });
    const one = pool('p', ['10.0.0.0/32']);
    const { allocation, step } = live([one], [a, sharing('old', 2, 80), sharing('young', 3, 81)]);
    expect(step(() => allocation.remove('x/a'))).toEqual(['a 10.0.0.0 -', 'old - 10.0.0.0', 'young - 10.0.0.0']);
  });

  it('judges a Service again when its namespace is another', () => {
    const namespaces = new Map([['x', { team: 'a' }]]);
    const selective = pool('p', ['10.0.0.0/32'], {
      serviceAllocation: scope({
        namespaceSelectors: [{ requirements: [{ key: 'team', operator: 'In', values: ['a'] }] }],
      }),
    });
    const { allocation, step } = live([selective], [a], namespaces);
    namespaces.set('x', { team: 'b' });
    expect(step(() => allocation.update([a], null))).toEqual(['a 10.0.0.0 -']);
  });

  it('serves the first of thousands that wait for the same', () => {
    const waiting = Array.from({ length: 2_000 }, (_, i) => service(`x/w${i}`));
    const { allocation, step } = live([PAIR], [a, b, ...waiting]);
    expect(step(() => allocation.update([{ ...a, labels: { new: 'label' } }], null))).toEqual([]);
    expect(step(() => allocation.remove('x/a'))).toEqual(['a 10.0.0.0 -', 'w0 - 10.0.0.0']);
  });
});
