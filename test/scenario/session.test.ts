/** Two of our peers over a simulated link: hours of virtual time, cuts, collisions, back-pressure. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CeaseSubcode, IPV4_UNICAST, IPV6_UNICAST } from '../../src/bgp/packet/constants.ts';
import { Framer } from '../../src/bgp/packet/framer.ts';
import { decodeMessage } from '../../src/bgp/packet/message.ts';
import { cease } from '../../src/bgp/packet/notification.ts';
import { announcedBy, endOfRibOf, withdrawnBy } from '../../src/bgp/packet/update-routes.ts';
import type { RouteAttributes } from '../../src/bgp/route.ts';
import { formatPrefix, type Prefix, parsePrefix } from '../../src/net/prefix.ts';
import { SimLink, type SimPeer, seeded } from './sim-link.ts';

const PLAIN: RouteAttributes = { localPref: null, med: null, asPathPrepend: 0, communities: [], largeCommunities: [] };

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** What the receiver of these updates holds, with the MED as the mark of the attribute set. */
function held(peer: SimPeer): Map<string, number | undefined> {
  const table = new Map<string, number | undefined>();
  for (const update of peer.updates) {
    for (const { prefixes } of withdrawnBy(update)) for (const p of prefixes) table.delete(formatPrefix(p));
    const med = update.attributes.find((a) => a.type === 'MULTI_EXIT_DISC')?.value as number | undefined;
    for (const { prefixes } of announcedBy(update)) for (const p of prefixes) table.set(formatPrefix(p), med);
  }
  return table;
}

/** ROUTE-REFRESH for IPv4 unicast. */
const REQUEST = new Uint8Array([...new Array<number>(16).fill(255), 0, 23, 5, 0, 1, 0, 1]);
const REFRESHED = ['BoRR', 'UPDATE', 'UPDATE', 'UPDATE', 'EoRR'];

/** What a peer wrote over its connection, in short, without OPEN and KEEPALIVEs. */
function types(peer: SimPeer): string[] {
  const framer = new Framer();
  const context = { fourOctetAs: true, internal: false, families: [IPV4_UNICAST] };
  return (peer.connection?.written ?? []).flatMap((bytes) =>
    [...framer.push(bytes)].flatMap((octets) => {
      const message = decodeMessage(octets, context);
      if (message.type === 'ROUTE-REFRESH') return [['', 'BoRR', 'EoRR'][message.refresh.subtype] ?? ''];
      if (message.type !== 'UPDATE') return [];
      if (endOfRibOf(message.update) !== null) return ['End-of-RIB'];
      return [message.update.withdrawn.length > 0 ? 'withdrawal' : 'UPDATE'];
    }),
  );
}

const states = (...peers: SimPeer[]): string[] => peers.map((p) => p.peer.status.state);

