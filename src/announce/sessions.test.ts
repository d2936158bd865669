import { expect, it } from 'vitest';
import type { BfdProfile } from '../config/bfd-profile.ts';
import type { Peer } from '../config/peer.ts';
import { labelled, node, peer } from '../plan/testing/fixture.ts';
import { Secret } from '../secret.ts';
import { sessionsOf } from './sessions.ts';

const edge = node('n', '192.0.2.10', { role: 'edge', os: 'linux' });
const worker = node('w', '192.0.2.11', { os: 'linux' });
const both = [labelled({ role: 'edge' }), labelled({ os: 'linux' })];
const key = { type: 'md5' as const, key: new Secret('k'), source: { type: 'text' as const } };

const names = (at: typeof edge, peers: readonly Peer[], nodeSelectors: 'All' | 'Any' = 'All') =>
  sessionsOf(at, { peers, bfdProfiles: [] }, { nodeSelectors }).map((session) => session.names.join('<'));

it('selects nodes by all selectors or by any, the peer before the process', () => {
  const unset = peer('p', '192.0.2.1', { nodeSelectors: both });
  expect([names(edge, [unset]), names(worker, [unset]), names(worker, [unset], 'Any')]).toEqual([['p'], [], ['p']]);
  const any = { ...unset, nodeSelectorsPolicy: 'Any' as const };
  const all = { ...unset, nodeSelectorsPolicy: 'All' as const };
  expect([names(worker, [any]), names(worker, [all], 'Any')]).toEqual([['p'], []]);
  expect(names(worker, [peer('everywhere', '192.0.2.1')])).toEqual(['everywhere']);
});

it.each<[string, readonly Peer[], string]>([
  [
    'one with nodeSelectors',
    [peer('a', '192.0.2.1', { authentication: key }), peer('z', '192.0.2.1', { nodeSelectors: both })],
    'z<a',
  ],
  ['then one with a key', [peer('a', '192.0.2.1'), peer('z', '192.0.2.1', { authentication: key })], 'z<a'],
  ['then the first by name', [peer('b', '192.0.2.1'), peer('a', '192.0.2.1')], 'a<b'],
  ['port 179 written or not', [peer('a', '192.0.2.1', { peerPort: 179 }), peer('b', '192.0.2.1')], 'a<b'],
])('of several peers for one router: %s', (_, peers, expected) => {
  expect(names(edge, peers)).toEqual([expected]);
  expect(names(edge, [...peers].reverse())).toEqual([expected]);
});

it('keeps sessions of other ports, VRFs and interfaces apart', () => {
  const peers = [
    peer('a', '192.0.2.1'),
    peer('b', '192.0.2.1', { peerPort: 1790 }),
    peer('c', '192.0.2.1', { vrf: 'red' }),
    { ...peer('d', '192.0.2.1'), peerAddress: null, interface: 'eth0' },
    { ...peer('e', '192.0.2.1'), peerAddress: null, interface: 'eth1' },
  ];
  expect(names(edge, peers)).toEqual(['a', 'b', 'c', 'd', 'e']);
});

it('knows the families and the type of a session', () => {
  const session = (one: Peer) => sessionsOf(edge, { peers: [one], bfdProfiles: [] }, { nodeSelectors: 'All' })[0];
  expect(session(peer('a', '192.0.2.1'))).toMatchObject({ families: [4], type: 'external' });
  expect(session(peer('a', '2001:db8::1', { peerASN: 64513 }))).toMatchObject({ families: [6], type: 'internal' });
  expect(session(peer('a', '2001:db8::1', { dualStackAddressFamily: true }))).toMatchObject({ families: [4, 6] });
  expect(
    session(peer('a', '192.0.2.1', { localASN: 64512 })), // the router sees its own AS
  ).toMatchObject({ type: 'internal' });
  expect(session(peer('a', '192.0.2.1', { peerASN: 64513, localASN: 65000 }))).toMatchObject({ type: 'external' });
  expect(
    session({ ...peer('a', '192.0.2.1'), peerAddress: null, interface: 'eth0', peerASN: null, dynamicASN: 'internal' }),
  ).toMatchObject({ families: [4, 6], type: 'internal' });
});

it('has the BFD of the profile that its peer names, or the one it had where there is none by that name', () => {
  const profile = (name: string): BfdProfile => ({
    name,
    ...{ receiveIntervalMs: 50, transmitIntervalMs: 50, detectMultiplier: 3, echoIntervalMs: null, minimumTtl: null },
    ...{ echoMode: false, passiveMode: false },
  });
  const bfd = (one: Peer) =>
    sessionsOf(edge, { peers: [one], bfdProfiles: [profile('fast')] }, { nodeSelectors: 'All' })[0]?.bfd?.name;
  const keptBfdProfile = profile('kept');
  expect(bfd(peer('a', '192.0.2.1', { bfdProfile: 'fast', keptBfdProfile }))).toBe('fast');
  expect(bfd(peer('a', '192.0.2.1', { bfdProfile: 'nobody', keptBfdProfile }))).toBe('kept');
  expect(bfd(peer('a', '192.0.2.1', { bfdProfile: 'nobody' }))).toBeUndefined();
  expect(bfd(peer('a', '192.0.2.1', { keptBfdProfile }))).toBeUndefined();
});
