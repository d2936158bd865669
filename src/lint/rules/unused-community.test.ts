import { expect, it } from 'vitest';
import { advertisement } from '../../plan/testing/fixture.ts';
import { check, errorOf } from '../testing/check.ts';
import { unusedCommunity } from './unused-community.ts';

const communities = [
  { name: 'used', aliases: [{ name: 'a', value: 1 }] },
  { name: 'large', aliases: [{ name: 'b', value: { globalAdministrator: 1, localData1: 2, localData2: 3 } }] },
  { name: 'env', aliases: [{ name: 'c', value: 2 }] },
];
const config = {
  bgpAdvertisements: [
    advertisement('x', {
      communities: [1],
      largeCommunities: [{ globalAdministrator: 1, localData1: 2, localData2: 3 }],
    }),
  ],
};

it('finds the object of which nothing is sent', () => {
  expect(check(unusedCommunity, { config, communities })).toMatchObject([
    { severity: 'info', object: { kind: 'Community', name: 'env' } },
  ]);
});

it('waits while an advertisement has an error, and needs no communities at all', () => {
  expect(check(unusedCommunity, { config, communities, findings: [errorOf('BGPAdvertisement', 'y')] })).toEqual([]);
  expect(check(unusedCommunity, { config })).toEqual([]);
});
