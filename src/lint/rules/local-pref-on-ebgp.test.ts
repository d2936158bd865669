import { expect, it } from 'vitest';
import { advertisement, peer } from '../../plan/testing/fixture.ts';
import { check } from '../testing/check.ts';
import { localPrefOnEbgp } from './local-pref-on-ebgp.ts';

const external = peer('ext', '192.0.2.1');
const internal = peer('int', '192.0.2.2', { peerASN: 64513 });
const path = advertisement('path', { localPref: 200, communities: [64512 * 65536 + 1100] });
const run = (peers: readonly (typeof external)[], one = path) =>
  check(localPrefOnEbgp, { config: { peers, bgpAdvertisements: [one] } });

it('warns where every peer is external, and names the community that the router can use instead', () => {
  const [finding, ...others] = run([external]);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    rule: 'local-pref-on-ebgp',
    severity: 'warning',
    object: { kind: 'BGPAdvertisement', namespace: 'metallb-system', name: 'path' },
    path: ['spec', 'localPref'],
  });
  expect(finding?.message).toMatch(/not sent to ext: .*64512:1100/);
});

it('is only worth knowing where internal peers get it', () => {
  expect(run([external, internal])).toMatchObject([{ severity: 'info' }]);
});

it('is silent for internal peers, without localPref, and where the external peer is not reached', () => {
  expect(run([internal])).toEqual([]);
  expect(run([external], advertisement('path'))).toEqual([]);
  expect(run([external, internal], { ...path, peers: ['int'] })).toEqual([]);
  expect(run([])).toEqual([]);
});
