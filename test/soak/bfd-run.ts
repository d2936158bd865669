/** BFD while every processor is busy, with ourselves in another process over a veth pair: nobody is called dead who is not. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { GapCapture } from '../../bench/bfd-gaps.ts';
import { BfdStage, DEVICE } from '../../bench/bfd-stage.ts';
import type { JsonChild } from '../../bench/process.ts';
import { Sandbox } from '../../lab/sandbox.ts';

export const SESSIONS = 32;
const TIMING = { intervalMs: 100, detectMult: 3 } as const;
const UP_WITHIN_MS = 60_000;
const REPORT_EVERY_MS = 60_000;

/** What came of it: the longest gap on the wire, and how often a session of either end has left Up. */
export interface Soaked {
  readonly longestGapMs: number;
  readonly downs: number;
  readonly up: readonly number[];
}

/** Runs for so long, and says each minute how it goes. */
export async function soakBfd(seconds: number, print: (line: string) => void): Promise<Soaked> {
  await using sandbox = new Sandbox('root');
  const stage = await BfdStage.build(sandbox, SESSIONS, TIMING);
  const busy = cpus().map(() => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  try {
    await using node = stage.end('node');
    await using router = stage.end('router');
    return await watch(stage, [node, router], seconds, print);
  } finally {
    for (const each of busy) await stop(each);
  }
}

async function watch(
  stage: BfdStage,
  ends: readonly JsonChild[],
  seconds: number,
  print: (line: string) => void,
): Promise<Soaked> {
  for (const end of ends) await end.event('allUp', UP_WITHIN_MS);
  const { policy = 'unknown' } = (await ends[0]?.event('scheduling', UP_WITHIN_MS)) ?? {};
  print(`All Up; scheduling: ${policy}.`);
  const capture = new GapCapture(stage.node, DEVICE);
  const until = performance.now() + seconds * 1_000;
  let reports = await Promise.all(ends.map((end) => end.ask('report', 'report')));
  while (performance.now() < until) {
    await sleep(Math.min(REPORT_EVERY_MS, until - performance.now()));
    reports = await Promise.all(ends.map((end) => end.ask('report', 'report')));
    const { packets, longest } = capture;
    const downs = reports.reduce((sum, report) => sum + (report.downs ?? 0), 0);
    print(
      `${Math.round(seconds - (until - performance.now()) / 1_000)} s: ${packets} packets, longest gap ${longest.toFixed(1)} ms, ${downs} Down, load average ${(loadavg()[0] ?? 0).toFixed(1)}`,
    );
  }
  await capture.stop();
  const gaps = capture.gaps(() => true);
  const lateness = Math.max(...reports.map(({ worstLatenessMs = 0 }) => worstLatenessMs));
  print(`The latest packet was sent ${lateness.toFixed(1)} ms later than meant, sessions coming up included.`);
  print(
    `Gaps between the packets of a session on the wire: ${gaps.shortest.toFixed(1)} to ${gaps.longest.toFixed(1)} ms, median ${gaps.median.toFixed(1)} ms, 99 % within ${gaps.p99.toFixed(1)} ms.`,
  );
  return {
    longestGapMs: gaps.longest,
    downs: reports.reduce((sum, { downs = 0 }) => sum + downs, 0),
    up: reports.map(({ up = 0 }) => up),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
