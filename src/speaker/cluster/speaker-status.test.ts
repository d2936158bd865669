import { expect, it } from 'vitest';
import { type SessionReport, speakerStatusOf } from './speaker-status.ts';

const session = (peer: string, more: Partial<SessionReport> = {}): SessionReport => ({
  peer,
  peerAddress: '192.0.2.1',
  peerPort: 179,
  localASN: 64_512,
  peerASN: 64_513,
  state: 'Established',
  since: '2026-06-01T00:00:00Z',
  cause: null,
  message: null,
  flaps: 0,
  lastReset: null,
  holdTimeSeconds: 90,
  keepaliveSeconds: 30,
  bfdState: 'Up',
  bfdMessage: null,
  expectedFailoverMilliseconds: 900,
  prefixesWanted: 2,
  prefixesAnnounced: 2,
  ...more,
});

it('counts, and leaves out what there is not', () => {
  const down = { state: 'Idle', cause: 'refused', message: 'no', peerASN: null, peerAddress: null } as const;
  expect(speakerStatusOf('node1', [session('a'), session('b', down)], 3)).toEqual({
    node: 'node1',
    sessions: [
      {
        peer: 'a',
        peerAddress: '192.0.2.1',
        peerPort: 179,
        localASN: 64_512,
        peerASN: 64_513,
        state: 'Established',
        since: '2026-06-01T00:00:00Z',
        flaps: 0,
        holdTimeSeconds: 90,
        keepaliveSeconds: 30,
        bfdState: 'Up',
        expectedFailoverMilliseconds: 900,
        prefixesWanted: 2,
        prefixesAnnounced: 2,
      },
      expect.not.objectContaining({ peerASN: null }),
    ],
    counts: { sessions: 2, established: 1, services: 3 },
  });
});

it('says the same in whichever order the sessions came to be', () => {
  const [a, b] = [session('a'), session('b')];
  expect(JSON.stringify(speakerStatusOf('node1', [b, a], 0))).toBe(JSON.stringify(speakerStatusOf('node1', [a, b], 0)));
});

it('stays an object that the API takes with hundreds of sessions, whatever routers say', () => {
  const words = '😀'.repeat(5_000);
  const sessions = Array.from({ length: 500 }, (_, i) =>
    session(`peer-${i}`, { state: 'Idle', cause: 'notificationReceived', message: words, lastReset: words }),
  );
  const status = speakerStatusOf('node1', sessions, 0);
  const { sessions: said } = status as { readonly sessions: readonly { readonly message: string }[] };
  expect(said.every(({ message }) => message.isWellFormed() && message.length <= 512)).toBe(true);
  // That is what etcd takes.
  expect(new TextEncoder().encode(JSON.stringify(status)).length).toBeLessThan(1_500_000);
});
