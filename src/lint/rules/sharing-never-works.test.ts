import { expect, it } from 'vitest';
import type { Service } from '../../cluster/service.ts';
import { pool, service } from '../../plan/testing/fixture.ts';
import { check } from '../testing/check.ts';
import { sharingNeverWorks } from './sharing-never-works.ts';

const shared = (name: string, port: number, rest: Partial<Service> = {}) =>
  service(`default/${name}`, {
    ports: [{ protocol: 'TCP', port }],
    ...rest,
    annotations: { 'metallb.io/allow-shared-ip': 'k', ...rest.annotations },
  });
const run = (...services: readonly Service[]) =>
  check(sharingNeverWorks, { config: { pools: [pool('p', ['192.0.2.0/24'])] }, services }).map(
    ({ object, message }) => `${object?.name}: ${message.split(': ').at(-1)}`,
  );

it('says what is in the way', () => {
  expect(run(shared('a', 80), shared('b', 80))).toEqual(['b: both use port TCP/80']);
  const local = { externalTrafficPolicy: 'Local' as const };
  expect(run(shared('a', 80, local), shared('b', 81, local))).toEqual([
    'b: externalTrafficPolicy is Local, and their selectors differ',
  ]);
  expect(run(shared('a', 80, local), shared('b', 81))).toEqual([
    'b: one has externalTrafficPolicy Local and the other has not',
  ]);
  const from = (name: string) => ({ annotations: { 'metallb.io/address-pool': name } });
  expect(run(shared('a', 80, from('p')), shared('b', 81, from('q')))).toEqual([
    'b: they ask for different pools ("p" and "q")',
  ]);
});

it('is silent where a Service goes together with some other one', () => {
  expect(run(shared('a', 80), shared('b', 81), shared('c', 80))).toEqual([]);
  const local = { externalTrafficPolicy: 'Local' as const, selector: { app: 'x' } };
  expect(run(shared('a', 80, local), shared('b', 81, local))).toEqual([]);
  expect(run(shared('a', 80))).toEqual([]);
});
