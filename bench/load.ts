/**
 * What a speaker costs, and how it bears load: latency of changes, memory, CPU at rest, keepalives while the machine is busy, a reader that
 * does not read. Engine and driver as one process, the counting receiver as another, over loopback; no root.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { receiverCommand } from './daemons.ts';
import { LOCAL_ASN, REMOTE_ASN } from './originators.ts';
import { type ChildEvent, JsonChild } from './process.ts';
import { demand, fixed, median, print, table } from './report.ts';

const COUNT = 100_000;
const SETTLE_MS = 2_000;
/** A port above those that need root, another one for each run of the benchmark. */
const PORT = 20_000 + (process.pid % 20_000);

/** What a {@link pair} is made of. */
export interface Setting {
  readonly peers: number;
  readonly count: number;
  readonly holdSeconds?: number;
  /** The receiver tells of each arrival. */
  readonly watch?: boolean;
}

/** A speaker and its receiver. */
export interface Pair extends AsyncDisposable {
  readonly speaker: JsonChild;
  readonly receiver: JsonChild;
}

/** A speaker whose peers hold everything. */
export async function pair({ peers, count, holdSeconds = 90, watch = false }: Setting): Promise<Pair> {
  const addresses = Array.from({ length: peers }, (_, i) => `127.99.0.${11 + i}`);
  const receiver = new JsonChild('receiver', receiverCommand(addresses, count, { port: PORT, holdSeconds, watch }));
  await receiver.event('listening', 10_000);
  const options = {
    ...{ family: 4, count, attributes: 'one', local: '127.99.0.1', peers: addresses, port: PORT },
    ...{ localAsn: LOCAL_ASN, remoteAsn: REMOTE_ASN, holdSeconds },
  };
  const script = join(import.meta.dirname, 'speaker.ts');
  // What memory holds, not what was not collected yet.
  const speaker = new JsonChild('speaker', [process.execPath, '--expose-gc', script, JSON.stringify(options)]);
  await receiver.event(count === 0 ? 'established' : 'complete', 60_000);
  return {
    speaker,
    receiver,
    async [Symbol.asyncDispose]() {
      await speaker.close();
      await receiver.close();
    },
  };
}

export async function load(runs: number): Promise<void> {
  print('\nEngine and driver in one process, over loopback');
  await latency();
  await memory(runs);
  await cpu();
  await keepalives();
  await slowReader();
}

/** From the originator's call to the receiver's having read it, both by the clock of the kernel. */
async function latency(): Promise<void> {
  await using both = await pair({ peers: 1, count: COUNT, watch: true });
  await sleep(SETTLE_MS);
  const rows = [['AT 100,000 PREFIXES, 1 PEER', 'MEDIAN', 'P95', 'UPDATES']];
  for (const [prefixes, times, withinMs, updates] of [
    [1, 100, 1, 1],
    [1_000, 50, 5, 2],
  ] as const) {
    const took: number[] = [];
    const counts: number[] = [];
    for (let i = 0; i < times; i++) {
      const { ms, messages } = await change(both, prefixes, 0);
      took.push(ms);
      counts.push(messages);
      await sleep(20);
    }
    rows.push([
      prefixes === 1 ? 'one change, to the receiver' : '1,000 changes in one batch',
      `${fixed(median(took), 2)} ms`,
      `${fixed(percentile(took, 0.95), 2)} ms`,
      String(median(counts)),
    ]);
    demand(`${prefixes} changed: ${withinMs} ms (${fixed(median(took), 2)} ms)`, median(took) <= withinMs);
    demand(
      `in ${updates} UPDATE${updates === 1 ? '' : 's'}`,
      counts.every((count) => count === updates),
    );
  }
  table(rows);
}

/** Changes so many prefixes at all peers, and waits until one session has them. */
export async function change(
  { speaker, receiver }: Pair,
  prefixes: number,
  session: number,
): Promise<{ ms: number; messages: number; announced: number }> {
  // Its answer comes behind whatever it had still to say of earlier UPDATEs.
  await receiver.ask('report', 'report');
  receiver.forget('updates');
  const { at: start = 0 } = await speaker.ask(`change ${prefixes}`, 'changed');
  let announced = 0;
  let messages = 0;
  let end = 0;
  while (announced < prefixes) {
    const event: ChildEvent = await receiver.event('updates', 20_000, (each) => each.session === session);
    announced += event.announced ?? 0;
    messages += event.updates ?? 0;
    end = event.at ?? 0;
  }
  return { ms: (end - start) / 1e6, messages, announced };
}

