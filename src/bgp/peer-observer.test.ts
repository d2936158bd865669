/** What an observer is told, and what the status says of the next attempt. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../time/virtual-clock.ts';
import { IPV4_UNICAST } from './packet/constants.ts';
import { encodeMessage, type OutgoingMessage } from './packet/message.ts';
import { cease } from './packet/notification.ts';
import { type Connection, Peer } from './peer.ts';

const CONTEXT = { fourOctetAs: true, internal: false, families: [IPV4_UNICAST] };

const connection = (direction: Connection['direction']): Connection => ({
  direction,
  localAddress: { family: 4, value: 1n },
  remoteAddress: { family: 4, value: 2n },
  localPort: 179,
  remotePort: 50_000,
  write: () => true,
  close: () => undefined,
});

const OPEN: OutgoingMessage = {
  type: 'OPEN',
  open: {
    asn: 65002,
    myAs: 65002,
    holdTime: 90,
    bgpIdentifier: 2,
    capabilities: [
      { type: 'multiprotocol', family: IPV4_UNICAST },
      { type: 'four-octet-as', asn: 65002 },
    ],
  },
};

function setUp() {
  const clock = new VirtualClock();
  const told: string[] = [];
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
    },
    {
      clock,
      random: () => 0.5,
      transport: { dial: () => undefined, abortDial: () => undefined },
      observer: {
        stateChanged: () => undefined,
        established: () => undefined,
        down: (reason) => void told.push(`down ${reason.type}`),
        updateReceived: () => undefined,
        routesSent: ({ updates, octets }) => void told.push(`routes ${updates} ${octets}`),
        messageReceived: ({ type }, octets) => void told.push(`< ${type} ${octets}`),
        messageSent: ({ type }, octets) => void told.push(`> ${type} ${octets}`),
        timerExpired: (timer, direction) => void told.push(`timer ${timer} ${direction}`),
      },
    },
  );
  const send = (wire: Connection, message: OutgoingMessage): void =>
    peer.receive(wire, encodeMessage(message, CONTEXT));
  return { clock, told, peer, send };
}

describe('an observer', () => {
  it('sees each message with its length, UPDATEs with routes as one, and timers that ran out', () => {
    const { clock, told, peer, send } = setUp();
    const wire = connection('outgoing');
    peer.start();
    peer.connected(wire);
    send(wire, OPEN);
    send(wire, { type: 'KEEPALIVE' });
    clock.advance(30_000);
    expect(told).toEqual([
      expect.stringMatching(/^> OPEN \d\d$/),
      '< OPEN 43',
      '> KEEPALIVE 19',
      '< KEEPALIVE 19',
      'routes 1 23', // End-of-RIB
      'timer Keepalive outgoing',
      '> KEEPALIVE 19',
    ]);
  });

  it('is told of a collision that the peer has resolved as of one that we have', () => {
    const { told, peer, send } = setUp();
    const [ours, theirs] = [connection('outgoing'), connection('incoming')];
    peer.start();
    peer.connected(ours);
    peer.accept(theirs);
    send(ours, { type: 'NOTIFICATION', notification: cease(7) });
    expect(told).toContain('down collision');
    // The only connection that there is: the router keeps one that we know nothing of.
    send(theirs, { type: 'NOTIFICATION', notification: cease(7) });
    expect(told.at(-1)).toBe('down notificationReceived');
  });
});

describe('the next attempt', () => {
  it('is known while it is waited for, and not otherwise', () => {
    const { clock, peer } = setUp();
    expect(peer.status.nextAttemptAt).toBeNull();
    peer.start();
    expect([peer.status.state, peer.status.nextAttemptAt]).toEqual(['Connect', null]);
    peer.connectFailed({ code: 'ECONNREFUSED', message: '' });
    const next = peer.status.nextAttemptAt;
    if (next === null) throw new Error('no next attempt');
    expect(next).toBeGreaterThan(0);
    clock.advance(next - 1);
    expect(peer.status.state).toBe('Idle');
    clock.advance(2);
    expect([peer.status.state, peer.status.nextAttemptAt]).toEqual(['Connect', null]);
    peer.stop();
    expect(peer.status.nextAttemptAt).toBeNull();
  });
});
