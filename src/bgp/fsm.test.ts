import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Action, BgpFsm, type Event, STATES, type State, type TimerName } from './fsm.ts';
import { cease, notification } from './packet/notification.ts';

const fsm = (passive = false): BgpFsm => new BgpFsm({ passive, retryDelayMs: () => 1_000, random: () => 0.5 });

const START: Event = { type: 'ManualStart' };
const STOP: Event = { type: 'ManualStop', notification: cease(2) };
const CONNECTED: Event = { type: 'TcpConnected' };
const FAILS: Event = { type: 'TcpConnectionFails', failure: { code: 'ECONNREFUSED', message: 'refused' } };
const OPEN: Event = { type: 'BgpOpen', holdTimeSeconds: 90, keepaliveSeconds: 30 };
const KEEPALIVE: Event = { type: 'KeepAliveMsg' };
const UPDATE: Event = { type: 'UpdateMsg' };
const REFRESH: Event = { type: 'RouteRefreshMsg' };
const NOTIFICATION: Event = { type: 'NotifMsg', notification: cease(4) };
const ERROR: Event = { type: 'MessageError', notification: notification(3, 1), detail: 'bad' };
const LIMIT: Event = { type: 'AutomaticStop', notification: notification(6, 1), detail: 'too many' };
const LINK: Event = { type: 'LinkDown', detail: 'eth0 has no carrier' };
const DUMP: Event = { type: 'OpenCollisionDump' };
const timer = (name: TimerName): Event => ({ type: 'TimerExpires', timer: name });

const TO: Readonly<Record<State, readonly Event[]>> = {
  Idle: [],
  Connect: [START],
  Active: [START, CONNECTED, { type: 'TcpConnectionFails', failure: null }],
  OpenSent: [START, CONNECTED],
  OpenConfirm: [START, CONNECTED, OPEN],
  Established: [START, CONNECTED, OPEN, KEEPALIVE],
};

/** What an event does in a state: the next state and the actions that matter, in short. */
function react(state: State, event: Event): string {
  const machine = fsm();
  for (const e of TO[state]) machine.handle(e);
  expect(machine.state).toBe(state);
  return [...machine.handle(event).flatMap(short), machine.state].join(' ');
}

function short(action: Action): string[] {
  switch (action.type) {
    case 'send':
      return [action.message];
    case 'notify':
      return [`${action.notification.code}/${action.notification.subcode}`];
    case 'startTimer':
      return [`+${action.timer}`];
    case 'stopTimer':
    case 'stateChanged':
      return [];
    case 'down':
      return [action.reason.type];
    default:
      return [action.type];
  }
}

