/**
 * The speaker with the guide's BFD profile, from a folder, towards FRR (bgpd and bfdd) and BIRD in namespaces: what the routers' own commands say, and how
 * long a route stays in their forwarding table after a silent cut.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bird } from '../../../lab/bird.ts';
import type { Daemon } from '../../../lab/daemon.ts';
import { Frr } from '../../../lab/frr.ts';
import { forward } from '../../../lab/netns.ts';
import { NODE, type PairOptions, PREFIXES, ROUTER } from '../../../lab/pair.ts';
import { testObstacle, titled } from '../../../lab/requirements.ts';
import type { BfdRouter } from '../../../lab/router.ts';
import { run, until } from '../../../lab/run.ts';
import { type LogLine, type SessionState, speakerLog, speakerSessions } from '../../../lab/speaker.ts';
import { BfdNetwork } from './network.ts';

/** The guide's "Enable BFD", word for word but for what the test changes. */
const profile = (over: Readonly<Record<string, number | boolean>> = {}): string => {
  const spec = {
    receiveInterval: 300,
    transmitInterval: 300,
    detectMultiplier: 3,
    echoMode: false,
    passiveMode: false,
    minimumTtl: 254,
    ...over,
  };
  const lines = Object.entries(spec).map(([field, value]) => `  ${field}: ${value}\n`);
  return `apiVersion: metallb.io/v1beta1\nkind: BFDProfile\nmetadata: { name: production-bfd, namespace: metallb-system }\nspec:\n${lines.join('')}`;
};
const WITH_BFD = ['bfdProfile: production-bfd'];
const HOLD = '90s';

interface BfdState {
  readonly state: string;
  readonly type: string;
  readonly detectionTimeMs?: number;
  readonly cause: { readonly cause: string; readonly message: string } | null;
  readonly downCount?: number;
  readonly echo?: { readonly state: string; readonly sent: number; readonly returned: number } | null;
}
interface WatchedSession extends SessionState {
  readonly bfd: BfdState | null;
  readonly expectedFailover: { readonly ms: number | null; readonly by: string } | null;
}

interface FrrPeer {
  readonly status: string;
  readonly 'remote-diagnostic': string;
  readonly 'remote-transmit-interval': number;
  readonly 'remote-receive-interval': number;
}

const frrObstacle = await testObstacle('root', ['frr', 'nftables']);
const birdObstacle = await testObstacle('root', ['bird2', 'nftables']);

let network: BfdNetwork;
let speaker: Daemon | undefined;

beforeEach(async () => {
  speaker = undefined;
  network = await BfdNetwork.build();
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') process.stdout.write((await speaker?.stdout().catch(() => '')) ?? '');
  await network.sandbox.close();
});

const options = (spec: readonly string[]): PairOptions => ({ families: ['ipv4'], holdTime: HOLD, spec });
const writeProfile = (text: string): void =>
  writeFileSync(join(network.sandbox.subdirectory('manifests'), 'profile.yaml'), text);

function start(spec: readonly string[] = WITH_BFD): void {
  writeProfile(profile());
  speaker = network.pair.startSpeaker(options(spec));
}

function running(): Daemon {
  if (speaker === undefined) throw new Error('the speaker has not been started');
  return speaker;
}

const session = async (): Promise<WatchedSession> => {
  const [one] = (await speakerSessions(running())) as readonly WatchedSession[];
  if (one === undefined) throw new Error('the speaker has no session');
  return one;
};
const ours = (what: string, done: (session: WatchedSession) => boolean): Promise<WatchedSession> =>
  until(what, session, { timeoutMs: 30_000, everyMs: 200, done });
const log = async (event: string): Promise<readonly LogLine[]> =>
  (await speakerLog(running())).filter((line) => line.event === event);

const routeOn = (router: BfdRouter, wanted: boolean, timeoutMs = 30_000): Promise<readonly string[]> =>
  until(`the route of ${router.name} ${wanted ? 'there' : 'gone'}`, () => router.nextHops(PREFIXES.ipv4), {
    timeoutMs,
    everyMs: 20,
    done: (hops) => hops.length > 0 === wanted,
  });
