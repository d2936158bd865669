/** What both sides say of BFD on the cluster: the routers, and each speaker in its SpeakerStatus and in the state that it prints. */
import { expect } from 'vitest';
import { ROUTERS } from '../../../lab/guide.ts';
import { until } from '../../../lab/run.ts';
import type { Harness } from '../harness.ts';

const SYSTEM = ['-n', 'metallb-system'];

/** The guide's profile, as both sides have agreed on it. */
const INTERVAL_MS = 300;
const MULTIPLIER = 3;
const DETECTION_MS = INTERVAL_MS * MULTIPLIER;

const isFar = (router: string): boolean => ROUTERS.some(({ name, dataCenter }) => name === router && dataCenter === 2);

type FrrPeer = Readonly<Record<string, unknown>> & { readonly peer: string; readonly status: string };

/** FRR's word for a session that is Up by the guide's profile. */
const upOnFrr = (router: string) => ({
  status: 'up',
  multihop: isFar(router),
  'receive-interval': INTERVAL_MS,
  'transmit-interval': INTERVAL_MS,
  'detect-multiplier': MULTIPLIER,
  'remote-receive-interval': INTERVAL_MS,
  'remote-transmit-interval': INTERVAL_MS,
  'remote-detect-multiplier': MULTIPLIER,
});

/** Waits until every router has BFD Up with every node, by the guide's profile on both sides. */
export async function untilBfdUp({ cluster }: Harness): Promise<void> {
  for (const router of cluster.routers) {
    const wanted = Object.entries(upOnFrr(router.name));
    await until(`BFD of ${router.name}`, () => router.json<readonly FrrPeer[]>('show bfd peers'), {
      timeoutMs: 60_000,
      everyMs: 200,
      done: (peers) => peers.length === 3 && peers.every((peer) => wanted.every(([key, value]) => peer[key] === value)),
    });
  }
}

interface SpeakerStatus {
  readonly metadata: { readonly name: string };
  readonly status: { readonly sessions: readonly SessionReport[] };
}
interface SessionReport {
  readonly peer: string;
  readonly state: string;
  readonly cause?: string;
  readonly bfdState?: string;
  readonly bfdMessage?: string;
  readonly expectedFailoverMilliseconds?: number;
}

/** By node the sessions of its SpeakerStatus. */
export async function speakerStatuses({ kubectl }: Harness): Promise<ReadonlyMap<string, readonly SessionReport[]>> {
  const text = await kubectl('get', 'speakerstatuses', ...SYSTEM, '-o', 'json');
  const { items } = JSON.parse(text) as { readonly items: readonly SpeakerStatus[] };
  return new Map(items.map(({ metadata, status }) => [metadata.name, status.sessions]));
}

/** Every session of every SpeakerStatus says BFD Up, and how soon its router would give up the node. */
export async function untilStatusesUp(harness: Harness): Promise<void> {
  const up = (session: SessionReport): boolean =>
    session.state === 'Established' &&
    session.bfdState === 'Up' &&
    session.bfdMessage === undefined &&
    session.expectedFailoverMilliseconds === DETECTION_MS;
  await until('SpeakerStatuses with BFD Up', async () => [...(await speakerStatuses(harness)).values()], {
    timeoutMs: 30_000,
    everyMs: 500,
    done: (nodes) => nodes.length === 3 && nodes.every((sessions) => sessions.length === 4 && sessions.every(up)),
  });
}

interface SessionState {
  readonly peer: string;
  readonly bfd: Readonly<Record<string, unknown>> & { readonly downCount: number; readonly worstLatenessMs: number };
}

/** What the speaker of a Pod says of its sessions when it is sent SIGUSR1. */
async function printedState({ kubectl }: Harness, pod: string): Promise<readonly SessionState[]> {
  const answers = async (): Promise<readonly string[]> =>
    (await kubectl('logs', ...SYSTEM, pod)).split('\n').filter((line) => line.includes('"event":"state"'));
  const before = (await answers()).length;
  await kubectl('exec', ...SYSTEM, pod, '--', 'sh', '-c', 'kill -USR1 1');
  const lines = await until(`the state of ${pod}`, answers, {
    timeoutMs: 10_000,
    everyMs: 200,
    done: ({ length }) => length > before,
  });
  const answer = JSON.parse(lines.at(-1) ?? '') as {
    readonly state: { readonly speaker: { readonly sessions: readonly SessionState[] } };
  };
  return answer.state.speaker.sessions;
}

/** Each speaker's printed state has what was negotiated; answers how often a session was Down, and how late a packet was at worst. */
export async function expectStatesUp(
  harness: Harness,
): Promise<{ readonly downs: number; readonly worstLatenessMs: number }> {
  const names = ['get', 'pods', ...SYSTEM, '-l', 'component=speaker', '-o', 'jsonpath={.items[*].metadata.name}'];
  const pods = (await harness.kubectl(...names)).split(' ');
  expect(pods).toHaveLength(3);
  let [downs, worstLatenessMs] = [0, 0];
  for (const pod of pods) {
    const sessions = await printedState(harness, pod);
    expect(sessions.map(({ peer }) => peer).sort()).toEqual(ROUTERS.map(({ name }) => name));
    for (const { peer, bfd } of sessions) {
      expect(bfd, `${pod}, ${peer}`).toMatchObject({
        profile: 'production-bfd',
        state: 'Up',
        remoteState: 'Up',
        cause: null,
        type: isFar(peer) ? 'multihop' : 'singleHop',
        minimumTtl: isFar(peer) ? 254 : null,
        transmitIntervalMs: INTERVAL_MS,
        detectMultiplier: MULTIPLIER,
        detectionTimeMs: DETECTION_MS,
        remote: {
          minReceiveIntervalMs: INTERVAL_MS,
          transmitIntervalMs: INTERVAL_MS,
          detectMultiplier: MULTIPLIER,
        },
      });
      downs += bfd.downCount;
      worstLatenessMs = Math.max(worstLatenessMs, bfd.worstLatenessMs);
    }
  }
  return { downs, worstLatenessMs };
}
