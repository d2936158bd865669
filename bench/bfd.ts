/**
 * BFD at scale: what our thread costs beside FRR's bfdd and BIRD, which are the neighbors in the same run; 400 sessions with ourselves; memory; gaps
 * between packets as they are seen on the wire. In network namespaces, as root.
 */
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bird } from '../lab/bird.ts';
import { Frr } from '../lab/frr.ts';
import { run } from '../lab/run.ts';
import { Sandbox } from '../lab/sandbox.ts';
import { GapCapture, type Gaps } from './bfd-gaps.ts';
import { BfdStage, DEVICE, isNodeAddress, nodeAddress, routerAddress, stageObstacle } from './bfd-stage.ts';
import type { JsonChild } from './process.ts';
import { demand, fixed, print, table } from './report.ts';
import { busyTicks, ranFor, taskTimes } from './tasks.ts';

const TIMING = { intervalMs: 50, detectMult: 3 } as const;
/** Until V8 has compiled what runs often. */
const SETTLE_MS = 15_000;
const CPU_SECONDS = 20;
const CAPTURE_SECONDS = 10;
const UP_WITHIN_MS = 60_000;
/** Of a processor, for 100 sessions. */
const CPU_BOUND = 0.1;

/** Who is at the other end: a process to measure. */
interface Neighbor {
  readonly name: string;
  readonly pid: number;
  /** The thread that BFD runs in, where it is not all of the process. */
  readonly thread: string | null;
  /** Where it is ourselves. */
  readonly end?: JsonChild;
}

interface Opponent {
  readonly sessions: number;
  start(sandbox: Sandbox, stage: BfdStage): Promise<Neighbor>;
}

export async function bfd(): Promise<void> {
  print(`\nBFD, ${TIMING.intervalMs} ms x ${TIMING.detectMult}, over a veth pair`);
  const obstacle = await stageObstacle(['frr', 'bird2']);
  if (obstacle !== null) {
    print(`  left out: ${obstacle}`);
    return;
  }
  const rows: (readonly string[])[] = [
    ['SESSIONS', 'WHO', 'WITH', 'CPU', 'PROCESS', 'GAPS: SHORTEST', 'MEDIAN', 'P99', 'LONGEST'],
  ];
  const found: Found[] = [];
  for (const opponent of [frr, bird, ourselves(100), ourselves(400)]) {
    const each = await measure(opponent);
    found.push(each);
    rows.push(...each.rows);
  }
  table(rows);
  print(`  CPU: of one processor over ${CPU_SECONDS} s, the thread of BFD alone; PROCESS: all of its threads.`);
  for (const { sessions, neighbor, load } of found) print(`  ${sessions} with ${neighbor}: ${load}`);
  for (const { sessions, neighbor, share, stable } of found) {
    demand(`${sessions} with ${neighbor}: all Up, and none was Down`, stable);
    if (sessions > 100) continue;
    demand(`${sessions} with ${neighbor}: ${fixed(100 * share)} % of a processor, at most 10 %`, share <= CPU_BOUND);
  }
  await memory();
}

const frr: Opponent = {
  sessions: 100,
  async start(sandbox, stage) {
    const timing = `receive-interval ${TIMING.intervalMs}\n  transmit-interval ${TIMING.intervalMs}\n  detect-multiplier ${TIMING.detectMult}`;
    const peers = stage.each(
      (i) =>
        ` peer ${nodeAddress(i)} local-address ${routerAddress(i)} interface ${DEVICE}\n  ${timing}\n  no shutdown\n !\n`,
    );
    const { router } = stage;
    const config = `bfd\n${peers.join('')}`;
    const { software } = await Frr.start({ sandbox, namespace: router, address: routerAddress(0), config });
    const pid = readFileSync(join(sandbox.directory, `frr-${router.name}`, 'bfdd.pid'), 'utf8');
    return { name: `${software} bfdd`, pid: Number(pid), thread: null };
  },
};

const bird: Opponent = {
  sessions: 100,
  async start(sandbox, stage) {
    const neighbors = stage.each((i) => `  neighbor ${nodeAddress(i)} dev "${DEVICE}" local ${routerAddress(i)};\n`);
    const { router } = stage;
    const config = `router id ${routerAddress(0)};
protocol device {}
protocol bfd {
  interface "${DEVICE}" { interval ${TIMING.intervalMs} ms; multiplier ${TIMING.detectMult}; };
${neighbors.join('')}}
`;
    const { software } = await Bird.start({ sandbox, namespace: router, address: routerAddress(0), config });
    const pid = readFileSync(join(sandbox.directory, `bird-${router.name}`, 'bird.pid'), 'utf8');
    return { name: software, pid: Number(pid), thread: null };
  },
};

