/**
 * `npm run fuzz`: mutated messages in all states of live peers, on virtual clocks.
 *
 *     npm run fuzz -- [--protocol bgp|bfd] [--seconds N] [--iterations N] [--seed N]
 *
 * BGP for 60 s by default. The seed is printed; the same seed and the same iterations are the same run. It fails on anything thrown, on a rule of
 * `target.ts` that does not hold, and on memory that grows.
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { bfdCorpusOf } from './bfd-corpus.ts';
import { BfdFuzzRun, bfdReport } from './bfd-run.ts';
import { corpusOf, VECTORS } from './corpus.ts';
import { bgpReport, FuzzFailure, FuzzRun } from './run.ts';

/** The part of the run before the first measurement, so that caches and compiled code do not count as growth. */
const WARM_UP = 0.2;
/** Fewer messages say nothing about memory. */
const WARM_UP_MESSAGES = 50_000;
const BATCH = 5_000;
/** Of what is reachable, objects and buffers: what is kept of a million messages would be more. */
const MAX_LIVE_GROWTH_MB = 16;
/** Of what the process has of the system: V8 lets a heap grow to several times what is in use, and gives back what it likes. */
const MAX_RESIDENT_GROWTH_MB = 128;

const { values } = parseArgs({
  options: {
    protocol: { type: 'string', default: 'bgp' },
    seed: { type: 'string' },
    iterations: { type: 'string' },
    seconds: { type: 'string' },
  },
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
function memory(): { readonly rss: number; readonly live: number } {
  collectGarbage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss: rss / 2 ** 20, live: (heapUsed + external) / 2 ** 20 };
}

const seed = numberOf('seed') ?? Math.floor(Math.random() * 2 ** 31);
const iterations = numberOf('iterations');
const seconds = numberOf('seconds') ?? (iterations === null ? 60 : null);
/** What is run, and how it tells what it saw. */
interface Fuzzer {
  readonly run: { run(iterations: number): void; readonly summary: { readonly iterations: number } };
  readonly report: () => string[];
  readonly messages: number;
  readonly vectors: number;
}

const folder = process.env.METALLB_VECTORS ?? VECTORS;
const FUZZERS: Readonly<Record<string, () => Fuzzer>> = {
  bgp: () => {
    const { messages, vectors } = corpusOf(folder);
    const run = new FuzzRun(seed, messages);
    return { run, report: () => bgpReport(run.summary), messages: messages.length, vectors };
  },
  bfd: () => {
    const { packets, vectors } = bfdCorpusOf(folder);
    const run = new BfdFuzzRun(seed, packets);
    return { run, report: () => bfdReport(run.summary), messages: packets.length, vectors };
  },
};
const fuzzerOf = FUZZERS[values.protocol];
if (fuzzerOf === undefined) {
  print(`--protocol is one of ${Object.keys(FUZZERS).join(', ')}, not ${values.protocol}`);
  process.exit(2);
}
const { run, report, messages, vectors } = fuzzerOf();
print(
  `fuzz: ${values.protocol}, seed ${seed}, ${seconds === null ? `${iterations} iterations` : `${seconds} s`}; Node.js ${process.version}`,
);
print(`fuzz: ${messages} messages to mutate, ${vectors} of them given vectors`);

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
const done = run.summary.iterations;
print(
  `fuzz: ${done} messages in ${took.toFixed(1)} s (${Math.round(done / took)} /s), nothing thrown, every rule held`,
);
for (const line of report()) print(line);
if (start === null) print(`  memory      not judged: fewer than ${WARM_UP_MESSAGES} messages before`);
else {
  const end = memory();
  const of = ({ rss, live }: ReturnType<typeof memory>): string =>
    `${live.toFixed(1)} MB live, ${rss.toFixed(1)} MB resident`;
  print(
    `  memory      ${of(start)} after ${start.done}; ${of(end)} at the end; bounds of growth ${MAX_LIVE_GROWTH_MB} and ${MAX_RESIDENT_GROWTH_MB} MB`,
  );
  if (end.live - start.live > MAX_LIVE_GROWTH_MB || end.rss - start.rss > MAX_RESIDENT_GROWTH_MB) {
    print('fuzz: FAILED: memory grew');
    process.exitCode = 1;
  }
}