describe('a session', () => {
  it('comes up and survives an hour of KEEPALIVEs', () => {
    const link = new SimLink();
    const [a, b] = link.pair({}, { connectMode: 'passive' });
    a.peer.start();
    b.peer.start();
    link.clock.advance(3_600_000);
    expect(states(a, b)).toEqual(['Established', 'Established']);
    expect(a.log).toEqual([
      '0 Idle->Connect',
      '10 Connect->OpenSent',
      '10 OpenSent->OpenConfirm',
      '20 OpenConfirm->Established',
    ]);
    // every 30 s less the jitter of 0.875 that the random number 0.5 means
    expect(a.peer.status.messagesSent.KEEPALIVE).toBe(1 + Math.floor(3_600_000 / 26_250));
    expect(a.session).toMatchObject({ holdTimeSeconds: 90, keepaliveSeconds: 30, fourOctetAs: true });
  });

  it('takes the smaller hold time, and ends one hold time after the last message', () => {
    const link = new SimLink();
    const [a, b] = link.pair(
      { holdTimeSeconds: 9, keepaliveSeconds: 3 },
      { connectMode: 'passive', holdTimeSeconds: 180 },
    );
    a.peer.start();
    b.peer.start();
    link.clock.advance(1_000);
    link.cut = true;
    link.clock.advance(10_000);
    expect(a.log.slice(4, 6)).toEqual(['9020 sent 4/0 Hold Timer Expired', '9020 Established->Idle']);
    expect(b.peer.status.lastDown?.reason).toMatchObject({ type: 'notificationSent', state: 'Established' });
    link.cut = false;
    link.clock.advance(300_000); // the attempts that vanished in the cut are begun anew by ConnectRetry
    expect(states(a, b)).toEqual(['Established', 'Established']);
  });

  it('sends no KEEPALIVE and has no hold timer when one side says zero', () => {
    const link = new SimLink();
    const [a, b] = link.pair({ holdTimeSeconds: 0 }, { connectMode: 'passive' });
    a.peer.start();
    b.peer.start();
    link.clock.advance(86_400_000);
    expect(states(a, b)).toEqual(['Established', 'Established']);
    expect([a.peer.status.messagesSent.KEEPALIVE, b.peer.status.messagesSent.KEEPALIVE]).toEqual([1, 1]);
  });

  it('backs off from a closed port, with growing pauses and no busy loop', () => {
    const link = new SimLink();
    const [a, b] = link.pair();
    b.listening = false;
    a.peer.start();
    link.clock.advance(120_000);
    // 1, 2, 4, 8, 16, 30, 30, 30 s less the jitter
    expect(a.dials).toBe(9);
    expect(a.log.slice(0, 3)).toEqual(['0 Idle->Connect', '10 connect failed ECONNREFUSED', '10 Connect->Idle']);
  });

  it('names both AS numbers when they are not what was configured', () => {
    const link = new SimLink();
    const [a, b] = link.pair({ remoteAsn: 65009 }, { connectMode: 'passive' });
    a.peer.start();
    b.peer.start();
    link.clock.advance(100);
    expect(a.peer.status.lastDown?.reason).toMatchObject({
      type: 'notificationSent',
      notification: { code: 2, subcode: 2 },
      state: 'OpenSent',
      detail: expect.stringMatching(/AS 65002.*AS 65009/),
    });
    expect(b.peer.status.lastDown?.reason).toMatchObject({
      type: 'notificationReceived',
      notification: { code: 2, subcode: 2 },
    });
  });

  it('says what it was told when an operator stops it, and does not dial again', () => {
    const link = new SimLink();
    const [a, b] = link.pair({}, { connectMode: 'passive' });
    a.peer.start();
    b.peer.start();
    link.clock.advance(100);
    a.peer.stop(cease(CeaseSubcode.AdministrativeShutdown, 'drain of rack 7'));
    link.clock.advance(600_000);
    expect(b.log).toContain('105 received 6/2 Cease: Administrative Shutdown "drain of rack 7"');
    expect([a.dials, ...states(a, b)]).toEqual([1, 'Idle', 'Active']);
    a.peer.start();
    link.clock.advance(100);
    expect(states(a, b)).toEqual(['Established', 'Established']);
  });

  it('takes a connection while it waits to dial again', () => {
    const link = new SimLink();
    const [a, b] = link.pair({ connectRetry: { initialMs: 60_000, maxMs: 60_000 } });
    b.listening = false;
    a.peer.start();
    link.clock.advance(100);
    expect(states(a)).toEqual(['Idle']);
    b.peer.start();
    link.clock.advance(100);
    expect(states(a, b)).toEqual(['Established', 'Established']);
    link.clock.advance(600_000);
    expect([a.dials, ...states(a, b)]).toEqual([1, 'Established', 'Established']);
  });

  it('ends with Cease 6/1 when the peer announces too much', () => {
    const link = new SimLink();
    const [a, b] = link.pair({}, { connectMode: 'passive', maxPrefixes: 2 });
    for (const text of ['10.0.0.1/32', '10.0.0.2/32', '10.0.0.3/32']) a.peer.announce(prefix(text), PLAIN);
    a.peer.start();
    b.peer.start();
    link.clock.advance(500);
    expect(a.log.some((line) => line.includes('received 6/1'))).toBe(true);
    expect(b.updates.flatMap(announcedBy)).toEqual([]);
  });

  it('is not to be had at any pace by a peer that announces too much each time', () => {
    const link = new SimLink();
    const hasty = { initialMs: 200, maxMs: 200 };
    const patient = { initialMs: 1_000, maxMs: 30_000 };
    const [a, b] = link.pair(
      { connectMode: 'active', connectRetry: hasty, idleHold: hasty },
      { connectMode: 'passive', connectRetry: patient, maxPrefixes: 2 },
    );
    for (const text of ['10.0.0.1/32', '10.0.0.2/32', '10.0.0.3/32']) a.peer.announce(prefix(text), PLAIN);
    a.peer.start();
    b.peer.start();
    link.clock.advance(120_000);
    // 1, 2, 4, 8, 16, 30, 30 s of pause, up to a quarter less of each.
    expect(b.peer.status.establishedCount).toBeGreaterThan(4);
    expect(b.peer.status.establishedCount).toBeLessThan(11);
  });
});

