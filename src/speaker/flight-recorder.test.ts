import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IPV4_UNICAST } from '../bgp/packet/constants.ts';
import type { OutgoingMessage } from '../bgp/packet/message.ts';
import { cease } from '../bgp/packet/notification.ts';
import { prefixOf } from '../net/prefix.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { FlightRecorder } from './flight-recorder.ts';

const KEEPALIVE: OutgoingMessage = { type: 'KEEPALIVE' };
const OPEN: OutgoingMessage = {
  type: 'OPEN',
  open: {
    asn: 64512,
    myAs: 64512,
    holdTime: 90,
    bgpIdentifier: 0xc0000201,
    capabilities: [{ type: 'multiprotocol', family: IPV4_UNICAST }, { type: 'route-refresh' }],
  },
};
const withdrawal = (prefixes: number): OutgoingMessage => ({
  type: 'UPDATE',
  update: {
    withdrawn: Array.from({ length: prefixes }, (_, i) => prefixOf({ family: 4, value: BigInt(i) << 8n }, 24)),
    attributes: [],
    nlri: [],
  },
});

function setUp() {
  const clock = new VirtualClock();
  return { clock, recorder: new FlightRecorder(clock) };
}

describe('the flight recorder', () => {
  it('prints what happened, the oldest first, and how long ago', () => {
    const { clock, recorder } = setUp();
    recorder.decided('start');
    recorder.stateChanged('Idle', 'Connect');
    clock.advance(1_500);
    recorder.message('sent', OPEN, 45);
    recorder.message('received', { type: 'NOTIFICATION', notification: cease(2, 'bye\nnow') }, 29);
    recorder.down(
      { type: 'notificationReceived', notification: cease(2, 'bye\nnow'), state: 'OpenSent' },
      { cause: 'notificationReceived', message: 'ended', help: 'ask', evidence: null },
    );
    recorder.timerExpired('IdleHold', 'outgoing');
    recorder.updateError({
      action: 'treat-as-withdraw',
      attribute: 2,
      subcode: 11,
      message: '',
      data: new Uint8Array(9),
    });
    clock.advance(500);
    expect(recorder.print()).toEqual([
      { secondsAgo: 2, event: 'decision', decision: 'start' },
      { secondsAgo: 2, event: 'state', from: 'Idle', to: 'Connect' },
      {
        secondsAgo: 0.5,
        event: 'sent',
        message: 'OPEN',
        octets: 45,
        asn: 64512,
        holdTime: 90,
        routerID: '192.0.2.1',
        families: ['ipv4-unicast'],
        capabilities: 2,
      },
      {
        secondsAgo: 0.5,
        event: 'received',
        message: 'NOTIFICATION',
        octets: 29,
        notification: '6/2 Cease: Administrative Shutdown "bye now"',
      },
      {
        secondsAgo: 0.5,
        event: 'down',
        reason: 'notificationReceived',
        state: 'OpenSent',
        cause: 'notificationReceived',
        message: 'ended',
      },
      { secondsAgo: 0.5, event: 'timerExpired', timer: 'IdleHold', connection: 'outgoing' },
      { secondsAgo: 0.5, event: 'updateError', action: 'treat-as-withdraw', attribute: 2 },
    ]);
  });

  it('sums up the traffic of a quiet session in one entry of each kind', () => {
    const { clock, recorder } = setUp();
    recorder.stateChanged('OpenConfirm', 'Established');
    for (let i = 0; i < 1_000; i++) {
      clock.advance(1_000);
      recorder.timerExpired('Keepalive', 'outgoing');
      recorder.message('sent', KEEPALIVE, 19);
      recorder.message('received', KEEPALIVE, 19);
      recorder.message('received', withdrawal(3), 40);
      recorder.routesSent({ announced: 1, withdrawn: 2, updates: 2, octets: 100 });
    }
    expect(recorder.print()).toEqual([
      expect.objectContaining({ event: 'state' }),
      { secondsAgo: 999, count: 1_000, untilSecondsAgo: 0, event: 'sent', message: 'KEEPALIVE', octets: 19_000 },
      { secondsAgo: 999, count: 1_000, untilSecondsAgo: 0, event: 'received', message: 'KEEPALIVE', octets: 19_000 },
      {
        secondsAgo: 999,
        count: 1_000,
        untilSecondsAgo: 0,
        event: 'received',
        message: 'UPDATE',
        octets: 40_000,
        announced: 0,
        withdrawn: 3_000,
      },
      {
        secondsAgo: 999,
        count: 1_000,
        untilSecondsAgo: 0,
        event: 'routesSent',
        announced: 1_000,
        withdrawn: 2_000,
        updates: 2_000,
        octets: 100_000,
      },
    ]);
  });

  it('begins a new entry once something else has happened', () => {
    const { recorder } = setUp();
    recorder.message('sent', KEEPALIVE, 19);
    recorder.stateChanged('Established', 'Idle');
    recorder.message('sent', KEEPALIVE, 19);
    expect(recorder.print()).toHaveLength(3);
  });

  it('keeps the last 200 of whatever comes, and all of it when it is less', () => {
    const happenings = {
      state: (r: FlightRecorder) => r.stateChanged('Idle', 'Active'),
      open: (r: FlightRecorder) => r.message('received', OPEN, 45),
      keepalive: (r: FlightRecorder) => r.message('sent', KEEPALIVE, 19),
      update: (r: FlightRecorder) => r.message('received', withdrawal(1), 27),
    };
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.values(happenings)), { maxLength: 700 }), (events) => {
        const { clock, recorder } = setUp();
        for (const happen of events) {
          clock.advance(1_000);
          happen(recorder);
        }
        const printed = recorder.print() as { secondsAgo: number; count?: number }[];
        expect(printed.length).toBeLessThanOrEqual(200);
        const ages = printed.map(({ secondsAgo }) => secondsAgo);
        expect(ages).toEqual([...ages].sort((a, b) => b - a));
        const total = printed.reduce((sum, { count = 1 }) => sum + count, 0);
        if (printed.length < 200) expect(total).toBe(events.length);
        else expect(total).toBeGreaterThanOrEqual(200);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps no more of a long NOTIFICATION than a shutdown communication', () => {
    const { recorder } = setUp();
    const data = new Uint8Array(4_000).fill(65);
    recorder.message('received', { type: 'NOTIFICATION', notification: { code: 1, subcode: 2, data } }, 4_021);
    data.fill(0);
    expect(recorder.print()).toMatchObject([
      { octets: 4_021, notification: '1/2 Message Header Error: Bad Message Length' },
    ]);
  });
});