describe('the table of RFC 4271 section 8.2.2', () => {
  it.each<[State, string, Event, string]>([
    ['Idle', 'start', START, '+ConnectRetry connect Connect'],
    ['Idle', 'IdleHold', timer('IdleHold'), '+ConnectRetry connect Connect'],
    ['Idle', 'stop', STOP, 'Idle'],
    ['Idle', 'anything else', KEEPALIVE, 'Idle'],
    ['Connect', 'start', START, 'Connect'],
    ['Connect', 'stop', STOP, 'abortConnect stopped Idle'],
    ['Connect', 'connected', CONNECTED, 'OPEN +Hold OpenSent'],
    ['Connect', 'fails', FAILS, 'connectFailed +IdleHold Idle'],
    ['Connect', 'ConnectRetry', timer('ConnectRetry'), 'abortConnect +ConnectRetry connect Connect'],
    ['Connect', 'another connection is kept', DUMP, 'abortConnect Idle'],
    ['Connect', 'anything else', KEEPALIVE, 'abortConnect +IdleHold Idle'],
    ['Active', 'start', START, 'Active'],
    ['Active', 'stop', STOP, 'stopped Idle'],
    ['Active', 'connected', CONNECTED, 'OPEN +Hold OpenSent'],
    ['Active', 'ConnectRetry', timer('ConnectRetry'), '+ConnectRetry connect Connect'],
    ['Active', 'fails', FAILS, 'connectFailed +IdleHold Idle'],
    ['OpenSent', 'start', START, 'OpenSent'],
    ['OpenSent', 'stop', STOP, '6/2 disconnect stopped Idle'],
    ['OpenSent', 'OPEN', OPEN, 'KEEPALIVE +Hold +Keepalive OpenConfirm'],
    ['OpenSent', 'closed', FAILS, 'disconnect connectionClosed +ConnectRetry Active'],
    ['OpenSent', 'Hold', timer('Hold'), '4/0 disconnect notificationSent +IdleHold Idle'],
    ['OpenSent', 'NOTIFICATION', NOTIFICATION, 'disconnect notificationReceived +IdleHold Idle'],
    ['OpenSent', 'error', ERROR, '3/1 disconnect notificationSent +IdleHold Idle'],
    ['OpenSent', 'collision', DUMP, '6/7 disconnect collision Idle'],
    ['OpenSent', 'KEEPALIVE', KEEPALIVE, '5/1 disconnect notificationSent +IdleHold Idle'],
    ['OpenSent', 'UPDATE', UPDATE, '5/1 disconnect notificationSent +IdleHold Idle'],
    ['OpenSent', 'ROUTE-REFRESH', REFRESH, '5/1 disconnect notificationSent +IdleHold Idle'],
    ['OpenConfirm', 'KEEPALIVE', KEEPALIVE, '+Hold Established'],
    ['OpenConfirm', 'Keepalive', timer('Keepalive'), 'KEEPALIVE +Keepalive OpenConfirm'],
    ['OpenConfirm', 'OPEN', OPEN, '5/2 disconnect notificationSent +IdleHold Idle'],
    ['OpenConfirm', 'UPDATE', UPDATE, '5/2 disconnect notificationSent +IdleHold Idle'],
    ['OpenConfirm', 'closed', FAILS, 'disconnect connectionClosed +IdleHold Idle'],
    ['OpenConfirm', 'collision', DUMP, '6/7 disconnect collision Idle'],
    ['Established', 'KEEPALIVE', KEEPALIVE, '+Hold Established'],
    ['Established', 'UPDATE', UPDATE, '+Hold Established'],
    ['Established', 'ROUTE-REFRESH', REFRESH, 'Established'],
    ['Established', 'Keepalive', timer('Keepalive'), 'KEEPALIVE +Keepalive Established'],
    ['Established', 'Hold', timer('Hold'), '4/0 disconnect notificationSent +IdleHold Idle'],
    ['Established', 'OPEN', OPEN, '5/3 disconnect notificationSent +IdleHold Idle'],
    ['Established', 'limit', LIMIT, '6/1 disconnect notificationSent +IdleHold Idle'],
    ['Established', 'stop', STOP, '6/2 disconnect stopped Idle'],
    ['Established', 'closed', FAILS, 'disconnect connectionClosed +IdleHold Idle'],
    ['Established', 'SendHold', timer('SendHold'), '8/0 disconnect notificationSent +IdleHold Idle'],
    ['Established', 'link down', LINK, '6/0 disconnect linkDown +IdleHold Idle'],
    ['OpenSent', 'link down', LINK, '6/0 disconnect linkDown +IdleHold Idle'],
    ['Connect', 'link down', LINK, 'Connect'],
    ['Active', 'link down', LINK, 'Active'],
    ['Established', 'a timer of another state', timer('ConnectRetry'), 'Established'],
  ])('%s: %s', (state, _, event, expected) => {
    expect(react(state, event)).toBe(expected);
  });

  it('waits in Active where it is passive, and is not started again by itself', () => {
    const machine = fsm(true);
    expect(machine.handle(START).flatMap(short)).toEqual([]);
    expect(machine.state).toBe('Active');
    for (const e of [CONNECTED, OPEN, KEEPALIVE]) machine.handle(e);
    expect(machine.handle(FAILS).flatMap(short)).toEqual(['disconnect', 'connectionClosed']);
  });
});

