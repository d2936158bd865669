import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Peer } from '../config/peer.ts';
import { Secret } from '../secret.ts';
import { diffPlans, withAddressesOf } from './diff.ts';
import { interruptionsOf } from './interruptions.ts';
import { plan } from './plan.ts';
import { paired } from './session-pairs.ts';
import type { Snapshot } from './snapshot.ts';
import {
  advertisement,
  endpointsOn,
  ip,
  l2Advertisement,
  labelled,
  multiRouter,
  node,
  peer,
  pool,
  service,
  snapshot,
} from './testing/fixture.ts';

function diffOf(before: Snapshot, after: Snapshot) {
  const old = plan(before);
  const now = plan(withAddressesOf(old, after));
  const diff = diffPlans(old, now);
  return { diff, routes: [...diff.routes()], interruptions: interruptionsOf(diff, old, now) };
}

/** The guide's configuration with something else in its configuration. */
const withConfig = (change: (config: Snapshot['config']) => Partial<Snapshot['config']>): Snapshot => {
  const guide = multiRouter();
  return { ...guide, config: { ...guide.config, ...change(guide.config) } };
};

const withPeer = (name: string, change: object): Snapshot =>
  withConfig(({ peers }) => ({ peers: peers.map((one) => (one.name === name ? { ...one, ...change } : one)) }));

const kinds = (interruptions: ReturnType<typeof diffOf>['interruptions']): readonly string[] =>
  interruptions.map(({ kind, subject }) => `${kind} ${subject}`);

