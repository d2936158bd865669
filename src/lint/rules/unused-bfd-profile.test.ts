import { expect, it } from 'vitest';
import { bfdProfileOf } from '../../config/testing.ts';
import { peer } from '../../plan/testing/fixture.ts';
import { check, errorOf } from '../testing/check.ts';
import { unusedBfdProfile } from './unused-bfd-profile.ts';

const config = {
  bfdProfiles: [bfdProfileOf('used'), bfdProfileOf('unused')],
  peers: [peer('a', '192.0.2.1', { bfdProfile: 'used' })],
};

it('finds the profile that no peer names', () => {
  expect(check(unusedBfdProfile, { config })).toMatchObject([
    { severity: 'info', object: { kind: 'BFDProfile', name: 'unused' } },
  ]);
});

it('waits while a peer has an error', () => {
  expect(check(unusedBfdProfile, { config, findings: [errorOf('BGPPeer', 'b')] })).toEqual([]);
});
