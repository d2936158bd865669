/** `metallb plan` as a whole process on a large cluster: time, memory, rows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BIG, type ClusterSize, writeCluster } from './big-cluster.ts';
import { type Measured, measure } from './measure.ts';
import { demand, fixed, median, print, table } from './report.ts';

/** Of old space: enough to work in, and far from enough to hold three million rows more (some 100 octets each at least). */
const HEAP_MEGABYTES = 192;

const ROOT = resolve(import.meta.dirname, '..');

export async function planning(runCount: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'metallb-bench-'));
  try {
    await measurePlans(directory, runCount);
    await measureStreaming(directory, runCount);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measurePlans(directory: string, runCount: number): Promise<void> {
  print('\nmetallb plan: the whole process, reading its 6 MB of JSON manifests included');
  const rows = [['SERVICES', 'NODES', 'PEERS', 'FORM', 'TIME', 'PEAK MEMORY', 'OUTPUT', 'ROWS', 'ROWS/S']];
  const sizes: ClusterSize[] = [{ services: 1_000, localServices: 950, nodes: 100, peers: 20 }, BIG];
  for (const size of sizes) {
    const folder = join(directory, String(size.services));
    writeCluster(folder, size);
    for (const form of ['text', 'json']) {
      const runs = [];
      for (let i = 0; i < runCount; i++)
        runs.push(await measure(process.execPath, [join(ROOT, 'bin/metallb.js'), 'plan', folder, '-o', form], ROOT));
      const seconds = median(runs.map((run) => run.seconds));
      const peak = median(runs.map((run) => run.peakMegabytes));
      const [run] = runs;
      if (run === undefined || run.status !== 0) throw new Error(`metallb plan failed: ${run?.stderr}`);
      const count = rowsOf(run);
      rows.push([
        String(size.services),
        String(size.nodes),
        String(size.peers),
        form,
        `${fixed(seconds, 2)} s`,
        `${fixed(peak, 0)} MB`,
        `${fixed(run.outputBytes / 2 ** 20, 1)} MiB`,
        form === 'json' ? String(count) : '-',
        form === 'json' ? fixed(count / seconds, 0) : '-',
      ]);
      if (size === BIG && form === 'text') {
        demand(`text in 5 s and 1 GB (${fixed(seconds, 2)} s, ${fixed(peak, 0)} MB)`, seconds <= 5 && peak <= 1024);
      }
      if (size === BIG && form === 'json') {
        demand(`json at 200,000 rows/s or more (${fixed(count / seconds, 0)})`, count / seconds >= 200_000);
      }
    }
  }
  table(rows);
}

/**
 * Four times the rows in the same heap. Without a limit V8 lets the heap grow for as long as there is memory, and the peak says how lazily it
 * collects; under one, rows that were held would end the process or slow it to a crawl.
 */
async function measureStreaming(directory: string, runCount: number): Promise<void> {
  print(`\nmetallb plan -o json with a heap of ${HEAP_MEGABYTES} MB, whatever the rows`);
  const rows = [['NODES', 'TIME', 'PEAK MEMORY', 'ROWS', 'ROWS/S']];
  const peaks: number[] = [];
  const counts: number[] = [];
  for (const nodes of [BIG.nodes, 4 * BIG.nodes]) {
    const folder = join(directory, `streaming-${nodes}`);
    writeCluster(folder, { ...BIG, nodes });
    const args = [join(ROOT, 'bin/metallb.js'), 'plan', folder, '-o', 'json'];
    const env = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MEGABYTES}` };
    const runs = [];
    for (let i = 0; i < runCount; i++) runs.push(await measure(process.execPath, args, ROOT, env));
    const failed = runs.find((run) => run.status !== 0);
    if (failed !== undefined) throw new Error(`metallb plan failed: ${failed.stderr.slice(0, 500)}`);
    const [run] = runs;
    const count = run === undefined ? 0 : rowsOf(run);
    const seconds = median(runs.map((each) => each.seconds));
    const peak = median(runs.map((each) => each.peakMegabytes));
    peaks.push(peak);
    counts.push(count);
    rows.push([
      String(nodes),
      `${fixed(seconds, 2)} s`,
      `${fixed(peak, 0)} MB`,
      String(count),
      fixed(count / seconds, 0),
    ]);
    demand(`${count} rows at 200,000 rows/s or more (${fixed(count / seconds, 0)})`, count / seconds >= 200_000);
  }
  const [some = Number.NaN, many = Number.NaN] = peaks;
  const [few = 0, lots = 0] = counts;
  // A row that is held is an object of five fields and a pointer to it, 64 octets at the least; half of that tells it from the 300 nodes
  // more and from what the collector leaves, which are in the difference too.
  const octetsPerRow = ((many - some) * 2 ** 20) / (lots - few);
  demand(
    `no row is held: ${fixed(some, 0)} MB and ${fixed(many, 0)} MB, ${fixed(octetsPerRow)} octets a row more, below 32`,
    octetsPerRow < 32,
  );
  table(rows);
}

/** What the command itself counts, on standard error. */
const rowsOf = ({ stderr }: Measured): number =>
  [...stderr.matchAll(/[a-zA-Z0-9]+ (\d+)/g)].reduce((sum, match) => sum + Number(match[1]), 0);
