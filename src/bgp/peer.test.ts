import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ip } from '../net/ip.ts';
import { type Prefix, prefixOf } from '../net/prefix.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { hex, toHex } from '../wire/hex.ts';
import { IPV4_UNICAST, IPV6_UNICAST, MessageType } from './packet/constants.ts';
import { Framer } from './packet/framer.ts';
import { encodeMessage, type OutgoingMessage } from './packet/message.ts';
import { cease } from './packet/notification.ts';
import { known } from './packet/update.ts';
import { type Connection, type DownReason, Peer, type PeerConfig } from './peer.ts';
import type { RouteAttributes } from './route.ts';

const PLAIN: RouteAttributes = { localPref: null, med: null, asPathPrepend: 0, communities: [], largeCommunities: [] };
const HERE: Ip = { family: 4, value: 0xc0000201n };
const THERE: Ip = { family: 4, value: 0xc0000202n };
const CONTEXT = { fourOctetAs: true, internal: false, families: [IPV4_UNICAST, IPV6_UNICAST] };
const prefix = (n: number): Prefix => prefixOf({ family: 4, value: 0x0a000000n + BigInt(n) }, 32);

/** A connection that a test holds the other end of. */
class Wire implements Connection {
  readonly direction: 'outgoing' | 'incoming';
  readonly localAddress = HERE;
  readonly remoteAddress = THERE;
  readonly localPort = 179;
  readonly remotePort = 50_000;
  readonly writes: Uint8Array[] = [];
  closed = false;
  /** What `write` answers. */
  room = true;

  constructor(direction: 'outgoing' | 'incoming') {
    this.direction = direction;
  }

  write(bytes: Uint8Array): boolean {
    this.writes.push(bytes);
    return this.room;
  }

  close(): void {
    this.closed = true;
  }

  /** The types of the messages written, NOTIFICATIONs with their codes. */
  sent(): string[] {
    const names = ['', 'OPEN', 'UPDATE', 'NOTIFICATION', 'KEEPALIVE', 'ROUTE-REFRESH'];
    const framer = new Framer();
    return this.writes.flatMap((bytes) =>
      [...framer.push(bytes)].map((m) =>
        m[18] === MessageType.Notification ? `${m[19]}/${m[20]}` : (names[m[18] ?? 0] as string),
      ),
    );
  }
}

function setUp(config: Partial<PeerConfig> = {}, theirHoldTime = 90) {
  const clock = new VirtualClock();
  const states: string[] = [];
  const downs: DownReason[] = [];
  const dials = { begun: 0, aborted: 0 };
  const hooks = { established: (): void => undefined };
  const peer = new Peer(
    {
      localAsn: 65001,
      remoteAsn: 65002,
      bgpIdentifier: 1,
      holdTimeSeconds: 90,
      keepaliveSeconds: 30,
      families: [IPV4_UNICAST],
      connectMode: 'both',
      connectRetry: { initialMs: 1_000, maxMs: 16_000 },
      maxPrefixes: 10,
      ...config,
    },
    {
      clock,
      random: () => 0.5,
      transport: { dial: () => void dials.begun++, abortDial: () => void dials.aborted++ },
      observer: {
        stateChanged: (from, to) => void states.push(`${from}->${to}`),
        established: () => hooks.established(),
        down: (reason) => void downs.push(reason),
        updateReceived: () => undefined,
        routesSent: () => undefined,
      },
    },
  );
  const send = (wire: Connection, message: OutgoingMessage): void =>
    peer.receive(wire, encodeMessage(message, CONTEXT));
  const openFrom = (wire: Connection, asn = 65002): void =>
    send(wire, {
      type: 'OPEN',
      open: {
        asn,
        myAs: asn,
        holdTime: theirHoldTime,
        bgpIdentifier: 2,
        capabilities: [
          { type: 'multiprotocol', family: IPV4_UNICAST },
          { type: 'four-octet-as', asn },
        ],
      },
    });
  /** A session over a connection that we dialled. */
  const establish = (): Wire => {
    peer.start();
    const wire = new Wire('outgoing');
    peer.connected(wire);
    openFrom(wire);
    send(wire, { type: 'KEEPALIVE' });
    expect(peer.status.state).toBe('Established');
    return wire;
  };
  return { clock, peer, states, downs, dials, hooks, send, openFrom, establish };
}

