import { expect, it } from 'vitest';
import { type ReceivedRoute, RouterTable } from './router-table.ts';

const route = (nextHop: string, over: Partial<ReceivedRoute> = {}): ReceivedRoute => ({
  prefix: '10.100.0.1/32',
  nextHop,
  localPref: 100,
  asPath: [64513],
  origin: 0,
  med: null,
  communities: [],
  largeCommunities: [],
  ...over,
});
const nextHops = (table: RouterTable): string[] => table.entries().flatMap((e) => e.best.map((b) => b.route.nextHop));

it('uses all equal routes, and drops those of a neighbor that went', () => {
  const table = new RouterTable();
  for (const n of ['c', 'a', 'b']) table.set(n, route(n));
  expect(nextHops(table)).toEqual(['a', 'b', 'c']);
  table.drop('b');
  expect(nextHops(table)).toEqual(['a', 'c']);
  table.withdraw('a', '10.100.0.1/32');
  table.withdraw('c', '10.100.0.1/32');
  expect(table.entries()).toEqual([]);
});

it.each([
  ['higher LOCAL_PREF', { localPref: 90 }],
  ['shorter AS_PATH', { asPath: [64513, 64513] }],
  ['lower ORIGIN', { origin: 2 }],
  ['lower MED of one neighbor AS', { med: 5 }],
])('prefers the %s', (_, worse) => {
  const table = new RouterTable();
  table.set('a', route('a', worse));
  table.set('b', route('b'));
  expect(nextHops(table)).toEqual(['b']);
});