describe('a difference', () => {
  it('is a changed route where extended communities come, change or go', () => {
    const withTarget = (extendedCommunities: readonly bigint[]) =>
      withConfig(({ bgpAdvertisements }) => ({
        bgpAdvertisements: bgpAdvertisements.map((one, i) => (i === 0 ? { ...one, extendedCommunities } : one)),
      }));
    const [none, target, origin] = [
      withTarget([]),
      withTarget([0x0002fc0000000064n]),
      withTarget([0x0003fc0000000064n]),
    ];
    const changed = (before: Snapshot, after: Snapshot) => diffOf(before, after).routes[0]?.fields;
    const field = 'extendedCommunities';
    expect(changed(none, target)).toEqual([{ field, before: [], after: ['rt:64512:100'] }]);
    expect(changed(target, origin)).toEqual([{ field, before: ['rt:64512:100'], after: ['soo:64512:100'] }]);
    expect(changed(target, none)).toEqual([{ field, before: ['rt:64512:100'], after: [] }]);
  });

  it('is nothing between a plan and itself', () => {
    const { diff, routes, interruptions } = diffOf(multiRouter(), multiRouter());
    expect([diff.addresses, diff.sessions, routes, diff.layer2, interruptions]).toEqual([[], [], [], [], []]);
  });

  it('is a reset of the session where a field of its peer differs, with the field', () => {
    const { diff, routes, interruptions } = diffOf(
      multiRouter(),
      withPeer('dc1-router-primary', { holdTimeSeconds: 30, keepaliveSeconds: 10 }),
    );
    expect(diff.sessions.map(({ node: on, change }) => `${on} ${change}`)).toEqual([
      'node1 reset',
      'node2 reset',
      'node3 reset',
    ]);
    expect(diff.sessions[0]?.fields).toEqual([
      { field: 'holdTimeSeconds', before: 90, after: 30 },
      { field: 'keepaliveSeconds', before: 30, after: 10 },
    ]);
    expect(routes).toEqual([]); // the same routes, sent again
    expect(kinds(interruptions)).toEqual(['session-reset dc1-router-primary', 'paths-withdrawn 10.100.0.1/32']);
    expect(interruptions[0]).toMatchObject({ nodes: ['node1', 'node2', 'node3'] });
    expect(interruptions[0]?.message).toContain('its 3 routes are gone until it is up again');
  });

  it('leaves the session alone where the router sees nothing of it', () => {
    const same = {
      nodeSelectors: [labelled({ 'kubernetes.io/os': 'linux' })],
      bfdProfile: 'other',
    };
    expect(diffOf(multiRouter(), withPeer('dc1-router-primary', same)).diff.sessions).toEqual([]);
  });

  it('is nothing on the wire where a peer gets another name, or another one takes its router', () => {
    const rename = (peers: readonly Peer[]) => peers.map((one, i) => (i === 1 ? { ...one, name: 'a-renamed' } : one));
    const named = withConfig(({ peers, bgpAdvertisements }) => ({
      peers: rename(peers),
      bgpAdvertisements: bgpAdvertisements.map((one, i) => (i === 1 ? { ...one, peers: ['a-renamed'] } : one)),
    }));
    const { diff, routes, interruptions } = diffOf(multiRouter(), named);
    expect(diff.sessions[0]).toEqual({
      node: 'node1',
      peer: 'a-renamed',
      change: 'renamed',
      fields: [{ field: 'peer', before: 'dc1-router-secondary', after: 'a-renamed' }],
    });
    expect([routes, interruptions]).toEqual([[], []]);
    // One with nodeSelectors comes before one without (docs/decisions.md 17).
    const edge = peer('edge', '192.168.1.1', { nodeSelectors: [labelled({})], bfdProfile: 'production-bfd' });
    const taken = diffOf(
      multiRouter(),
      withConfig(({ peers }) => ({ peers: [...peers, edge] })),
    );
    expect(taken.diff.sessions.map(({ peer: name, change }) => `${name} ${change}`)).toEqual(
      Array(3).fill('edge renamed'),
    );
    expect([taken.routes, taken.interruptions]).toEqual([[], []]);
  });

  it('says that a key is another one, and shows neither', () => {
    const key = (text: string) => ({
      authentication: { type: 'md5', key: new Secret(text), source: { type: 'secret', name: 's' } },
    });
    const before = withPeer('dc1-router-primary', key('canary-1'));
    const { diff, interruptions } = diffOf(before, withPeer('dc1-router-primary', key('canary-2')));
    expect(diff.sessions[0]?.fields).toEqual([{ field: 'key', before: 'a key', after: 'another key' }]);
    expect(JSON.stringify([diff, interruptions])).not.toContain('canary');
    expect(diffOf(before, withPeer('dc1-router-primary', key('canary-1'))).diff.sessions).toEqual([]);
    expect(diffOf(before, multiRouter()).diff.sessions[0]?.fields).toEqual([
      { field: 'authentication', before: 'md5', after: 'none' },
    ]);
  });

  it('is another set of attributes for the same route', () => {
    const { routes, interruptions } = diffOf(
      multiRouter(),
      withConfig(({ bgpAdvertisements }) => ({
        bgpAdvertisements: bgpAdvertisements.map((one, i) => (i === 0 ? { ...one, communities: [1], med: 5 } : one)),
      })),
    );
    expect(routes).toHaveLength(3);
    expect(routes[0]).toMatchObject({
      change: 'changed',
      peer: 'dc1-router-primary',
      fields: [
        { field: 'med', before: null, after: 5 },
        { field: 'communities', before: ['64512:1100'], after: ['0:1'] },
      ],
    });
    expect(interruptions).toEqual([]);
  });

  it('is a Service that comes, waits, goes or moves', () => {
    const base = { config: { pools: [pool('p', ['10.0.0.0/31'])] } };
    const of = (...services: ReturnType<typeof service>[]): Snapshot => snapshot({ ...base, services });
    const change = (before: Snapshot, after: Snapshot) =>
      diffOf(before, after).diff.addresses.map(({ name, change: what }) => `${name} ${what}`);
    expect(change(of(), of(service('x/a')))).toEqual(['a new']);
    expect(change(of(service('x/a')), of())).toEqual(['a gone']);
    expect(change(of(service('x/a')), of(service('x/a', { type: 'ClusterIP' })))).toEqual(['a lost']);
    expect(change(of(service('x/a', { type: 'ClusterIP' })), of(service('x/a')))).toEqual(['a assigned']);
    expect(change(of(service('x/a')), of(service('x/a', { loadBalancerIP: '10.0.0.1' })))).toEqual(['a moved']);
    const renamed = { ...of(service('x/a')), config: { ...of().config, pools: [pool('q', ['10.0.0.0/31'])] } };
    expect(change(of(service('x/a')), renamed)).toEqual(['a pool-renamed']);
    expect(change(of(), of(service('x/a', { type: 'ClusterIP' })))).toEqual([]);
  });

  it('keeps the addresses of before, which manifests without a status do not have', () => {
    const base = { config: { pools: [pool('p', ['10.0.0.0/30'])] } };
    const before = snapshot({ ...base, services: [service('x/b')] });
    const after = snapshot({ ...base, services: [service('x/a'), service('x/b')] });
    expect(diffOf(before, after).diff.addresses).toMatchObject([
      { name: 'a', change: 'new', after: { ips: ['10.0.0.1'] } },
    ]);
    const moved = snapshot({ ...base, services: [service('x/b', { ingress: [ip('10.0.0.3')] })] });
    expect(diffOf(before, moved).diff.addresses).toMatchObject([{ change: 'moved', after: { ips: ['10.0.0.3'] } }]);
  });

  it('is another node that answers on layer 2', () => {
    const of = (...names: string[]): Snapshot =>
      snapshot({
        config: { pools: [pool('p', ['192.168.1.240/32'])], l2Advertisements: [l2Advertisement('l2')] },
        services: [service('x/a')],
        endpoints: { 'x/a': endpointsOn('iris1') },
        nodes: names.map((name, i) => node(name, `10.0.0.${i + 1}`)),
      });
    const { diff, interruptions } = diffOf(of('iris1', 'iris2', 'iris3'), of('iris1', 'iris2'));
    expect(diff.layer2).toEqual([
      {
        ip: '192.168.1.240',
        before: [{ node: 'iris3', interfaces: null }],
        after: [{ node: 'iris1', interfaces: null }],
        services: ['x/a'],
      },
    ]);
    expect(kinds(interruptions)).toEqual(['layer2-moves 192.168.1.240']);
    expect(kinds(diffOf(of('iris1', 'iris3'), of('iris1', 'iris2', 'iris3')).interruptions)).toEqual([]);
  });
});

