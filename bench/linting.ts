/** `metallb lint` as a whole process: a large cluster, and 10,000 objects that are all faulty. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CLUSTER, documentsOf, FAULTY } from './lint-objects.ts';
import { measure } from './measure.ts';
import { demand, fixed, median, print, table } from './report.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** Seconds that a user waits at most. */
const BOUNDS = { 'cluster.yaml': 2, 'faulty.yaml': 20 } as const;

export async function linting(runCount: number): Promise<void> {
  print('\nmetallb lint: the whole process, reading its manifests included');
  const directory = mkdtempSync(join(tmpdir(), 'metallb-bench-'));
  try {
    const rows = [['INPUT', 'OBJECTS', 'TIME', 'PEAK MEMORY']];
    for (const [file, objects] of [['cluster.yaml', CLUSTER] as const, ['faulty.yaml', FAULTY] as const]) {
      const path = join(directory, file);
      writeFileSync(path, documentsOf(objects));
      const runs = [];
      for (let i = 0; i < runCount; i++)
        runs.push(await measure(process.execPath, [join(ROOT, 'bin/metallb.js'), 'lint', path], ROOT));
      const seconds = median(runs.map((run) => run.seconds));
      const peak = median(runs.map((run) => run.peakMegabytes));
      rows.push([file, String(objects.length), `${fixed(seconds, 2)} s`, `${fixed(peak, 0)} MB`]);
      demand(`${file} in ${BOUNDS[file]} s (${fixed(seconds, 2)} s)`, seconds <= BOUNDS[file]);
    }
    table(rows);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