const ourselves = (sessions: number): Opponent => ({
  sessions,
  start: async (_, stage) => {
    const end = stage.end('router');
    return { name: 'ourselves', pid: end.pid, thread: 'bfd', end };
  },
});

interface Found {
  readonly sessions: number;
  readonly neighbor: string;
  /** Of a processor, our thread. */
  readonly share: number;
  readonly stable: boolean;
  readonly load: string;
  readonly rows: readonly (readonly string[])[];
}

async function measure({ sessions, start }: Opponent): Promise<Found> {
  await using sandbox = new Sandbox('root');
  const stage = await BfdStage.build(sandbox, sessions, TIMING);
  const neighbor = await start(sandbox, stage);
  // As a router has its processor for itself: else it is their waiting for a processor that makes sessions go down.
  if (neighbor.end === undefined) await run(['chrt', '--all-tasks', '--rr', '--pid', '1', `${neighbor.pid}`]);
  await using end = stage.end('node');
  await using _other = neighbor.end;
  await end.event('allUp', UP_WITHIN_MS);
  await sleep(SETTLE_MS);
  const before = await end.ask('report', 'report');
  const cpu = await shares(end.pid, neighbor);
  const capture = new GapCapture(stage.node, DEVICE);
  await sleep(CAPTURE_SECONDS * 1_000);
  await capture.stop();
  const after = await end.ask('report', 'report');
  const row = (who: string, by: string, share: readonly [number, number], gaps: Gaps): readonly string[] => [
    ...[String(sessions), who, by, `${fixed(100 * share[0])} %`, `${fixed(100 * share[1])} %`],
    ...[gaps.shortest, gaps.median, gaps.p99, gaps.longest].map((ms) => `${fixed(ms)} ms`),
  ];
  const ours = capture.gaps(isNodeAddress);
  const theirs = capture.gaps((address) => !isNodeAddress(address));
  return {
    ...{ sessions, neighbor: neighbor.name, share: cpu.ours[0], load: cpu.load },
    stable: after.up === sessions && after.downs === before.downs,
    rows: [row('ours', neighbor.name, cpu.ours, ours), row(neighbor.name, 'ours', cpu.theirs, theirs)],
  };
}

/** Shares of a processor, of the thread of BFD and of the whole process, and what else the machine did. */
async function shares(end: number, neighbor: Neighbor) {
  const read = () => ({ at: performance.now(), ours: taskTimes(end), theirs: taskTimes(neighbor.pid), ...busyTicks() });
  const before = read();
  await sleep(CPU_SECONDS * 1_000);
  const after = read();
  const ns = (after.at - before.at) * 1e6;
  const of = (who: 'ours' | 'theirs', thread: string | null): readonly [number, number] => [
    ranFor(before[who], after[who], thread) / ns,
    ranFor(before[who], after[who]) / ns,
  ];
  const [ours, theirs] = [of('ours', 'bfd'), of('theirs', neighbor.thread)];
  const busy = (cpus().length * (after.busy - before.busy)) / (after.all - before.all);
  const rest = Math.max(0, busy - ours[1] - theirs[1]);
  const average = fixed(loadavg()[0] ?? 0, 1);
  return {
    ours,
    theirs,
    load: `other work took ${fixed(rest, 2)} of ${cpus().length} processors, load average ${average}`,
  };
}

/** What a session adds to a process, sessions with ourselves. */
async function memory(): Promise<void> {
  const resident = async (sessions: number): Promise<number> => {
    await using sandbox = new Sandbox('root');
    const stage = await BfdStage.build(sandbox, sessions, TIMING);
    await using end = stage.end('node');
    await using _other = stage.end('router');
    await end.event('allUp', UP_WITHIN_MS);
    await sleep(SETTLE_MS);
    return (await end.ask('report', 'report')).residentMegabytes ?? Number.NaN;
  };
  const [one, many] = [await resident(1), await resident(400)];
  table([
    ['RESIDENT MEMORY', 'RUNTIME INCLUDED'],
    ['1 session', `${fixed(one)} MB`],
    ['400 sessions', `${fixed(many)} MB, ${fixed(((many - one) * 1_024) / 399)} KB for each`],
  ]);
}