describe('an interruption', () => {
  const at = (names: readonly string[], peers = [peer('r', '192.0.2.1')]): Snapshot =>
    snapshot({
      config: { pools: [pool('p', ['10.0.0.0/24'])], peers, bgpAdvertisements: [advertisement('a')] },
      services: [service('x/s', { externalTrafficPolicy: 'Local' })],
      endpoints: { 'x/s': endpointsOn(...names) },
      nodes: [node('node1', '192.0.2.11'), node('node2', '192.0.2.12')],
    });

  it('is a prefix of which no path stays, be it announced elsewhere', () => {
    const before = at(['node1']);
    const moved = diffOf(before, at(['node2']));
    expect(moved.routes.map(({ node: on, change }) => `${on} ${change}`)).toEqual([
      'node1 withdrawn',
      'node2 announced',
    ]);
    expect(kinds(moved.interruptions)).toEqual(['no-path-stays 10.0.0.0/32']);
    const gone = diffOf(before, at([]));
    expect(kinds(gone.interruptions)).toEqual(['prefix-withdrawn 10.0.0.0/32']);
    const more = diffOf(before, at(['node1', 'node2']));
    expect(kinds(more.interruptions)).toEqual([]);
    expect(kinds(diffOf(at(['node1', 'node2']), before).interruptions)).toEqual(['paths-withdrawn 10.0.0.0/32']);
  });

  it.each([
    ['the peer is deleted', [], 'the BGPPeer is not there any more'],
    [
      'it selects other nodes',
      [peer('r', '192.0.2.1', { nodeSelectors: [labelled({ x: 'y' })] })],
      'nodeSelectors no longer select',
    ],
  ])('is a session that ends because %s', (_, peers, why) => {
    const before = at(['node1']);
    const { interruptions } = diffOf(before, at(['node1'], peers));
    const ended = interruptions.find(({ kind }) => kind === 'session-removed');
    expect(ended?.message).toContain(why);
    expect(ended?.nodes).toEqual(['node1', 'node2']);
  });

  it('is a session on a node that is gone', () => {
    const before = at(['node1']);
    const { interruptions } = diffOf(before, { ...before, nodes: before.nodes.slice(1) });
    expect(interruptions[0]).toMatchObject({ kind: 'session-removed', nodes: ['node1'] });
    expect(interruptions[0]?.message).toContain('the node is not there any more');
  });
});

it('pairs what two ordered sequences have in common, and leaves nothing out', () => {
  const numbers = fc.uniqueArray(fc.nat(20)).map((all) => all.sort((a, b) => a - b));
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      const pairs = [...paired(a, b, (x, y) => x - y)];
      expect(pairs.flatMap(([x]) => (x === undefined ? [] : [x]))).toEqual(a);
      expect(pairs.flatMap(([, y]) => (y === undefined ? [] : [y]))).toEqual(b);
      for (const [x, y] of pairs) expect(x === undefined || y === undefined || x === y).toBe(true);
      expect(pairs).toHaveLength(new Set([...a, ...b]).size);
    }),
  );
});
