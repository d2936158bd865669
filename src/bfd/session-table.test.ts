import { beforeEach, describe, expect, it } from 'vitest';
import { type Ip, parseIp } from '../net/ip.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import type { OutgoingPacket } from './packet.ts';
import type { BfdSession, SessionConfig } from './session.ts';
import { type Datagram, type SessionPath, SessionTable } from './session-table.ts';
import { CONFIG, packetOctets, THEIRS } from './testing/scripted-peer.ts';

function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const ROUTER = ip('192.0.2.1');
const HERE = ip('192.0.2.2');
const FAR = ip('198.51.100.1');

const singleHop = (remote = ROUTER, interfaceIndex: number | null = null, local: Ip | null = null): SessionPath => ({
  type: 'singleHop',
  remote,
  local,
  interfaceIndex,
});
const multihop = (minimumTtl = 254): SessionPath => ({ type: 'multihop', remote: FAR, local: HERE, minimumTtl });

let clock: VirtualClock;
let table: SessionTable;
let seed = 1;

beforeEach(() => {
  clock = new VirtualClock();
  seed = 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  table = new SessionTable({ clock, random });
});

const quiet = {
  transmit: () => undefined,
  transmitEcho: () => true,
  echoChanged: () => undefined,
  stateChanged: () => undefined,
  readPending: () => undefined,
};

function session(path: SessionPath, config: Partial<SessionConfig> = {}): BfdSession {
  const added = table.add(path, { ...CONFIG, ...config }, quiet);
  added.start();
  return added;
}

type Arrival = Datagram & { readonly type: SessionPath['type'] };
const receive = ({ type, ...one }: Arrival): string | null => table.receive(type, one);

/** A datagram from the router, as it should be unless told otherwise; its packet says Down to nobody. */
function datagram(packet: Partial<OutgoingPacket> = {}, changes: Partial<Arrival> = {}): Arrival {
  const type = changes.type ?? 'singleHop';
  return {
    type,
    family: (changes.source ?? ROUTER).family,
    octets: packetOctets({ ...THEIRS, yourDiscriminator: 0, ...packet }),
    ttl: 255,
    source: type === 'singleHop' ? ROUTER : FAR,
    destination: HERE,
    interfaceIndex: 2,
    ...changes,
  };
}

const stateOf = (one: BfdSession): string => one.status.sessionState;

describe('which session a packet is for', () => {
  it('by its source while it does not know our discriminator', () => {
    const a = session(singleHop());
    const b = session(singleHop(ip('192.0.2.9')));
    expect(receive(datagram())).toBeNull();
    expect([stateOf(a), stateOf(b)]).toEqual(['Init', 'Down']);
  });

  it('by our discriminator alone as soon as it does, wherever it comes from (RFC 5880 section 6.3)', () => {
    const a = session(singleHop(ROUTER, 2));
    const moved = datagram(
      { yourDiscriminator: a.localDiscr },
      { source: ip('192.0.2.77'), interfaceIndex: 3, destination: ip('192.0.2.3') },
    );
    expect(receive(moved)).toBeNull();
    expect(stateOf(a)).toBe('Init');
  });

  it('by interface or by our address where several sessions are with one address', () => {
    const router = ip('fe80::1');
    const eth0 = session(singleHop(router, 2));
    const eth1 = session(singleHop(router, 3));
    expect(receive(datagram({}, { source: router, interfaceIndex: 3 }))).toBeNull();
    expect([stateOf(eth0), stateOf(eth1)]).toEqual(['Down', 'Init']);
    const first = session(singleHop(ip('203.0.113.1'), null, ip('203.0.113.8')));
    const second = session(singleHop(ip('203.0.113.1'), null, ip('203.0.113.9')));
    receive(datagram({}, { source: ip('203.0.113.1'), destination: ip('203.0.113.9') }));
    expect([stateOf(first), stateOf(second)]).toEqual(['Down', 'Init']);
  });

  it('single hop and multihop with one neighbor are two sessions', () => {
    const near = session(singleHop(FAR));
    const far = session(multihop());
    expect(receive(datagram({}, { type: 'multihop' }))).toBeNull();
    expect([stateOf(near), stateOf(far)]).toEqual(['Down', 'Init']);
  });
});