describe('collision', () => {
  it('leaves exactly one session, whoever is higher and however the messages interleave', () => {
    const seeds = fc.integer({ min: 1, max: 2 ** 31 });
    fc.assert(
      fc.property(
        seeds,
        fc.constantFrom(1, 0xffffff01, 0xc0000202),
        fc.integer({ min: 0, max: 30 }),
        (seed, id, offset) => {
          const random = seeded(seed);
          const link = new SimLink();
          link.latency = () => 1 + Math.floor(random() * 20);
          const [a, b] = link.pair({ bgpIdentifier: id }, {}, random); // lower, higher and equal
          a.peer.announce(prefix('10.0.0.1/32'), PLAIN);
          a.peer.start();
          link.clock.advance(offset);
          b.peer.start();
          link.clock.advance(900); // before any pause of a retry is over
          expect(states(a, b)).toEqual(['Established', 'Established']);
          expect([a, b].map((p) => p.connections.filter((c) => c.open).length)).toEqual([1, 1]);
          expect(a.connection?.other).toBe(b.connection);
          expect([...held(b).keys()]).toEqual(['10.0.0.1/32']);
          link.clock.advance(600_000);
          expect(states(a, b)).toEqual(['Established', 'Established']);
          expect(a.connection?.other).toBe(b.connection);
        },
      ),
      { numRuns: 600 },
    );
  });

  it('is decided by the AS number when the identifiers are equal (RFC 6286)', () => {
    const link = new SimLink();
    const [a, b] = link.pair({ bgpIdentifier: 1 }, { bgpIdentifier: 1 });
    a.peer.start();
    b.peer.start();
    link.clock.advance(500);
    expect([a.session?.direction, b.session?.direction]).toEqual(['incoming', 'outgoing']);
  });
});