describe('Peer', () => {
  it('writes many UPDATEs in few writes, and no more once the connection is full', () => {
    const { peer, establish } = setUp();
    const wire = establish();
    wire.writes.length = 0;
    for (let n = 0; n < 100_000; n++) peer.announce(prefix(n), PLAIN);
    wire.room = false;
    peer.flush();
    expect(wire.writes).toHaveLength(1);
    const inOneWrite = peer.status.prefixes.advertised;
    expect(inOneWrite).toBeLessThan(15_000);
    peer.flush();
    expect(wire.writes).toHaveLength(1);
    wire.room = true;
    peer.drained(wire);
    expect(wire.writes.length).toBeLessThan(12);
    expect(wire.sent().filter((t) => t === 'UPDATE')).toHaveLength(124);
    expect(peer.status.prefixes).toMatchObject({ wanted: 100_000, advertised: 100_000, pending: 0 });
  });

  it('sends what an observer announces and flushes while it is told of the session', () => {
    const { peer, hooks, establish } = setUp();
    hooks.established = () => {
      peer.announce(prefix(1), PLAIN);
      peer.flush();
    };
    const wire = establish();
    expect(wire.sent()).toEqual(['OPEN', 'KEEPALIVE', 'UPDATE', 'UPDATE']); // the route, then End-of-RIB
    expect([...peer.adjRibOut()]).toEqual([{ prefix: prefix(1), attributes: PLAIN }]);
  });

  it('begins with the whole table in the next session', () => {
    const { clock, peer, dials, openFrom, send, establish } = setUp();
    peer.announce(prefix(1), PLAIN);
    const first = establish();
    peer.connectionLost(first, { code: 'ECONNRESET', message: 'reset' });
    expect(first.closed).toBe(true);
    expect(peer.status).toMatchObject({ state: 'Idle', session: null, prefixes: { advertised: 0, pending: 1 } });
    clock.advance(1_000);
    expect(dials.begun).toBe(2);
    const second = new Wire('outgoing');
    peer.connected(second);
    openFrom(second);
    send(second, { type: 'KEEPALIVE' });
    expect(second.sent()).toEqual(['OPEN', 'KEEPALIVE', 'UPDATE', 'UPDATE']);
    expect(peer.status.establishedCount).toBe(2);
  });

  it('slows down towards a peer that resets as soon as the session is up', () => {
    const { clock, peer, dials, openFrom, send } = setUp();
    peer.start();
    const times: number[] = [];
    for (let at = 0; at < 120_000; at += 100, clock.advance(100)) {
      if (dials.begun === times.length) continue;
      times.push(clock.now());
      const wire = new Wire('outgoing');
      peer.connected(wire);
      openFrom(wire);
      send(wire, { type: 'KEEPALIVE' });
      send(wire, { type: 'NOTIFICATION', notification: cease(4) });
    }
    const pauses = times.slice(1).map((t, i) => Math.round((t - (times[i] as number)) / 1_000));
    expect(pauses).toEqual([1, 2, 4, 7, 14, 14, 14, 14, 14, 14, 14]);
  });

  it('slows down towards it also where the user fixed the pace of attempts to connect', () => {
    const pace = { initialMs: 1_000, maxMs: 1_000 };
    const { clock, peer, dials, openFrom, send } = setUp({
      connectRetry: pace,
      idleHold: { initialMs: 1_000, maxMs: 16_000 },
    });
    peer.start();
    for (let failed = 0; failed < 6; failed++) {
      const wire = new Wire('outgoing');
      peer.connected(wire);
      openFrom(wire);
      send(wire, { type: 'KEEPALIVE' });
      send(wire, { type: 'NOTIFICATION', notification: cease(4) });
      const { begun } = dials;
      const due = peer.status.nextAttemptAt ?? 0;
      expect(due - clock.now()).toBeGreaterThanOrEqual(Math.min(1_000 * 2 ** failed, 16_000) * 0.75);
      clock.advance(due - clock.now());
      expect(dials.begun).toBe(begun + 1);
    }
    peer.connectFailed({ code: 'ECONNREFUSED', message: 'refused' });
    expect((peer.status.nextAttemptAt ?? 0) - clock.now()).toBeLessThanOrEqual(1_000);
  });

  it.each([
    [90, 480],
    [300, 600],
  ])('hold time %i s: ends a session with 8/0 when the peer has taken nothing for %i s (RFC 9687)', (hold, seconds) => {
    const { clock, peer, send, establish, downs } = setUp({ holdTimeSeconds: hold, keepaliveSeconds: hold / 3 }, hold);
    const wire = establish();
    const alive = (forSeconds: number): void => {
      for (let s = 0; s < forSeconds; s += 10, clock.advance(10_000)) send(wire, { type: 'KEEPALIVE' });
    };
    wire.room = false;
    peer.announce(prefix(1), PLAIN);
    peer.flush();
    alive(seconds - 10);
    const taken = wire.writes.length; // no KEEPALIVE piles up behind what the peer does not take
    peer.drained(wire);
    wire.room = true;
    alive(600);
    expect([peer.status.state, wire.closed]).toEqual(['Established', false]);
    wire.room = false;
    peer.announce(prefix(2), PLAIN);
    peer.flush();
    const full = wire.writes.length;
    alive(seconds - 10);
    expect([taken, wire.writes.length]).toEqual([expect.any(Number), full]);
    expect(peer.status.state).toBe('Established');
    alive(10);
    expect([wire.sent().at(-1), wire.closed]).toEqual(['8/0', true]);
    expect(downs).toMatchObject([{ type: 'notificationSent', notification: { code: 8, subcode: 0 } }]);
  });

  it('leaves alone for ever what has no hold time', () => {
    const { clock, peer, establish } = setUp({ holdTimeSeconds: 0 });
    const wire = establish();
    wire.room = false;
    peer.announce(prefix(1), PLAIN);
    peer.flush();
    clock.advance(86_400_000);
    expect(peer.status.state).toBe('Established');
  });

  it('ends an external session at once when its link is gone, and dials at once when it is back', () => {
    const { clock, peer, dials, downs, establish } = setUp();
    const wire = establish();
    peer.linkLost(wire, 'eth0 has no carrier');
    expect([peer.status.state, wire.sent().at(-1), wire.closed]).toEqual(['Idle', '6/0', true]);
    expect(downs).toEqual([{ type: 'linkDown', state: 'Established', detail: 'eth0 has no carrier' }]);
    clock.advance(100);
    peer.retryNow();
    expect([dials.begun, peer.status.state]).toEqual([2, 'Connect']);
    peer.retryNow(); // the SYN of the attempt under way may have gone into the void
    expect([dials.begun, dials.aborted]).toEqual([3, 1]);
    clock.advance(5_000);
    expect(dials.begun).toBe(3);
  });

  it('leaves an internal session to its hold time', () => {
    const { peer, establish } = setUp({ remoteAsn: 'internal', localAsn: 65002 });
    const wire = establish();
    peer.linkLost(wire, 'eth0 has no carrier');
    expect(peer.status.state).toBe('Established');
  });

  it('ends at once with Cease 10 when BFD is Down, and dials at once when it is Up again', () => {
    const { clock, peer, dials, downs, establish } = setUp();
    const wire = establish();
    peer.bfdDown('nothing heard');
    expect([peer.status.state, wire.sent().at(-1), wire.closed]).toEqual(['Idle', '6/10', true]);
    expect(downs).toMatchObject([{ type: 'notificationSent', state: 'Established', detail: 'nothing heard' }]);
    clock.advance(100);
    peer.retryNow();
    expect([dials.begun, peer.status.state]).toEqual([2, 'Connect']);
    // An attempt without a connection goes on: BFD says nothing of whether a router can be dialled.
    peer.bfdDown('nothing heard');
    expect([peer.status.state, downs.length]).toEqual(['Connect', 1]);
  });

  it('waits longer and longer where BFD ends one session after the other', () => {
    const { clock, peer, openFrom, send, establish } = setUp();
    establish();
    const pauses: number[] = [];
    for (let n = 0; n < 6; n++) {
      peer.bfdDown('nothing heard');
      pauses.push((peer.status.nextAttemptAt ?? 0) - clock.now());
      clock.advance(pauses.at(-1) ?? 0);
      const wire = new Wire('outgoing');
      peer.connected(wire);
      openFrom(wire);
      send(wire, { type: 'KEEPALIVE' });
      expect(peer.status.state).toBe('Established');
      clock.advance(1_000);
    }
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect([(pauses[0] ?? 0) <= 1_000, (pauses[5] ?? 0) > 10_000]).toEqual([true, true]);
  });

  it('neither dials nor takes a connection while it is held, and leaves a session that is up alone', () => {
    const { clock, peer, dials, establish } = setUp();
    peer.hold();
    peer.start();
    const refused = new Wire('incoming');
    peer.accept(refused);
    clock.advance(100_000);
    expect([dials.begun, refused.closed, peer.status.state, peer.status.isHeld]).toEqual([0, true, 'Idle', true]);
    peer.release();
    peer.release();
    expect([dials.begun, peer.status.state]).toEqual([1, 'Connect']);
    establish();
    peer.hold();
    expect(peer.status.state).toBe('Established');
    peer.bfdDown('nothing heard');
    expect([peer.status.state, peer.status.nextAttemptAt]).toEqual(['Idle', null]);
    clock.advance(100_000);
    expect([dials.begun, peer.status.state]).toEqual([1, 'Idle']);
    peer.release();
    expect([dials.begun, peer.status.state]).toEqual([2, 'Connect']);
  });

  it('is held no longer than its pause lasts where it is released before', () => {
    const { clock, peer, dials, establish } = setUp();
    establish();
    peer.bfdDown('nothing heard');
    peer.hold();
    clock.advance(100);
    peer.release();
    expect(dials.begun).toBe(1);
    clock.advance(1_000);
    expect(dials.begun).toBe(2);
  });

  it('refuses connections where it alone dials', () => {
    const { peer } = setUp({ connectMode: 'active' });
    peer.start();
    const wire = new Wire('incoming');
    peer.accept(wire);
    expect([wire.closed, wire.writes.length]).toEqual([true, 0]);
  });

  it('closes what comes in while it is stopped, and more than a few connections at a time', () => {
    const { peer } = setUp({ connectMode: 'passive' });
    const early = new Wire('incoming');
    peer.accept(early);
    expect([early.closed, early.writes.length]).toEqual([true, 0]);
    peer.start();
    const many = Array.from({ length: 6 }, () => new Wire('incoming'));
    for (const wire of many) peer.accept(wire);
    expect(many.map((w) => w.closed)).toEqual([false, false, false, false, true, true]);
    peer.stop();
    expect(many.every((w) => w.closed)).toBe(true);
    expect(many[0]?.sent()).toEqual(['OPEN', '6/2']);
    expect(peer.status.state).toBe('Idle');
  });

  it('gives up the attempt to dial when the peer came first, and dials again when that session ends', () => {
    const { clock, peer, dials, openFrom, send } = setUp();
    peer.start();
    const wire = new Wire('incoming');
    peer.accept(wire);
    openFrom(wire);
    send(wire, { type: 'KEEPALIVE' });
    expect([peer.status.state, dials.begun, dials.aborted]).toEqual(['Established', 1, 1]);
    const late = new Wire('outgoing');
    peer.connected(late);
    expect(late.closed).toBe(true);
    peer.connectionLost(wire, null);
    expect(peer.status.lastDown?.reason).toEqual({ type: 'connectionClosed', state: 'Established', failure: null });
    clock.advance(1_000);
    expect([peer.status.state, dials.begun]).toEqual(['Connect', 2]);
  });

  it('leaves a session alone when another connection comes, and tells that one 6/7', () => {
    const { clock, peer, openFrom, establish } = setUp({ bgpIdentifier: 9 });
    establish();
    clock.advance(1_000);
    const second = new Wire('incoming');
    peer.accept(second);
    openFrom(second);
    expect([second.sent(), second.closed, peer.status.state]).toEqual([['OPEN', '6/7'], true, 'Established']);
  });

  it('waits four minutes for an OPEN', () => {
    const { clock, peer, downs } = setUp();
    peer.start();
    const wire = new Wire('outgoing');
    peer.connected(wire);
    clock.advance(239_999);
    expect(wire.closed).toBe(false);
    clock.advance(1);
    expect([wire.sent(), wire.closed]).toEqual([['OPEN', '4/0'], true]);
    expect(downs).toMatchObject([{ type: 'notificationSent', state: 'OpenSent', notification: { code: 4 } }]);
  });

  it('counts prefixes that the peer holds, not those it ever sent', () => {
    const { peer, send, establish, downs } = setUp({ maxPrefixes: 2 });
    const wire = establish();
    const attributes = [known('ORIGIN', 'igp'), known('AS_PATH', []), known('NEXT_HOP', THERE)];
    for (let n = 0; n < 10; n++) {
      send(wire, { type: 'UPDATE', update: { withdrawn: [], attributes, nlri: [prefix(n)] } });
      expect(peer.status.prefixes.received).toBe(1);
      send(wire, { type: 'UPDATE', update: { withdrawn: [prefix(n)], attributes: [], nlri: [] } });
    }
    send(wire, { type: 'UPDATE', update: { withdrawn: [], attributes, nlri: [prefix(1), prefix(2), prefix(3)] } });
    expect(downs).toMatchObject([{ type: 'notificationSent', notification: { code: 6, subcode: 1 } }]);
    //                                                    6/1  AFI  SAFI limit
    expect(toHex(wire.writes.at(-1) as Uint8Array)).toMatch(/0601000101000000(02)$/);
  });

  it('answers a marker of a refresh that is as long as a message can be with as much of it as fits', () => {
    const { peer, establish } = setUp();
    const wire = establish();
    const marker = new Uint8Array(4096);
    //                            length type AFI  BoRR SAFI
    marker.set(hex(`${'ff'.repeat(16)} 1000 05 0001 01 01`));
    peer.receive(wire, marker);
    expect([wire.sent().at(-1), wire.writes.at(-1)?.length, wire.closed]).toEqual(['7/1', 4096, true]);
  });

  it('says of attributes that fit into no UPDATE that they do not, and withdraws the prefix', () => {
    const { peer } = setUp();
    const communities = Array.from({ length: 2_000 }, (_, n) => n);
    expect(peer.announce(prefix(1), PLAIN)).toBe(true);
    expect(peer.announce(prefix(1), { ...PLAIN, communities })).toBe(false);
    peer.replace([[prefix(2), { ...PLAIN, communities }]]);
    expect(peer.status.prefixes.wanted).toBe(0);
  });

  it('never throws, hangs or keeps a connection that it has given up, whatever comes in whatever state', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(
        hex(`${'ff'.repeat(16)} 0013 04`),
        hex(`${'ff'.repeat(16)} 0017 05 0001 00 01`),
        hex(`${'ff'.repeat(16)} 0017 02 0000 0000`),
        hex(`${'ff'.repeat(16)} 0015 03 06 02`),
        encodeMessage(
          {
            type: 'OPEN',
            open: { asn: 65002, myAs: 65002, holdTime: 3, bgpIdentifier: 2, capabilities: [] },
          },
          CONTEXT,
        ),
      ),
      fc
        .tuple(fc.constantFrom(1, 2, 3, 5), fc.uint8Array({ minLength: 10, maxLength: 60 }))
        .map(([type, body]) => new Uint8Array([...hex('ff'.repeat(16)), 0, 19 + body.length, type, ...body])),
    );
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ do: fc.constant('receive' as const), bytes: noise, which: fc.nat(3) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('accept' as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('dialled' as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('fail' as const, 'stop' as const, 'start' as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), which: fc.nat(3) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 1_000, 300_000) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('announce' as const), n: fc.nat(3) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, passive) => {
        const { clock, peer, dials } = setUp({ connectMode: passive ? 'passive' : 'both' });
        let outstanding = 0; // dials whose outcome is still to come
        const wires: Wire[] = [];
        const open = (): Wire[] => wires.filter((w) => !w.closed);
        peer.start();
        for (const s of steps) {
          outstanding = dials.begun - dials.aborted;
          const some = 'which' in s ? open()[s.which] : undefined;
          if (s.do === 'receive' && some !== undefined) peer.receive(some, s.bytes);
          else if (s.do === 'accept') {
            const wire = new Wire('incoming');
            wires.push(wire);
            peer.accept(wire);
          } else if (s.do === 'dialled' && peer.status.state === 'Connect') {
            expect(outstanding).toBeGreaterThan(0);
            const wire = new Wire('outgoing');
            wires.push(wire);
            peer.connected(wire);
          } else if (s.do === 'fail') peer.connectFailed({ code: 'ETIMEDOUT', message: 'timed out' });
          else if (s.do === 'stop') peer.stop();
          else if (s.do === 'start') peer.start();
          else if (s.do === 'lose' && some !== undefined) {
            some.closed = true;
            peer.connectionLost(some, null);
          } else if (s.do === 'wait') clock.advance(s.ms);
          else if (s.do === 'announce') peer.announce(prefix(s.n), PLAIN);
          peer.flush();
          const { state, session } = peer.status;
          expect(session !== null).toBe(state === 'Established');
          if (state === 'OpenSent' || state === 'OpenConfirm' || state === 'Established')
            expect(open().length).toBeGreaterThan(0);
          else expect(open()).toEqual([]);
          for (const wire of wires) for (const type of wire.sent()) expect(type).not.toBe('');
        }
        peer.stop();
        expect([peer.status.state, open().length]).toEqual(['Idle', 0]);
        const before = dials.begun;
        clock.advance(1_000_000);
        expect(dials.begun).toBe(before); // no timer survives the stop
      }),
      { numRuns: 400 },
    );
  });
});