describe('invariants under any events', () => {
  const events = fc.constantFrom<Event>(
    START,
    STOP,
    CONNECTED,
    FAILS,
    OPEN,
    KEEPALIVE,
    UPDATE,
    REFRESH,
    NOTIFICATION,
    ERROR,
    LIMIT,
    LINK,
    DUMP,
    { type: 'BgpOpen', holdTimeSeconds: 0, keepaliveSeconds: 0 },
    ...(['ConnectRetry', 'Hold', 'Keepalive', 'IdleHold'] as const).map(timer),
  );

  it('one connection at a time, each ended; no state without a way on; states only announced when they change', () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 60 }), fc.boolean(), (list, passive) => {
        const machine = fsm(passive);
        const timers = new Set<TimerName>();
        let connection = false;
        let dialling = false;
        let stopped = true;
        for (const event of list) {
          const before = machine.state;
          if (event.type === 'TimerExpires') {
            if (!timers.delete(event.timer)) continue; // a timer that does not run cannot run out
          }
          if (event.type === 'TcpConnected') {
            if (before !== 'Connect' && !(passive && before === 'Active')) continue;
            connection = true;
            dialling = false;
          }
          if (event.type === 'TcpConnectionFails' && before === 'Connect') dialling = false;
          if (event.type === 'ManualStart') stopped = false;
          if (event.type === 'ManualStop' || event.type === 'OpenCollisionDump') stopped = true;
          for (const action of machine.handle(event)) {
            if (action.type === 'startTimer') timers.add(action.timer);
            if (action.type === 'stopTimer') timers.delete(action.timer);
            if (action.type === 'connect') {
              expect([connection, dialling]).toEqual([false, false]);
              dialling = true;
            }
            if (action.type === 'abortConnect') dialling = false;
            if (action.type === 'send' || action.type === 'notify') expect(connection).toBe(true);
            if (action.type === 'disconnect') {
              expect(connection).toBe(true);
              connection = false;
            }
            if (action.type === 'stateChanged') {
              expect([action.from, action.to]).toEqual([before, machine.state]);
              expect(action.from).not.toBe(action.to);
            }
          }
          const { state } = machine;
          expect(STATES).toContain(state);
          expect(connection).toBe(['OpenSent', 'OpenConfirm', 'Established'].includes(state));
          expect(dialling).toBe(state === 'Connect');
          if (state === 'Idle' && !stopped && !passive) expect(timers).toContain('IdleHold');
          if (state === 'Active' && !passive) expect(timers).toContain('ConnectRetry');
          if (state === 'OpenSent') expect(timers).toContain('Hold');
          if (stopped && state === 'Idle') expect([...timers]).toEqual([]);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('KEEPALIVEs have jitter and never come twice in a second', () => {
    const delays = [0, 0.999].map((random) => {
      const machine = new BgpFsm({ passive: false, retryDelayMs: () => 1, random: () => random });
      for (const e of [START, CONNECTED]) machine.handle(e);
      return (holdTimeSeconds: number): number | undefined =>
        machine
          .handle({ type: 'BgpOpen', holdTimeSeconds, keepaliveSeconds: holdTimeSeconds / 3 })
          .flatMap((a) => (a.type === 'startTimer' && a.timer === 'Keepalive' ? [a.ms] : []))[0];
    });
    expect(delays.map((d) => Math.round(d(90) ?? 0))).toEqual([22_500, 29_993]);
    const machine = new BgpFsm({ passive: false, retryDelayMs: () => 1, random: () => 0 });
    for (const e of [START, CONNECTED]) machine.handle(e);
    const fast = machine.handle({ type: 'BgpOpen', holdTimeSeconds: 3, keepaliveSeconds: 1 });
    expect(fast).toContainEqual({ type: 'startTimer', timer: 'Keepalive', ms: 1_000 });
  });
});
