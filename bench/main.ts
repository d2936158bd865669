/** `npm run bench`: what bench/README.md describes, as tables. */

import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { BIG, type ClusterSize, writeCluster } from './big-cluster.ts';
import { measure } from './measure.ts';

const ROOT = resolve(import.meta.dirname, '..');
const RUNS = 3;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const table = (rows: readonly (readonly string[])[]): void => {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length))) ?? [];
  for (const row of rows) print(`  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd());
};
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const fixed = (value: number, digits = 1): string => value.toFixed(digits);

print(
  `Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}, ${fixed(totalmem() / 2 ** 30, 0)} GiB; medians of ${RUNS} runs`,
);
let failed = false;
const demand = (what: string, holds: boolean): void => {
  print(`  ${holds ? 'ok  ' : 'MISS'}  ${what}`);
  if (!holds) failed = true;
};

await engine();
const directory = mkdtempSync(join(tmpdir(), 'metallb-bench-'));
try {
  await planning(directory);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

interface EngineRun {
  readonly count: number;
  readonly updates: number;
  readonly fillMs: number;
  readonly sendMs: number;
  readonly heldMegabytes: number;
}

async function engine(): Promise<void> {
  print(
    '\nBGP engine: N /32 with one attribute set, from Established to the last one decoded by a receiver of ours, in memory',
  );
  const rows = [['PREFIXES', 'UPDATES', 'ANNOUNCE', 'SEND', 'SEND PER PREFIX', 'HELD']];
  const results: EngineRun[] = [];
  for (const count of [1_000, 10_000, 100_000]) {
    const runs: EngineRun[] = [];
    for (let i = 0; i < RUNS; i++) {
      const script = join(import.meta.dirname, 'engine-run.ts');
      runs.push(JSON.parse(await outputOf(['--expose-gc', script, String(count)])) as EngineRun);
    }
    const pick = (field: keyof EngineRun): number => median(runs.map((run) => run[field]));
    const result = {
      count,
      updates: pick('updates'),
      fillMs: pick('fillMs'),
      sendMs: pick('sendMs'),
      heldMegabytes: pick('heldMegabytes'),
    };
    results.push(result);
    rows.push([
      String(count),
      String(result.updates),
      `${fixed(result.fillMs)} ms`,
      `${fixed(result.sendMs)} ms`,
      `${fixed((result.sendMs / count) * 1000, 2)} us`,
      `${fixed(result.heldMegabytes)} MB`,
    ]);
  }
  table(rows);
  const [, tenK, hundredK] = results;
  demand('100,000 prefixes are 124 UPDATEs', hundredK?.updates === 124);
  // A quadratic step would make ten times the prefixes cost a hundred times the time.
  demand(
    'from 10,000 to 100,000 the time grows by less than 20 times',
    (hundredK?.sendMs ?? Infinity) < 20 * (tenK?.sendMs ?? 0),
  );
  demand(
    'and the memory by less than 20 times',
    (hundredK?.heldMegabytes ?? Infinity) < 20 * Math.max(1, tenK?.heldMegabytes ?? 0),
  );
}

async function planning(directory: string): Promise<void> {
  print('\nmetallb plan: the whole process, reading its 6 MB of JSON manifests included');
  const rows = [['SERVICES', 'NODES', 'PEERS', 'FORM', 'TIME', 'PEAK MEMORY', 'OUTPUT', 'ROWS', 'ROWS/S']];
  const sizes: ClusterSize[] = [{ services: 1_000, localServices: 950, nodes: 100, peers: 20 }, BIG];
  const peaks: number[] = [];
  for (const size of sizes) {
    const folder = join(directory, String(size.services));
    writeCluster(folder, size);
    for (const form of ['text', 'json']) {
      const runs = [];
      for (let i = 0; i < RUNS; i++)
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

async function outputOf(args: readonly string[]): Promise<string> {
  const { execFile } = await import('node:child_process');
  return new Promise((done, fail) => {
    execFile(process.execPath, args, { cwd: ROOT }, (error, stdout) => (error === null ? done(stdout) : fail(error)));
  });
}