describe('what is dropped, and what for', () => {
  const drops = receive;

  it('each without an effect on any session', () => {
    const near = session(singleHop(ROUTER, 2));
    const far = session(multihop());
    const to = (one: BfdSession): Partial<OutgoingPacket> => ({ yourDiscriminator: one.localDiscr });
    const outcome = [
      drops(datagram({ yourDiscriminator: 0xdeadbeef })),
      drops(datagram({}, { source: ip('192.0.2.99') })),
      drops(datagram({}, { interfaceIndex: 7 })),
      drops(datagram({}, { ttl: 254 })),
      drops(datagram(to(near), { ttl: 64 })),
      drops(datagram({ yourDiscriminator: 0xdeadbeef }, { ttl: 64 })),
      drops(datagram(to(near), { type: 'multihop' })),
      drops(datagram(to(near), { source: ip('2001:db8::1') })),
      drops(datagram(to(far), { type: 'multihop', source: ROUTER })),
      drops(datagram(to(far), { type: 'multihop', destination: ROUTER })),
      drops(datagram(to(far), { type: 'multihop', ttl: 64 })),
      drops(datagram({ state: 'Up' })),
      drops({ ...datagram(), octets: new Uint8Array(3) }),
    ];
    expect(outcome).toEqual([
      'unknownDiscriminator',
      'unknownSource',
      'unknownSource',
      'badTtl',
      'badTtl',
      'badTtl',
      'wrongPath',
      'wrongPath',
      'wrongPath',
      'wrongPath',
      'badTtl',
      'zeroYourDiscriminator',
      'badVersion',
    ]);
    expect(table.dropped).toEqual({
      unknownDiscriminator: 1,
      unknownSource: 2,
      badTtl: 4,
      wrongPath: 4,
      zeroYourDiscriminator: 1,
      badVersion: 1,
    });
    expect([near, far].map((one) => [stateOf(one), one.status.packetsReceived, one.status.remoteDiscr])).toEqual([
      ['Down', 0, 0],
      ['Down', 0, 0],
    ]);
  });

  it('a session remembers the TTL that was too low: BIRD sends 64 over several hops', () => {
    const far = session(multihop());
    drops(datagram({}, { type: 'multihop', ttl: 64 }));
    expect(far.status).toMatchObject({ lastBadTtl: 64, packetsDropped: { badTtl: 1 } });
    const lenient = new SessionTable({ clock, random: () => 0.3 });
    const other = lenient.add(multihop(60), CONFIG, quiet);
    other.start();
    expect(lenient.receive('multihop', datagram({}, { type: 'multihop', ttl: 64 }))).toBeNull();
  });

  it('a flood leaves nothing behind', () => {
    const near = session(singleHop());
    for (let i = 0; i < 100_000; i++) {
      const source: Ip = { family: 4, value: BigInt(i) };
      drops(datagram({ yourDiscriminator: i % 2 === 0 ? 0 : i }, { source, ttl: i % 3 === 0 ? 255 : 12 }));
    }
    expect(table.size).toBe(1);
    expect(Object.keys(table.dropped).length).toBeLessThanOrEqual(3);
    expect(near.status.packetsReceived).toBe(0);
  });
});

describe('the table', () => {
  it('gives each session a discriminator of its own that is not zero, also where chance repeats itself', () => {
    const numbers = [0, 0.5, 0.5, 0.5, 0.25];
    const repeating = new SessionTable({ clock, random: () => numbers.shift() ?? 0.75 });
    const a = repeating.add(singleHop(), CONFIG, quiet);
    expect(a.localDiscr).toBe(2 ** 31);
    numbers.unshift(0.5);
    expect(repeating.add(singleHop(FAR), CONFIG, quiet).localDiscr).not.toBe(a.localDiscr);
  });

  it('refuses a path twice, and takes it again after the session was removed', () => {
    const a = session(singleHop());
    expect(() => table.add(singleHop(), CONFIG, quiet)).toThrow('another BFD session has this path');
    table.remove(a);
    expect(table.size).toBe(0);
    expect(receive(datagram())).toBe('unknownSource');
    expect(receive(datagram({ yourDiscriminator: a.localDiscr }))).toBe('unknownDiscriminator');
    session(singleHop());
    expect(receive(datagram())).toBeNull();
  });

  it('goes on with a discriminator that another thread had, unless a session has it', () => {
    expect(table.add(singleHop(), CONFIG, quiet, 77).localDiscr).toBe(77);
    expect(table.add(singleHop(FAR), CONFIG, quiet, 77).localDiscr).not.toBe(77);
  });

  it('holds no more sessions than it says', () => {
    for (let i = 0; i < 4_096; i++) table.add(singleHop({ family: 4, value: BigInt(i) }), CONFIG, quiet);
    expect(() => table.add(singleHop(ip('fe80::1')), CONFIG, quiet)).toThrow(/4096/);
  });

  it('hands Echo packets to the session that sent them', () => {
    const echoes: Uint8Array[] = [];
    const hooks = { ...quiet, transmitEcho: (octets: Uint8Array) => echoes.push(octets.slice()) > 0 };
    const one = table.add(singleHop(ROUTER, 3), { ...CONFIG, echoInterval: 50_000 }, hooks);
    one.start();
    const say = (packet: Partial<OutgoingPacket>) =>
      receive(datagram({ yourDiscriminator: one.localDiscr, requiredMinEchoRxInterval: 50_000, ...packet }));
    say({});
    say({ state: 'Up' });
    clock.advance(1);
    const back = (octets = echoes[0] as Uint8Array, ttl = 254, interfaceIndex = 3) =>
      table.receiveEcho({ octets, ttl, interfaceIndex });
    // From farther away than the neighbor, forwarded by nobody, and over another link.
    expect([back(undefined, 253), back(undefined, 255)]).toEqual(['badTtl', 'badTtl']);
    expect(back(undefined, 254, 4)).toBe('wrongPath');
    expect([back(), back()]).toEqual([null, 'unknownEcho']);
    expect([back(new Uint8Array(16)), back(new Uint8Array(3))]).toEqual(['unknownEcho', 'unknownEcho']);
    expect(one.status.echoPacketsReceived).toBe(1);
    expect(table.dropped).toMatchObject({ badTtl: 2, wrongPath: 1, unknownEcho: 3 });
  });
});
