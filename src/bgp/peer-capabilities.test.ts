/** What a session has and has not by its capabilities: an old speaker that refuses them, and messages beyond 4096 octets. */
import { describe, expect, it } from 'vitest';
import type { Ip } from '../net/ip.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { hex, toHex } from '../wire/hex.ts';
import type { Capability } from './packet/capability.ts';
import { IPV4_UNICAST, MAX_EXTENDED_MESSAGE_LENGTH } from './packet/constants.ts';
import { decodeMessage, encodeMessage, type OutgoingMessage } from './packet/message.ts';
import { notification } from './packet/notification.ts';
import type { Open } from './packet/open.ts';
import type { UpdateError } from './packet/update-error.ts';
import { type Connection, Peer } from './peer.ts';

const HERE: Ip = { family: 4, value: 0xc0000201n };
const CONTEXT = { fourOctetAs: true, internal: false, families: [IPV4_UNICAST] };
const MARKER = 'ff'.repeat(16);

function dialler() {
  const clock = new VirtualClock();
  const errors: UpdateError[] = [];
  const written: Uint8Array[] = [];
  let updates = 0;
  let connection: Connection | null = null;
  const peer: Peer = new Peer(
    {
      localAsn: 4_200_000_000,
      remoteAsn: 65002,
      bgpIdentifier: 1,
      holdTimeSeconds: 90,
      keepaliveSeconds: 30,
      families: [IPV4_UNICAST],
      connectMode: 'both',
      connectRetry: { initialMs: 1_000, maxMs: 1_000 },
      maxPrefixes: 100_000,
    },
    {
      clock,
      random: () => 0.5,
      transport: { dial: () => undefined, abortDial: () => undefined },
      observer: {
        stateChanged: () => undefined,
        established: () => undefined,
        down: () => undefined,
        updateReceived: () => void updates++,
        updateError: (error) => void errors.push(error),
        routesSent: () => undefined,
      },
    },
  );
  /** The peer lets us connect; answers our OPEN. */
  const connect = (): Open => {
    written.length = 0;
    connection = {
      direction: 'outgoing',
      localAddress: HERE,
      remoteAddress: HERE,
      localPort: 50_000,
      remotePort: 179,
      write: (bytes) => written.push(bytes) > 0,
      close: () => undefined,
    };
    peer.connected(connection);
    const message = decodeMessage(written[0] as Uint8Array, CONTEXT);
    if (message.type !== 'OPEN') throw new Error(message.type);
    return message.open;
  };
  const bytes = (octets: Uint8Array): void => {
    if (connection !== null) peer.receive(connection, octets);
  };
  const send = (message: OutgoingMessage): void => bytes(encodeMessage(message, CONTEXT));
  const establish = (capabilities: readonly Capability[]): void => {
    send({ type: 'OPEN', open: { asn: 65002, myAs: 65002, holdTime: 90, bgpIdentifier: 2, capabilities } });
    send({ type: 'KEEPALIVE' });
    expect(peer.status.state).toBe('Established');
  };
  return { clock, peer, errors, written, connect, send, bytes, establish, updates: () => updates };
}

describe('a speaker that knows no capabilities', () => {
  it('gets an OPEN without them at the next attempt, and at every one after that', () => {
    const { clock, peer, connect, send, establish } = dialler();
    peer.start();
    expect(connect().capabilities.map((c) => c.type)).toContain('four-octet-as');
    send({ type: 'NOTIFICATION', notification: notification(2, 4) });
    clock.advance(1_000);
    expect(connect()).toMatchObject({ capabilities: [], myAs: 23_456 });
    establish([]);
    expect(peer.status.session).toMatchObject({ offer: 'none', fourOctetAs: false, families: [IPV4_UNICAST] });
    send({ type: 'NOTIFICATION', notification: notification(6, 4) });
    clock.advance(1_000);
    expect(connect().capabilities).toEqual([]);
  });

  it('is forgotten when the peer is stopped and started', () => {
    const { clock, peer, connect, send } = dialler();
    peer.start();
    connect();
    send({ type: 'NOTIFICATION', notification: notification(2, 4) });
    peer.stop();
    peer.start();
    clock.advance(1_000);
    expect(connect().capabilities.length).toBeGreaterThan(2);
  });
});

/** An UPDATE of this many octets, for one prefix: an unknown attribute fills it. */
function updateOf(length: number): Uint8Array {
  //                  origin     as path            next hop             unknown attribute
  const attributes = '40 01 01 00 40 02 04 0201fdea 40 03 04 c0000202 d0 63';
  const value = length - 19 - 4 - hex(attributes).length - 2 - 4;
  const list = hex(attributes).length + 2 + value;
  const u16 = (n: number): string => n.toString(16).padStart(4, '0');
  const head = `${MARKER} ${u16(length)} 02 0000 ${u16(list)} ${attributes} ${u16(value)}`;
  return new Uint8Array([...hex(head), ...new Uint8Array(value), ...hex('18 0a4d01')]);
}

describe('extended messages (RFC 8654)', () => {
  it.each([4_097, MAX_EXTENDED_MESSAGE_LENGTH])('of %i octets are taken where both sides announced them', (length) => {
    const { peer, connect, bytes, establish, updates } = dialler();
    peer.start();
    expect(connect().capabilities).toContainEqual({ type: 'extended-message' });
    establish([{ type: 'extended-message' }]);
    expect(peer.status.session?.extendedMessages).toBe(true);
    const update = updateOf(length);
    expect(update.length).toBe(length);
    for (let at = 0; at < length; at += 1_000) bytes(update.subarray(at, at + 1_000));
    bytes(update);
    expect([peer.status.state, updates(), peer.status.prefixes.received]).toEqual(['Established', 2, 1]);
  });

  it('of 4097 octets are an error where they were not agreed on, and always of type KEEPALIVE', () => {
    const lastSent = (capabilities: readonly Capability[], wire: Uint8Array): string => {
      const { peer, connect, bytes, written, establish } = dialler();
      peer.start();
      connect();
      establish(capabilities);
      bytes(wire);
      expect(peer.status.state).toBe('Idle');
      return toHex(written.at(-1) as Uint8Array).slice(38);
    };
    //                                            code subcode length
    expect(lastSent([], updateOf(4_097))).toBe('01 02 1001'.replaceAll(' ', ''));
    const keepalive = new Uint8Array([...hex(`${MARKER} 1001 04`), ...new Uint8Array(4_078)]);
    expect(lastSent([{ type: 'extended-message' }], keepalive)).toBe('01021001');
  });
});

describe('what is wrong with an UPDATE', () => {
  it('is told with its octets and counted by kind, also where it ends the session', () => {
    const { peer, connect, bytes, errors, establish } = dialler();
    peer.start();
    connect();
    establish([{ type: 'four-octet-as', asn: 65002 }]);
    //                              lengths   origin 3   as path
    bytes(hex(`${MARKER} 002f 02 0000 0014 40010103 40020602010000fdea 400304c0000202 180a4d01`));
    bytes(hex(`${MARKER} 0018 02 0000 0000 21`));
    expect(peer.status.state).toBe('Idle');
    expect(errors.map((e) => [e.action, e.attribute, toHex(e.data)])).toEqual([
      ['treat-as-withdraw', 1, '03'],
      ['session-reset', null, '21'],
    ]);
    expect(peer.status.updateErrors).toEqual({
      byAction: { 'session-reset': 1, 'afi-safi-disable': 0, 'treat-as-withdraw': 1, 'attribute-discard': 0 },
      byAttribute: { ORIGIN: 1, message: 1 },
    });
  });
});
