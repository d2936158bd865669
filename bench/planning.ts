/** `metallb plan` as a whole process on a large cluster: time, memory, rows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BIG, type ClusterSize, writeCluster } from './big-cluster.ts';
import { measure } from './measure.ts';
import { demand, fixed, median, print, table } from './report.ts';

const ROOT = resolve(import.meta.dirname, '..');

export async function planning(runCount: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'metallb-bench-'));
  try {
    await measurePlans(directory, runCount);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measurePlans(directory: string, runCount: number): Promise<void> {
  print('\nmetallb plan: the whole process, reading its 6 MB of JSON manifests included');
  const rows = [['SERVICES', 'NODES', 'PEERS', 'FORM', 'TIME', 'PEAK MEMORY', 'OUTPUT', 'ROWS', 'ROWS/S']];
  const sizes: ClusterSize[] = [{ services: 1_000, localServices: 950, nodes: 100, peers: 20 }, BIG];
  const peaks: number[] = [];
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
      const count = [...run.stderr.matchAll(/[a-zA-Z0-9]+ (\d+)/g)].reduce((sum, match) => sum + Number(match[1]), 0);
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
        peaks.push(peak);
        demand(`text in 5 s and 1 GB (${fixed(seconds, 2)} s, ${fixed(peak, 0)} MB)`, seconds <= 5 && peak <= 1024);
      }
      if (size === BIG && form === 'json') {
        demand(`json at 200,000 rows/s or more (${fixed(count / seconds, 0)})`, count / seconds >= 200_000);
        demand(
          `json in the memory of text, though it prints ${count} rows (${fixed(peak, 0)} MB)`,
          peak <= 1.25 * (peaks[0] ?? 0),
        );
      }
    }
  }
  table(rows);
}
