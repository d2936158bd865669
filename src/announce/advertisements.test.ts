import { expect, it } from 'vitest';
import { scopeCovers } from '../config/advertisement.ts';
import { advertisement, labelled, pool, service } from '../plan/testing/fixture.ts';
import { AdvertisementIndex } from './advertisements.ts';

const web = pool('web', ['10.0.0.0/24'], { labels: { tier: 'web' } });

it.each([
  ['names nothing: every pool', {}, true],
  ['names the pool', { ipAddressPools: ['web'] }, true],
  ['names another', { ipAddressPools: ['db'] }, false],
  ['selects the pool', { ipAddressPoolSelectors: [labelled({ tier: 'web' })] }, true],
  ['selects nothing: no pool', { ipAddressPoolSelectors: [labelled({ tier: 'x' })] }, false],
  [
    'names another and selects the pool',
    { ipAddressPools: ['db'], ipAddressPoolSelectors: [labelled({ tier: 'web' })] },
    true,
  ],
])('an advertisement that %s', (_, parts, expected) => {
  expect(scopeCovers(advertisement('a', parts), web)).toBe(expected);
});

it('is attached once to a pool that it both names and selects', () => {
  const twice = advertisement('a', { ipAddressPools: ['web'], ipAddressPoolSelectors: [labelled({ tier: 'web' })] });
  expect(new AdvertisementIndex([twice], [web]).audienceOf('web', service('a/b')).forService).toEqual([twice]);
});

it('gives Services with the same advertisements one audience', () => {
  const selective = advertisement('a', { serviceSelectors: [labelled({ app: 'x' }), labelled({ app: 'y' })] });
  const index = new AdvertisementIndex([advertisement('all'), selective], [web]);
  const audience = (app: string) => index.audienceOf('web', service('a/b', { labels: { app } }));
  expect(audience('x')).toBe(audience('y'));
  expect(audience('x').forService.map(({ name }) => name)).toEqual(['all', 'a']);
  expect(audience('z').forService.map(({ name }) => name)).toEqual(['all']);
  expect(index.audienceOf('gone', service('a/b'))).toEqual({ ofPool: [], forService: [] });
});
