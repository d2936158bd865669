/** The engine without sockets: UPDATE count, and how time and memory grow with the prefixes. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { demand, fixed, median, print, table } from './report.ts';

interface EngineRun {
  readonly count: number;
  readonly updates: number;
  readonly fillMs: number;
  readonly sendMs: number;
  readonly heldMegabytes: number;
}

export async function engine(runCount: number): Promise<void> {
  print(
    '\nBGP engine: N /32 with one attribute set, from Established to the last one decoded by a receiver of ours, in memory',
  );
  const rows = [['PREFIXES', 'UPDATES', 'ANNOUNCE', 'SEND', 'SEND PER PREFIX', 'HELD']];
  const results: EngineRun[] = [];
  for (const count of [1_000, 10_000, 100_000]) {
    const runs: EngineRun[] = [];
    for (let i = 0; i < runCount; i++) {
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

function outputOf(args: readonly string[]): Promise<string> {
  return new Promise((done, fail) => {
    execFile(process.execPath, args, (error, stdout) => (error === null ? done(stdout) : fail(error)));
  });
}
