import { expect, it } from 'vitest';
import type { SpeakerSession } from '../session.ts';
import { SessionReports, timestamp } from './session-report.ts';

let now = Date.UTC(2026, 5, 1);
const reports = new SessionReports(() => new Date(now));

function session(status: object = {}, more: object = {}): SpeakerSession {
  return {
    peer: {
      name: 'r1',
      peerAddress: { family: 4, value: 0xc0_00_02_01n },
      peerPort: 179,
      myASN: 64_512,
      localASN: null,
      peerASN: null,
      holdTimeSeconds: 180,
      keepaliveSeconds: 60,
    },
    engine: {
      status: { state: 'Idle', session: null, establishedCount: 0, prefixes: { wanted: 3, advertised: 0 }, ...status },
    },
    cause: { cause: 'refused', message: 'no', help: '', evidence: null },
    lastReset: null,
    bfd: null,
    expectedFailover: null,
    ...more,
  } as unknown as SpeakerSession;
}

it('is what is configured until something was agreed', () => {
  expect(reports.of(session())).toMatchObject({
    peer: 'r1',
    peerAddress: '192.0.2.1',
    localASN: 64_512,
    peerASN: null,
    state: 'Idle',
    cause: 'refused',
    message: 'no',
    flaps: 0,
    holdTimeSeconds: 180,
    keepaliveSeconds: 60,
    prefixesWanted: 3,
    prefixesAnnounced: 0,
  });
});

it('is what was agreed, and has no cause, while it is up', () => {
  const agreed = { open: { asn: 64_999 }, holdTimeSeconds: 90, keepaliveSeconds: 30 };
  const up = session({ state: 'Established', session: agreed, establishedCount: 3 }, { cause: null });
  expect(reports.of(up)).toMatchObject({ peerASN: 64_999, holdTimeSeconds: 90, keepaliveSeconds: 30, flaps: 2 });
  expect(reports.of(up)).toMatchObject({ cause: null, message: null, lastReset: null });
  const down = session({ establishedCount: 3 }, { lastReset: { cause: 'linkDown', message: 'eth0' } });
  expect(reports.of(down)).toMatchObject({ flaps: 3, lastReset: 'linkDown: eth0' });
});

it('says how BFD is, and how soon a router gives the node up', () => {
  const bfd = { state: 'Down', cause: { cause: 'noPacket', message: 'no BFD packet' } };
  expect(reports.of(session({}, { bfd, expectedFailover: { ms: 90_000, by: 'holdTime' } }))).toMatchObject({
    bfdState: 'Down',
    bfdMessage: 'no BFD packet',
    expectedFailoverMilliseconds: 90_000,
  });
  expect(reports.of(session())).toMatchObject({ bfdState: null, bfdMessage: null, expectedFailoverMilliseconds: null });
});

it('says since when it is up or is not, whatever it goes through meanwhile', () => {
  const one = session();
  expect(reports.of(one).since).toBe('2026-06-01T00:00:00Z');
  now += 5_000;
  reports.note(one, { type: 'state', from: 'Idle', to: 'Connect' });
  reports.note(one, { type: 'routesSent' });
  expect(reports.of(one).since).toBe('2026-06-01T00:00:00Z');
  reports.note(one, { type: 'state', from: 'OpenConfirm', to: 'Established' });
  now += 5_000;
  expect(reports.of(one).since).toBe('2026-06-01T00:00:05Z');
  reports.note(one, { type: 'state', from: 'Established', to: 'Idle' });
  expect(reports.of(one).since).toBe('2026-06-01T00:00:10Z');
});

it('writes times as the API does', () => {
  expect(timestamp(new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678)))).toBe('2026-01-02T03:04:05Z');
});