describe('routes', () => {
  it('arrive with End-of-RIB of each family, also when there are none', () => {
    const link = new SimLink();
    const families = [IPV4_UNICAST, IPV6_UNICAST];
    const [a, b] = link.pair({ families }, { families, connectMode: 'passive' });
    a.peer.start();
    b.peer.start();
    link.clock.advance(100);
    expect(b.updates.map(endOfRibOf)).toEqual(families);
  });

  it('of a family without a next hop of our own wait, and the other family goes', () => {
    const link = new SimLink();
    const families = [IPV4_UNICAST, IPV6_UNICAST];
    const [a, b] = link.pair({ families }, { families, connectMode: 'passive' });
    a.peer.announce(prefix('2001:db8::1/128'), PLAIN);
    a.peer.announce(prefix('10.0.0.1/32'), PLAIN);
    a.peer.start();
    b.peer.start();
    link.clock.advance(100);
    expect([...held(b).keys()]).toEqual(['10.0.0.1/32']);
    expect(a.session?.families.map((f) => f.nextHop === null)).toEqual([false, true]);
    expect(a.peer.status.prefixes).toMatchObject({ wanted: 2, advertised: 1, pending: 0 });
  });

  it('are sent once more when the peer asks for the family (RFC 2918)', () => {
    const link = new SimLink();
    const [a, b] = link.pair({}, { connectMode: 'passive' });
    a.peer.announce(prefix('10.0.0.1/32'), PLAIN);
    a.peer.start();
    b.peer.start();
    link.clock.advance(100);
    const before = b.updates.length;
    b.connection?.write(REQUEST);
    link.clock.advance(100);
    expect(
      b.updates
        .slice(before)
        .flatMap(announcedBy)
        .flatMap((r) => r.prefixes)
        .map(formatPrefix),
    ).toEqual(['10.0.0.1/32']);
  });

  it('are framed by markers when the peer asks and both speak RFC 7313, after the first dump and never inside of it', () => {
    const link = new SimLink();
    link.bufferSize = 1;
    const [a, b] = link.pair({}, { connectMode: 'passive' });
    for (let n = 0; n < 3; n++) a.peer.announce(prefix(`10.0.0.${n}/32`), { ...PLAIN, med: n });
    a.peer.start();
    b.peer.start();
    link.clock.advance(25);
    expect(states(a, b)).toEqual(['Established', 'Established']);
    b.connection?.write(REQUEST);
    link.clock.advance(1_000);
    expect(types(a)).toEqual([...['UPDATE', 'UPDATE', 'UPDATE', 'End-of-RIB'], ...REFRESHED]);
    a.peer.withdraw(prefix('10.0.0.0/32'));
    b.connection?.write(REQUEST);
    b.connection?.write(new Uint8Array([...REQUEST.subarray(0, 21), 9, 1])); // a subtype that nobody knows is ignored
    link.clock.advance(1_000);
    expect(types(a).slice(9)).toEqual(['withdrawal', 'BoRR', 'UPDATE', 'UPDATE', 'EoRR']);
    expect(states(a, b)).toEqual(['Established', 'Established']);
    expect([...held(b)]).toEqual([
      ['10.0.0.1/32', 1],
      ['10.0.0.2/32', 2],
    ]);
  });

  it('towards a reader that is slow are the latest state, and never more than the prefixes', () => {
    const link = new SimLink();
    link.bufferSize = 1;
    link.latency = () => 100;
    const [a, b] = link.pair({}, { connectMode: 'passive' });
    a.peer.start();
    b.peer.start();
    link.clock.advance(1_000);
    const p = prefix('10.0.0.1/32');
    a.peer.announce(prefix('10.0.0.2/32'), PLAIN);
    a.peer.flush();
    for (let med = 0; med < 10_000; med++) {
      a.peer.announce(p, { ...PLAIN, med });
      a.peer.flush();
    }
    expect(a.peer.status.prefixes.pending).toBe(1);
    const before = b.updates.length;
    link.clock.advance(1_000);
    expect(b.updates.length - before).toBe(2);
    expect(held(b).get('10.0.0.1/32')).toBe(9_999);
  });

  it('end where they were wanted, over any changes, cuts and restarts', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ type: fc.constant('announce' as const), n: fc.nat(5), med: fc.nat(2) }) },
      { weight: 3, arbitrary: fc.record({ type: fc.constant('withdraw' as const), n: fc.nat(5) }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('replace' as const), of: fc.uniqueArray(fc.nat(5)) }) },
      { weight: 2, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.nat(40) }) },
      { weight: 1, arbitrary: fc.constant({ type: 'cut' as const }) },
      { weight: 1, arbitrary: fc.constant({ type: 'restart' as const }) },
    );
    const at = (n: number): Prefix => prefix(n < 4 ? `10.0.${n}.0/24` : `2001:db8:${n}::/64`);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 500 }), (steps, bufferSize) => {
        const link = new SimLink();
        link.bufferSize = bufferSize;
        const families = [IPV4_UNICAST, IPV6_UNICAST];
        const nextHops = [{ family: 6 as const, value: 1n << 125n }];
        const times = { holdTimeSeconds: 3, keepaliveSeconds: 1 };
        const [a, b] = link.pair({ families, nextHops, ...times }, { families, connectMode: 'passive', ...times });
        const wanted = new Map<string, number | undefined>();
        a.peer.start();
        b.peer.start();
        for (const s of steps) {
          if (s.type === 'announce') {
            a.peer.announce(at(s.n), { ...PLAIN, med: s.med });
            wanted.set(formatPrefix(at(s.n)), s.med);
          } else if (s.type === 'withdraw') {
            a.peer.withdraw(at(s.n));
            wanted.delete(formatPrefix(at(s.n)));
          } else if (s.type === 'replace') {
            a.peer.replace(s.of.map((n) => [at(n), PLAIN] as const));
            wanted.clear();
            for (const n of s.of) wanted.set(formatPrefix(at(n)), undefined);
          } else if (s.type === 'wait') link.clock.advance(s.ms);
          else if (s.type === 'cut') {
            link.cut = true;
            link.clock.advance(10_000);
            link.cut = false;
          } else {
            b.peer.stop();
            b.peer.start();
          }
          a.peer.flush();
        }
        link.clock.advance(400_000);
        expect(states(a, b)).toEqual(['Established', 'Established']);
        expect(
          new Map([...a.peer.adjRibOut()].map((r) => [formatPrefix(r.prefix), r.attributes.med ?? undefined])),
        ).toEqual(wanted);
        expect(held(b)).toEqual(wanted);
        expect(a.peer.status.prefixes).toMatchObject({ wanted: wanted.size, advertised: wanted.size, pending: 0 });
      }),
      { numRuns: 150 },
    );
  });
});
