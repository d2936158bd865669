/** `World` on a cluster of 10,000 Services, `metallb plan` of the same cluster, and the allocator on its own. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { measure } from './measure.ts';
import { demand, fixed, median, print, table } from './report.ts';
import { clusterOf, WORLD } from './world-cluster.ts';
import type { WorldFigures } from './world-run.ts';

const ROOT = resolve(import.meta.dirname, '..');
/** One change to its decision; an edit that concerns every Service. */
const ONE_MS = 1;
const ALL_MS = 150;

export async function world(runCount: number): Promise<void> {
  for (const layer2 of [false, true])
    for (const view of ['controller', 'speaker'] as const) await changes(view, layer2, runCount);
  await allocations(runCount);
  await plans(runCount);
}

async function changes(view: 'controller' | 'speaker', layer2: boolean, runCount: number): Promise<void> {
  const { services, nodes, peers, pools } = WORLD;
  print(
    `\nWorld, the ${view}'s view: ${services} Services of 3 endpoints, ${nodes} nodes, ${peers} peers of which a node has 2, ${pools * peers} advertisements${layer2 ? `, and ${pools} L2Advertisements of all nodes` : ''}`,
  );
  const runs: WorldFigures[] = [];
  for (let i = 0; i < runCount; i++)
    runs.push(JSON.parse(await outputOf('world-run.ts', view, ...(layer2 ? ['layer2'] : []))) as WorldFigures);
  const rows = [['ONE STEP', 'STEPS', 'P50', 'P99', 'SLOWEST', 'ROUTES SENT']];
  const names = runs[0]?.figures.map(({ what }) => what) ?? [];
  for (const [i, what] of names.entries()) {
    const pick = (field: 'count' | 'p50' | 'p99' | 'max' | 'routes'): number =>
      median(runs.map(({ figures }) => figures[i]?.[field] ?? Number.NaN));
    const ms = (value: number): string => `${fixed(value, 3)} ms`;
    rows.push([what, String(pick('count')), ms(pick('p50')), ms(pick('p99')), ms(pick('max')), String(pick('routes'))]);
    // The many small steps by their 99th percentile; of the few large ones, of which each is one, by the median.
    if (what.startsWith('one: ')) demand(`${what}: p99 in ${ONE_MS} ms (${ms(pick('p99'))})`, pick('p99') <= ONE_MS);
    if (what.startsWith('all: ')) demand(`${what}: ${ALL_MS} ms (${ms(pick('p50'))})`, pick('p50') <= ALL_MS);
  }
  table(rows);
  const startMs = median(runs.map((run) => run.startMs));
  const held = median(runs.map((run) => run.heldMegabytes));
  demand(
    `start from lists in 1.5 s (${fixed(startMs / 1000, 2)} s, ${fixed(held)} MB held afterwards)`,
    startMs <= 1_500,
  );
}

interface AllocatorFigures {
  readonly pool: string;
  /** Microseconds a release and an allocation, for each tenth of the million. */
  readonly microseconds: readonly number[];
}

async function allocations(runCount: number): Promise<void> {
  print('\nAllocator: 1,000,000 times an address is released and another one given, with 50,000 in use');
  const rows = [['POOL', 'FIRST TENTH', 'LAST TENTH', 'SLOWEST TENTH']];
  for (const pool of ['10.16.0.0/12', 'fc00::/64']) {
    const runs: AllocatorFigures[] = [];
    for (let i = 0; i < runCount; i++)
      runs.push(JSON.parse(await outputOf('allocator-run.ts', pool)) as AllocatorFigures);
    const tenths =
      runs[0]?.microseconds.map((_, i) => median(runs.map((run) => run.microseconds[i] ?? Number.NaN))) ?? [];
    const [first, last] = [tenths[0] ?? Number.NaN, tenths.at(-1) ?? Number.NaN];
    rows.push([pool, `${fixed(first, 2)} us`, `${fixed(last, 2)} us`, `${fixed(Math.max(...tenths), 2)} us`]);
    demand(`${pool}: the last tenth costs less than twice the first`, last < 2 * first);
  }
  table(rows);
}

async function plans(runCount: number): Promise<void> {
  print('\nmetallb plan -o text of the same cluster, the whole process');
  const directory = mkdtempSync(join(tmpdir(), 'metallb-bench-'));
  try {
    const items = [...clusterOf(WORLD)].map(({ body }) => body);
    writeFileSync(join(directory, 'cluster.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const runs = [];
    for (let i = 0; i < runCount; i++)
      runs.push(await measure(process.execPath, [join(ROOT, 'bin/metallb.js'), 'plan', directory], ROOT));
    const [seconds, peak] = [median(runs.map((run) => run.seconds)), median(runs.map((run) => run.peakMegabytes))];
    if (runs.some(({ status }) => status !== 0)) throw new Error(`metallb plan failed: ${runs[0]?.stderr}`);
    demand(`in 8 s and 1.2 GB (${fixed(seconds, 2)} s, ${fixed(peak, 0)} MB)`, seconds <= 8 && peak <= 1_228);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function outputOf(script: string, ...argv: readonly string[]): Promise<string> {
  return new Promise((done, fail) => {
    const args = ['--expose-gc', join(import.meta.dirname, script), ...argv];
    execFile(process.execPath, args, (error, stdout) => (error === null ? done(stdout) : fail(error)));
  });
}