async function memory(runs: number): Promise<void> {
  const resident = async (count: number): Promise<number> => {
    const figures: number[] = [];
    for (let i = 0; i < runs; i++) {
      await using both = await pair({ peers: 4, count });
      await sleep(SETTLE_MS);
      figures.push((await both.speaker.ask('memory', 'memory')).residentMegabytes ?? Number.NaN);
    }
    return median(figures);
  };
  const idle = await resident(0);
  const full = await resident(COUNT);
  table([
    ['RESIDENT MEMORY, 4 PEERS', 'RUNTIME INCLUDED'],
    ['no prefixes', `${fixed(idle)} MB`],
    ['100,000 prefixes', `${fixed(full)} MB`],
  ]);
  demand(`idle in 70 MB (${fixed(idle)} MB)`, idle <= 70);
  demand(`100,000 prefixes to 4 peers in 110 MB (${fixed(full)} MB)`, full <= 110);
}

async function cpu(): Promise<void> {
  const seconds = 30;
  await using both = await pair({ peers: 4, count: 1_000 });
  await sleep(SETTLE_MS);
  const { microseconds: before = 0 } = await both.speaker.ask('cpu', 'cpu');
  await sleep(seconds * 1_000);
  const { microseconds: after = 0 } = await both.speaker.ask('cpu', 'cpu');
  const share = (after - before) / (seconds * 1e6);
  demand(
    `4 peers, 1,000 prefixes, no change: ${fixed(100 * share, 3)} % of a core over ${seconds} s, below 0.1 %`,
    share < 0.001,
  );
}

async function keepalives(): Promise<void> {
  await using both = await pair({ peers: 4, count: COUNT, holdSeconds: 3 });
  const busy = [0, 1].map(() => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  try {
    const until = performance.now() + 15_000;
    let operations = 0;
    while (performance.now() < until) {
      await both.speaker.ask(`churn ${COUNT}`, 'churned', 60_000);
      operations += COUNT;
    }
    const { sessions = [] } = await both.receiver.ask('report', 'report');
    const gap = Math.max(...sessions.map(({ longestGapMs }) => longestGapMs));
    const alive = sessions.every(({ open, keepalives: count }) => open && count > 5);
    demand(
      `hold time 3 s, both cores busy, ${operations} changes at each of 4 peers in 15 s: longest gap between KEEPALIVEs ${fixed(gap, 0)} ms, at most 1,100`,
      alive && gap <= 1_100,
    );
  } finally {
    for (const process of busy) process.kill('SIGKILL');
  }
}

async function slowReader(): Promise<void> {
  const operations = 1_000_000;
  const pausedMs = 60_000;
  await using both = await pair({ peers: 4, count: COUNT, watch: true });
  const { speaker, receiver } = both;
  await sleep(SETTLE_MS);
  const before = await latencies(both, 20);
  receiver.send('pause 0');
  const paused = performance.now();
  await speaker.ask('churn 100000', 'churned', 60_000);
  const first = await speaker.ask('memory', 'memory');
  await speaker.ask(`churn ${operations}`, 'churned', 120_000);
  const second = await speaker.ask('memory', 'memory');
  const meanwhile = await latencies(both, 20);
  await sleep(Math.max(0, paused + pausedMs - performance.now()));
  const third = await speaker.ask('memory', 'memory');
  receiver.send('resume 0');
  await sleep(SETTLE_MS);
  const end = await speaker.ask('memory', 'memory');
  const { sessions = [] } = await receiver.ask('report', 'report');
  const resident = (event: ChildEvent): string => `${fixed(event.residentMegabytes ?? Number.NaN)} MB`;
  table([
    ['A READER THAT STOPS FOR 60 s', 'RESIDENT MEMORY', 'PENDING TOWARDS IT'],
    ['after 100,000 changes', resident(first), String(first.pending?.[0])],
    ['after 1,000,000 more', resident(second), String(second.pending?.[0])],
    ['after 60 s', resident(third), String(third.pending?.[0])],
    ['2 s after it reads again', resident(end), String(end.pending?.[0])],
  ]);
  const growth = (third.residentMegabytes ?? Number.NaN) - (first.residentMegabytes ?? 0);
  demand(`1,000,000 changes queued cost ${fixed(growth)} MB, at most 8`, growth <= 8);
  demand('what is pending never exceeds the prefixes', (second.pending?.[0] ?? Infinity) <= COUNT);
  demand(
    `another peer's change: ${fixed(median(meanwhile), 2)} ms, ${fixed(median(before), 2)} ms before`,
    median(meanwhile) <= Math.max(1, 2 * median(before)),
  );
  demand(
    'all sessions stay up, and nothing is left',
    sessions.every(({ open }) => open) && end.pending?.every((n) => n === 0) === true,
  );
}

async function latencies(both: Pair, times: number): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    took.push((await change(both, 1, 3)).ms);
    await sleep(20);
  }
  return took;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
