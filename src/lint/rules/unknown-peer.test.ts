import { expect, it } from 'vitest';
import { advertisement, peer } from '../../plan/testing/fixture.ts';
import { check, errorOf } from '../testing/check.ts';
import { unknownPeer } from './unknown-peer.ts';

const peers = [peer('router-primary', '192.0.2.1')];
const to = (...names: readonly string[]) => ({
  peers,
  bgpAdvertisements: [advertisement('backup-path', { peers: names })],
});

it("finds the guide's router-backup, which nothing defines", () => {
  const [finding] = check(unknownPeer, { config: to('router-backup') });
  expect(finding).toMatchObject({ severity: 'warning', path: ['spec', 'peers', 0] });
  expect(finding?.message).toContain('reaches nobody');
});

it('says less where another peer is reached', () => {
  const [finding] = check(unknownPeer, { config: to('router-primary', 'router-backup') });
  expect(finding).toMatchObject({ path: ['spec', 'peers', 1] });
  expect(finding?.message).toContain('the entry has no effect');
});

it('is silent where the peer exists, or was left out for an error of its own', () => {
  expect(check(unknownPeer, { config: to('router-primary') })).toEqual([]);
  expect(check(unknownPeer, { config: to('router-backup'), findings: [errorOf('BGPPeer', 'router-backup')] })).toEqual(
    [],
  );
});
