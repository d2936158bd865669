/** Our engine beside BIRD, FRR, GoBGP and ExaBGP: the same routes, the same receiver, the same network namespaces, one run. */
import { join } from 'node:path';
import { link } from '../lab/netns.ts';
import { missingPackages, reachSystemPrograms } from '../lab/packages.ts';
import { Sandbox, sandboxObstacle } from '../lab/sandbox.ts';
import { HOLD_SECONDS, type Job, ORIGINATORS, type Originator, PORT, REMOTE_ASN } from './originators.ts';
import { JsonChild, type SessionFigures } from './process.ts';
import { demand, fixed, median, print, table } from './report.ts';
import type { Workload } from './routes.ts';

const COUNT = 100_000;
/** Parsing its configuration of 100,000 routes a neighbour takes ExaBGP most of it. */
const PATIENCE_MS = 300_000;
/** A daemon that needs this long is not run again: its median would not be another order of magnitude, and nobody waits for it gladly. */
const SLOW_MS = 1_000;

interface Case extends Workload {
  readonly title: string;
  readonly peers: number;
  /** For orientation on two quiet cores; null where there is none. */
  readonly withinMs: number | null;
}

const CASES: readonly Case[] = [
  {
    title: '100,000 /32, one attribute set, 1 peer',
    family: 4,
    count: COUNT,
    attributes: 'one',
    peers: 1,
    withinMs: 40,
  },
  {
    title: '100,000 /32, one attribute set, 4 peers',
    family: 4,
    count: COUNT,
    attributes: 'one',
    peers: 4,
    withinMs: 100,
  },
  {
    title: '100,000 IPv6 /128, one attribute set, 1 peer',
    family: 6,
    count: COUNT,
    attributes: 'one',
    peers: 1,
    withinMs: null,
  },
  {
    title: '100,000 /32, each with its own attribute set, 1 peer',
    family: 4,
    count: COUNT,
    attributes: 'own',
    peers: 1,
    withinMs: null,
  },
];

interface Result {
  readonly name: string;
  readonly ms: number;
  readonly runs: number;
  readonly updates: number;
  readonly octets: number;
}

export async function daemons(runs: number): Promise<void> {
  print(
    "\nFrom Established to the last prefix at a counting receiver that is nobody's BGP implementation; sessions between two namespaces",
  );
  const obstacle = await sandboxObstacle('root');
  if (obstacle !== undefined) {
    print(`  skipped: network namespaces need root, and this is ${obstacle}. Run it as root to compare.`);
    return;
  }
  reachSystemPrograms(process.env);
  const there: Originator[] = [];
  for (const originator of ORIGINATORS) {
    const missing =
      originator.package === undefined ? [] : missingPackages([originator.package], process.env.PATH ?? '');
    if (missing.length > 0)
      print(`  ${originator.name} is left out: Debian's package ${missing.join()} is not installed`);
    else {
      there.push(originator);
      print(`  ${originator.name}: ${await originator.version()}`);
    }
  }
  for (const each of CASES) await compare(each, there, runs);
}

async function compare(what: Case, originators: readonly Originator[], runs: number): Promise<void> {
  print(`\n  ${what.title}`);
  const results: Result[] = [];
  for (const originator of originators) {
    try {
      results.push(await measureOriginator(what, originator, runs));
    } catch (error) {
      print(`  ${originator.name}: ${error instanceof Error ? error.message : String(error)}`);
      if (originator.package === undefined) demand('our engine delivers', false);
    }
  }
  const [mine] = results;
  if (mine === undefined) return;
  table([
    ['ORIGINATOR', 'TIME', 'TO OURS', 'UPDATES', 'OCTETS', 'RUNS'],
    ...results.map(({ name, ms, runs: counted, updates, octets }) => [
      name,
      `${fixed(ms)} ms`,
      `${fixed(ms / mine.ms, 2)} x`,
      String(updates),
      String(octets),
      String(counted),
    ]),
  ]);
  for (const other of results.slice(1)) demand(`ahead of ${other.name}`, mine.ms < other.ms);
  if (what.withinMs !== null) demand(`within ${what.withinMs} ms (${fixed(mine.ms)} ms)`, mine.ms <= what.withinMs);
  if (what.attributes === 'one' && what.family === 4) demand('124 UPDATEs for each peer', mine.updates === 124);
}

export async function measureOriginator(what: Case, originator: Originator, runs: number): Promise<Result> {
  await using sandbox = new Sandbox('root');
  const [origin, receiving] = [await sandbox.namespace('origin'), await sandbox.namespace('receive')];
  const six = what.family === 6;
  const address = (host: number): string => (six ? `fd99::${host}` : `10.99.0.${host}`);
  const prefix = six ? 64 : 24;
  const peers = Array.from({ length: what.peers }, (_, i) => address(11 + i));
  const gateway = address(200);
  await link(
    { namespace: origin, device: 'e0', addresses: [`${address(1)}/${prefix}`] },
    { namespace: receiving, device: 'e0', addresses: [...peers, gateway].map((each) => `${each}/${prefix}`) },
  );
  const job: Job = { sandbox, namespace: origin, workload: what, local: address(1), gateway, peers };
  const times: number[] = [];
  let figures: SessionFigures | undefined;
  // Ours begins anew each time, nothing compiled; the others keep their table, and only their sessions begin anew.
  const isOurs = originator.package === undefined;
  if (!isOurs) await originator.start(job);
  while (times.length < runs && (times[0] ?? 0) < SLOW_MS) {
    await using _speaker = isOurs ? await originator.start(job) : undefined;
    await using receiver = new JsonChild('receiver', receiving.command(receiverCommand(peers, what.count)));
    await receiver.event('listening', 10_000);
    const { ms, sessions } = await receiver.event('complete', PATIENCE_MS);
    times.push(ms ?? Number.NaN);
    figures = sessions?.[0];
  }
  const { updates = 0, octets = 0 } = figures ?? {};
  return { name: originator.name, ms: median(times), runs: times.length, updates, octets };
}

/** The command line of a receiver; what it gets is asked for by `expected`. */
export function receiverCommand(addresses: readonly string[], expected: number, extra: object = {}): readonly string[] {
  const options = {
    addresses,
    port: PORT,
    expected,
    asn: REMOTE_ASN,
    holdSeconds: HOLD_SECONDS,
    watch: false,
    ...extra,
  };
  return [process.execPath, join(import.meta.dirname, 'receiver.mjs'), JSON.stringify(options)];
}