const bfdUpOn = (router: BfdRouter): Promise<unknown> =>
  until(`BFD Up on ${router.name}`, () => router.bfdSessions(), {
    timeoutMs: 30_000,
    done: (sessions) => sessions.some(({ neighbor, isUp }) => neighbor === NODE.ipv4 && isUp),
  });
const allUp = async (router: BfdRouter): Promise<void> => {
  await routeOn(router, true);
  await bfdUpOn(router);
  await ours('BFD with its own interval', ({ state, bfd }) => state === 'Established' && bfd?.detectionTimeMs === 900);
};

/** A router has its processor for itself; here it shares two with all the rest, and BFD of a daemon that waits for its turn is Down. */
const prioritise = async (directory: string, daemon: string): Promise<void> => {
  const pid = readFileSync(join(directory, `${daemon}.pid`), 'utf8').trim();
  await run(['chrt', '--all-tasks', '--rr', '--pid', '1', pid]);
};

/** How long the route stayed after everything between the two was lost without a word. */
async function cutUntilGone(router: BfdRouter): Promise<number> {
  const at = await network.cut();
  await routeOn(router, false, 20_000);
  return Date.now() - at;
}

describe.skipIf(frrObstacle !== undefined)(titled('the speaker with BFD, towards FRR', frrObstacle), () => {
  let frr: Frr;

  const config = (bfd = true): string => `
router bgp 64512
 bgp router-id ${ROUTER.ipv4}
 no bgp ebgp-requires-policy
 neighbor ${NODE.ipv4} remote-as 64513
 neighbor ${NODE.ipv4} timers connect 1
${bfd ? ` neighbor ${NODE.ipv4} bfd\n neighbor ${NODE.ipv4} bfd profile production-bfd\n` : ''}!
bfd
 profile production-bfd
  receive-interval 300
  transmit-interval 300
  detect-multiplier 3
 !
!
`;
  const startFrr = async (bfd = true): Promise<void> => {
    const { sandbox, pair } = network;
    frr = await Frr.start({ sandbox, namespace: pair.router, address: ROUTER.ipv4, config: config(bfd).trimStart() });
    expect(frr.remarks).toBe('');
    for (const daemon of ['zebra', 'bgpd', 'bfdd']) await prioritise(sandbox.subdirectory('frr-router'), daemon);
    if (bfd) await until('a BFD session at FRR', registered, { timeoutMs: 30_000, everyMs: 2_000, done: (is) => is });
  };
  /** What bgpd asks for before bfdd has found zebra is lost: then it asks again. */
  const registered = async (): Promise<boolean> => {
    if ((await frr.bfdSessions()).length > 0) return true;
    const neighbor = `neighbor ${NODE.ipv4} bfd`;
    await frr.configure('router bgp 64512', `no ${neighbor}`, neighbor, `${neighbor} profile production-bfd`);
    return false;
  };
  const timesUp = async (): Promise<number> => (await log('sessionUp')).length;

  it('BFD is Up, the fail-over that is expected is the one that is seen, and the router hears why', async () => {
    await startFrr();
    start();
    await allUp(frr);
    expect(await session()).toMatchObject({
      bfd: { state: 'Up', type: 'singleHop', detectionTimeMs: 900, cause: null },
      expectedFailover: { ms: 900, by: 'bfd' },
    });
    expect(await frr.vtysh('show bgp neighbors')).toMatch(/BFD: Type: single hop[\s\S]*Status: Up/);
    // FRR 8.4 makes its BFD session anew when BGP is first up, for which ours has waited.
    expect([await timesUp(), (await log('bfdDown')).length]).toEqual([1, 0]);
    const tookMs = await cutUntilGone(frr);
    expect(tookMs).toBeLessThan(1_500);
    const downs = await until('bfdDown', () => log('bfdDown'), {
      timeoutMs: 5_000,
      done: ({ length }) => length > 0,
    });
    expect(downs.at(-1)).toMatchObject({ endsSession: true, cause: 'detectionTimeExpired' });
    expect(await session()).toMatchObject({ cause: { cause: 'bfdDown' }, expectedFailover: null });
    await network.mend();
    await allUp(frr);
    // Nothing else ended the session meanwhile.
    expect((await log('bfdDown')).length).toBe(1);
  });

  it('echoMode watches the path by the packets that the router forwards, and its Down says so', async () => {
    await forward(network.pair.router);
    await startFrr();
    writeProfile(profile({ echoMode: true, echoInterval: 50 }));
    speaker = network.pair.startSpeaker(options(WITH_BFD));
    await routeOn(frr, true);
    await bfdUpOn(frr);
    const watched = await ours('Echo', ({ state, bfd }) => state === 'Established' && bfd?.echo?.state === 'active');
    // Control packets of the router are asked for once a second, since Echo packets watch its path to us; ours stay.
    await ours('the slow pace', ({ bfd }) => bfd?.detectionTimeMs === 3_000);
    expect(watched).toMatchObject({ expectedFailover: { ms: 900, by: 'bfd' } });
    expect(await log('bfdDown')).toEqual([]);
    const tookMs = await cutUntilGone(frr);
    expect(tookMs).toBeLessThan(1_500);
    const downs = await until('bfdDown', () => log('bfdDown'), {
      timeoutMs: 5_000,
      done: ({ length }) => length > 0,
    });
    expect(downs[0]).toMatchObject({ endsSession: true, cause: 'echoFailed' });
    await network.mend();
    await routeOn(frr, true);
    await ours('Echo again', ({ state, bfd }) => state === 'Established' && bfd?.echo?.state === 'active');
    expect((await log('bfdDown')).length).toBe(1);
  });

  it('a profile that is not there leaves a session the BFD that it has', async () => {
    await startFrr();
    start();
    await allUp(frr);
    network.pair.configure(options(['bfdProfile: nobody']));
    const finding = await until('the finding', async () => (await running().stdout()).split('\n'), {
      timeoutMs: 10_000,
      done: (lines) => lines.some((line) => line.includes('unknown-bfd-profile')),
    });
    expect(finding.find((line) => line.includes('unknown-bfd-profile'))).toContain('goes on with it as it was');
    rmSync(join(network.sandbox.subdirectory('manifests'), 'profile.yaml'));
    await pause(2_000);
    expect(await session()).toMatchObject({ state: 'Established', bfd: { state: 'Up', detectionTimeMs: 900 } });
    expect([await timesUp(), (await log('bfdDown')).length]).toEqual([1, 0]);
    expect(await frr.nextHops(PREFIXES.ipv4)).toEqual([NODE.ipv4]);
    network.pair.configure(options(WITH_BFD));
    writeProfile(profile({ receiveInterval: 500, transmitInterval: 500 }));
    await ours('the profile', ({ bfd }) => bfd?.detectionTimeMs === 1_500);
    expect([await timesUp(), (await log('bfdDown')).length]).toEqual([1, 0]);
  });

  it('a profile that comes, and another one that is negotiated, leave the BGP session alone', async () => {
    await startFrr();
    start([]);
    await routeOn(frr, true);
    expect(await session()).toMatchObject({ bfd: null, expectedFailover: { ms: 90_000, by: 'holdTime' } });
    const before = await timesUp();
    network.pair.configure(options(WITH_BFD));
    await allUp(frr);
    writeProfile(profile({ receiveInterval: 500, transmitInterval: 400 }));
    await ours('the new interval', ({ bfd }) => bfd?.detectionTimeMs === 1_500);
    const [peer] = await until('the new intervals at FRR', () => frr.json<readonly FrrPeer[]>('show bfd peers'), {
      timeoutMs: 10_000,
      done: ([one]) => one?.['remote-transmit-interval'] === 400 && one['remote-receive-interval'] === 500,
    });
    expect(peer?.status).toBe('up');
    expect([await timesUp(), (await log('bfdDown')).length]).toEqual([before, 0]);
    expect(await frr.nextHops(PREFIXES.ipv4)).toEqual([NODE.ipv4]);
  });

  it('BFD that is shut down on the router leaves BGP alone', async () => {
    await startFrr();
    start();
    await allUp(frr);
    const before = await timesUp();
    await frr.configure('bfd', 'profile production-bfd', 'shutdown');
    await ours('AdminDown', ({ bfd }) => bfd?.cause?.cause === 'routerAdminDown');
    expect(await session()).toMatchObject({ state: 'Established', expectedFailover: { by: 'holdTime' } });
    expect(await timesUp()).toBe(before);
    await frr.configure('bfd', 'profile production-bfd', 'no shutdown');
    await ours('BFD Up again', ({ bfd }) => bfd?.state === 'Up');
    expect(await timesUp()).toBe(before);
  });

  it('strictBFD begins the session when BFD is Up, and not before', async () => {
    await startFrr();
    await frr.configure('bfd', 'profile production-bfd', 'shutdown');
    start([...WITH_BFD, 'strictBFD: true']);
    await ours('the reason', ({ cause }) => cause?.cause === 'bfdNotUp');
    await pause(3_000);
    expect(await timesUp()).toBe(0);
    await frr.configure('bfd', 'profile production-bfd', 'no shutdown');
    await allUp(frr);
    const [[bfdUp], [sessionUp]] = [await log('bfdUp'), await log('sessionUp')];
    expect(Date.parse(String(sessionUp?.ts))).toBeGreaterThanOrEqual(Date.parse(String(bfdUp?.ts)));
    // bgpd 8.4 makes its BFD session anew when the BGP session is first up, now that it knows the address of the connection: that is one failure.
    expect(await timesUp()).toBeLessThanOrEqual(2);
  });

  it('a peer that is removed tells AdminDown', async () => {
    await startFrr();
    start();
    await allUp(frr);
    network.pair.configure({ ...options([]), families: [] });
    const [peer] = await until('AdminDown at FRR', () => frr.json<readonly FrrPeer[]>('show bfd peers'), {
      timeoutMs: 10_000,
      everyMs: 50,
      done: ([one]) => one?.status === 'down',
    });
    expect(peer?.['remote-diagnostic']).toBe('administratively down');
    await routeOn(frr, false);
  });
});

