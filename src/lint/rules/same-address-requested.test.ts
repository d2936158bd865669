import { expect, it } from 'vitest';
import { plan } from '../../plan/plan.ts';
import { pool, service, snapshot } from '../../plan/testing/fixture.ts';
import { lint } from '../lint.ts';
import { check } from '../testing/check.ts';
import { sameAddressRequested } from './same-address-requested.ts';

const config = { pools: [pool('p', ['192.0.2.0/24'])] };
const asking = (name: string, address: string, rest: Readonly<Record<string, string>> = {}) =>
  service(`default/${name}`, { annotations: { 'metallb.io/loadBalancerIPs': address, ...rest } });

it('is a finding of the younger Service, whose oldest rival is named', () => {
  const services = [
    { ...asking('a', '192.0.2.7'), creationTimestamp: '2026-02-01T00:00:00Z' },
    { ...asking('b', '192.0.2.7'), creationTimestamp: '2026-01-01T00:00:00Z' },
  ];
  expect(check(sameAddressRequested, { config, services })).toMatchObject([
    { object: { name: 'a' }, message: expect.stringContaining('default/b asks for 192.0.2.7 too') },
  ]);
});

it('stands in place of service-pending', () => {
  const services = [asking('a', '192.0.2.7'), asking('b', '192.0.2.7'), asking('c', '203.0.113.1')];
  expect(lint(plan(snapshot({ config, services }))).map(({ rule, object }) => `${rule} ${object?.name}`)).toEqual(
    expect.arrayContaining(['same-address-requested b', 'service-pending c']),
  );
  const rules = lint(plan(snapshot({ config, services }))).filter(({ object }) => object?.name === 'b');
  expect(rules.map(({ rule }) => rule)).toEqual(['same-address-requested']);
});

it('is silent for other addresses, and for Services that agree to share', () => {
  expect(
    check(sameAddressRequested, { config, services: [asking('a', '192.0.2.7'), asking('b', '192.0.2.8')] }),
  ).toEqual([]);
  const key = { 'metallb.io/allow-shared-ip': 'k' };
  const services = [
    asking('a', '192.0.2.7', key),
    { ...asking('b', '192.0.2.7', key), ports: [{ protocol: 'UDP', port: 53 }] },
  ];
  expect(check(sameAddressRequested, { config, services })).toEqual([]);
});
