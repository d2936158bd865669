/**
 * What `plan --diff` calls a reset is what a speaker does with the same change: goes on, or ends the session.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Session } from '../src/announce/sessions.ts';
import { sessionsOf } from '../src/announce/sessions.ts';
import { RouteTables } from '../src/bgp/route-tables.ts';
import type { Peer } from '../src/config/peer.ts';
import { createLogger } from '../src/io/logger.ts';
import { diffPlans } from '../src/plan/diff.ts';
import { plan } from '../src/plan/plan.ts';
import { ip, labelled, node, peer, snapshot } from '../src/plan/testing/fixture.ts';
import { Secret } from '../src/secret.ts';
import { SpeakerSession } from '../src/speaker/session.ts';
import { BfdStandIn } from '../src/speaker/testing/bfd-stand-in.ts';
import { NO_TRANSPORT_MAP } from '../src/speaker/transport-map.ts';
import { VirtualClock } from '../src/time/virtual-clock.ts';

const NODE = node('node1', '192.0.2.10');
const one = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const peers: fc.Arbitrary<Peer> = fc
  .record({
    name: one('a', 'b'),
    address: one('192.0.2.1', '192.0.2.2'),
    peerPort: one(179, 1179),
    peerASN: one(64512, 64513),
    myASN: one(64513, 64514),
    holdTimeSeconds: one(90, 30),
    keepaliveSeconds: one(30, 10),
    connectTimeSeconds: one(null, 5),
    routerID: one(null, '192.0.2.10', '1.1.1.1'),
    sourceAddress: one(null, '192.0.2.10'),
    dualStackAddressFamily: fc.boolean(),
    ebgpMultiHop: fc.boolean(),
    maxPrefixes: one(100, 200),
    ttlSecurityHops: one(null, 1),
    nodeSelectors: one([], [labelled({})]),
    key: one(null, 'k1', 'k2'),
  })
  .map(({ address, routerID, sourceAddress, key, name, ...rest }) =>
    peer(name, address, {
      ...rest,
      routerID: routerID === null ? null : ip(routerID),
      sourceAddress: sourceAddress === null ? null : ip(sourceAddress),
      authentication: key === null ? { type: 'none' } : { type: 'md5', key: new Secret(key), source: { type: 'text' } },
    }),
  );

function speakerSession(wanted: Session): SpeakerSession {
  return new SpeakerSession(wanted, NODE, {
    clock: new VirtualClock(),
    random: () => 0.5,
    log: createLogger('none', { write: () => undefined }),
    listeners: null,
    links: null,
    ...{ bfd: new BfdStandIn(), localAddressTowards: () => null, returnsEcho: () => false },
    tables: new RouteTables(),
    transportMap: NO_TRANSPORT_MAP,
    tcpCounters: () => null,
    onNews: () => undefined,
  });
}

const keyOf = ({ authentication }: Peer): string | null =>
  authentication.type === 'none' ? null : authentication.key.reveal();

it('calls a reset what a speaker ends, or keys anew', () => {
  fc.assert(
    fc.property(peers, peers, (before, after) => {
      const options = { nodeSelectors: 'All' as const };
      const [was] = sessionsOf(NODE, { peers: [before], bfdProfiles: [] }, options);
      const [is] = sessionsOf(NODE, { peers: [after], bfdProfiles: [] }, options);
      if (was === undefined || is === undefined) return;
      const planOf = (only: Peer) => plan(snapshot({ config: { peers: [only] }, nodes: [NODE] }));
      const { sessions } = diffPlans(planOf(before), planOf(after));
      const untouched = sessions.every(({ change }) => change === 'renamed');
      const goesOn = speakerSession(was).adopt(is, NODE) && keyOf(before) === keyOf(after);
      expect(untouched).toBe(goesOn);
    }),
    { numRuns: 500 },
  );
});
