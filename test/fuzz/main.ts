/**
 * `npm run fuzz`: mutated messages in all states of live peers, on virtual clocks.
 *
 *     npm run fuzz -- [--seconds N] [--iterations N] [--seed N]
 *
 * 60 s by default. The seed is printed; the same seed and the same iterations are the same run. It fails on anything thrown, on a rule of
 * `target.ts` that does not hold, and on memory that grows.
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { corpusOf, VECTORS } from './corpus.ts';
import { FuzzFailure, FuzzRun } from './run.ts';

/** The part of the run before the first measurement, so that caches and compiled code do not count as growth. */
const WARM_UP = 0.2;
/** Fewer messages say nothing about memory. */
const WARM_UP_MESSAGES = 50_000;
const BATCH = 5_000;
const MAX_GROWTH_MB = 64;

const { values } = parseArgs({
  options: { seed: { type: 'string' }, iterations: { type: 'string' }, seconds: { type: 'string' } },
});

function numberOf(name: 'seed' | 'iterations' | 'seconds'): number | null {
  const text = values[name];
  if (text === undefined) return null;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    print(`--${name} is a whole number, not ${text}`);
    process.exit(2);
  }
  return value;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
function memory(): { readonly rss: number; readonly heap: number } {
  collectGarbage();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss: rss / 2 ** 20, heap: heapUsed / 2 ** 20 };
}

const seed = numberOf('seed') ?? Math.floor(Math.random() * 2 ** 31);
const iterations = numberOf('iterations');
const seconds = numberOf('seconds') ?? (iterations === null ? 60 : null);
const corpus = corpusOf(process.env.METALLB_VECTORS ?? VECTORS);
print(
  `fuzz: seed ${seed}, ${seconds === null ? `${iterations} iterations` : `${seconds} s`}; Node.js ${process.version}`,
);
print(`fuzz: ${corpus.messages.length} messages to mutate, ${corpus.vectors} of them given vectors`);

const run = new FuzzRun(seed, corpus.messages);
const began = performance.now();
let start: (ReturnType<typeof memory> & { readonly done: number }) | null = null;
const elapsed = (): number => (performance.now() - began) / 1_000;
try {
  for (let done = 0; iterations === null || done < iterations; ) {
    if (seconds !== null && elapsed() >= seconds) break;
    const batch = Math.min(BATCH, (iterations ?? Number.POSITIVE_INFINITY) - done);
    run.run(batch);
    done += batch;
    const part = iterations === null ? elapsed() / (seconds ?? 1) : done / iterations;
    if (start === null && part >= WARM_UP && done >= WARM_UP_MESSAGES) start = { ...memory(), done };
  }
} catch (error) {
  if (!(error instanceof FuzzFailure)) throw error;
  print(`fuzz: FAILED: ${error.message}`);
  print(error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : String(error.cause));
  process.exit(1);
}

const took = elapsed();
const { summary } = run;
const listOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ') || 'none';
print(
  `fuzz: ${summary.iterations} messages in ${took.toFixed(1)} s (${Math.round(summary.iterations / took)} /s), nothing thrown, every rule held`,
);
print(`  fed in      ${listOf(summary.fed)}`);
print(`  sessions    ${listOf(summary.ends)}`);
print(`  UPDATEs     ${listOf(summary.errors)}`);
print(`  written     ${summary.written} messages, all of them right`);
if (start === null) print(`  memory      not judged: fewer than ${WARM_UP_MESSAGES} messages before`);
else {
  const end = memory();
  const growth = Math.max(end.rss - start.rss, end.heap - start.heap);
  const of = ({ rss, heap }: ReturnType<typeof memory>): string =>
    `${rss.toFixed(1)} MB resident, ${heap.toFixed(1)} MB heap`;
  print(`  memory      ${of(start)} after ${start.done}; ${of(end)} at the end; bound ${MAX_GROWTH_MB} MB of growth`);
  if (growth > MAX_GROWTH_MB) {
    print('fuzz: FAILED: memory grew');
    process.exitCode = 1;
  }
}