describe.skipIf(birdObstacle !== undefined)(titled('the speaker with BFD, towards BIRD', birdObstacle), () => {
  const config = `
log stderr all;
router id ${ROUTER.ipv4};
protocol device {}
protocol kernel { ipv4 { import none; export all; }; }
protocol bfd { interface "eth0" { interval 300 ms; multiplier 3; }; }
protocol bgp node {
  local ${ROUTER.ipv4} as 64512;
  neighbor ${NODE.ipv4} as 64513;
  connect delay time 1;
  error wait time 1, 5;
  bfd on;
  ipv4 { import all; export none; };
}
`;

  it('BFD is Up, a silent cut takes the route out of the forwarding table, and a profile may go', async () => {
    const { sandbox, pair } = network;
    const bird = await Bird.start({ sandbox, namespace: pair.router, address: ROUTER.ipv4, config });
    await prioritise(sandbox.subdirectory('bird-router'), 'bird');
    start();
    await allUp(bird);
    expect(await session()).toMatchObject({
      bfd: { state: 'Up', type: 'singleHop' },
      expectedFailover: { ms: 900, by: 'bfd' },
    });
    expect(await cutUntilGone(bird)).toBeLessThan(1_500);
    await network.mend();
    await allUp(bird);
    // A profile that goes is AdminDown, which is no failure (RFC 5882 section 3.2). BIRD 2.0 and FRR 8.4 take it for one; we end nothing.
    network.pair.configure(options([]));
    await ours('no BFD', ({ bfd }) => bfd === null);
    expect((await log('bfdDown')).length).toBe(1);
    expect(await log('sessionStopping')).toEqual([]);
    await ours('the session', ({ state }) => state === 'Established');
    await routeOn(bird, true);
  });
});
