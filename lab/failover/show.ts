/**
 * `npm run lab -- bfd`: how long a route to a node that is gone stays in the routers' forwarding tables, with the guide's BFD profile and without; and the
 * same many times over, beside the bounds that are kept to.
 */
import { cpus, loadavg } from 'node:os';
import type { Sandbox } from '../sandbox.ts';
import { heading, indent, type Print, table } from '../text.ts';
import { type BfdTiming, guideProfile, HOLD_SECONDS } from './manifests.ts';
import { FailoverNetwork, type Failure, type Outcome } from './network.ts';

const GUIDE = { intervalMs: 300, multiplier: 3 } as const;
const FAST = { intervalMs: 50, multiplier: 3 } as const;
/** The order matters: routers that stood still find everything changed. */
const FAILURES: readonly Failure[] = ['silent cut', 'carrier lost', 'speaker stopped', 'routers stopped'];
const WITH_BFD_MS = 20_000;
const WITHOUT_BFD_MS = (HOLD_SECONDS + 30) * 1_000;
/** How late our own Down may be, beyond the Detection Time. */
const OWN_SLACK_MS = 20;
const NETLINK_MS = 10;

/** What the router's Down, and the route's end in its table, may take after a silent cut. */
const BOUNDS = [
  { timing: GUIDE, downMs: 920, goneMs: 1_000 },
  { timing: FAST, downMs: 170, goneMs: 250 },
] as const;

export interface FailoverOptions {
  /** How often each is measured for the bounds; 0 leaves them out. */
  readonly runs: number;
}

/** @returns whether all bounds were kept to. */
export async function showFailover(
  newSandbox: () => Sandbox,
  options: FailoverOptions,
  print: Print,
): Promise<boolean> {
  print(heading("The guide's BFD profile"));
  print(indent(guideProfile()));
  const withBfd = await withNetwork(newSandbox(), GUIDE, async (network) => {
    await network.untilUp();
    await showSessions(network, print);
    const outcomes: Outcome[] = [];
    for (const failure of FAILURES) {
      await network.untilUp();
      outcomes.push(await network.measure(failure, WITH_BFD_MS));
    }
    return outcomes;
  });
  print(heading('Until the route is gone'));
  print(
    `Without BFD each takes up to the hold time, ${HOLD_SECONDS} s: all are measured at once, on a network for each. ${load()}\n`,
  );
  const without = await Promise.all(
    FAILURES.map((failure) =>
      withNetwork(newSandbox(), null, async (network) => {
        await network.untilUp();
        return await network.measure(failure, WITHOUT_BFD_MS);
      }),
    ),
  );
  print(table([HEADER, ...withBfd.flatMap((outcome, i) => rowsOf(outcome, without[i]))]));
  print(`
ROUTER'S BFD: its first packet that says Down. ROUTE GONE: out of the kernel's table, by \`ip monitor\`. OURS: until the speaker has ended the BGP session.
A router that stands still keeps its routes: what counts there is that the speaker notices.`);
  return options.runs === 0 || (await showBounds(newSandbox, options.runs, print));
}

/** @returns whether all bounds were kept to. */
export async function showBounds(newSandbox: () => Sandbox, runs: number, print: Print): Promise<boolean> {
  let held = true;
  for (const bound of BOUNDS) held = (await showBound(newSandbox(), bound, runs, print)) && held;
  return (await showCarrier(newSandbox(), runs, print)) && held;
}

const HEADER = ['FAILURE', 'ROUTER', "ROUTER'S BFD", 'ROUTE GONE', 'OURS', '', 'WITHOUT BFD: ROUTE GONE', 'OURS'];

function rowsOf(outcome: Outcome, without: Outcome | undefined): readonly (readonly string[])[] {
  return outcome.sites.map((site, i) => {
    const other = without?.sites[i];
    return [
      ...[outcome.failure, site.router, ms(site.bfdDownMs), ms(site.routeGoneMs), ms(site.ourEndMs ?? site.ourDownMs)],
      ...['', ms(other?.routeGoneMs ?? null), ms(other?.ourEndMs ?? null)],
    ];
  });
}

async function showSessions(network: FailoverNetwork, print: Print): Promise<void> {
  for (const { router } of network.sites) {
    const sessions = await router.bfdSessions();
    const said = sessions.map(({ neighbor, isUp }) => `${neighbor} ${isUp ? 'Up' : 'not Up'}`).join(', ');
    print(`\n${router.name} (${router.software}) has BFD with ${said}.`);
  }
}

/** A silent cut, many times. */
async function showBound(
  sandbox: Sandbox,
  { timing, downMs, goneMs }: (typeof BOUNDS)[number],
  runs: number,
  print: Print,
): Promise<boolean> {
  print(heading(`A silent cut, ${runs} times at ${timing.intervalMs} ms x ${timing.multiplier}`));
  const outcomes = await withNetwork(sandbox, timing, (network) => repeated(network, 'silent cut', runs));
  const detectionMs = timing.intervalMs * timing.multiplier;
  const rows = [['ROUTER', '', 'SHORTEST', 'MEDIAN', 'LONGEST', 'BOUND', 'WITHIN IT']];
  let held = true;
  for (const i of [0, 1]) {
    const sites = outcomes.flatMap(({ sites: all }) => all[i] ?? []);
    const router = sites[0]?.router ?? '';
    const row = (what: string, values: readonly (number | null)[], bound: number | null): void => {
      const sorted = values.map((value) => value ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
      const within = bound === null ? null : sorted.filter((value) => value <= bound).length;
      if (within !== null && within < runs) held = false;
      rows.push([
        ...[router, what, ms(sorted[0]), ms(sorted[sorted.length >> 1]), ms(sorted.at(-1))],
        ...[bound === null ? '' : `${bound} ms`, within === null ? '' : `${within} of ${runs}`],
      ]);
    };
    row(
      "the router's BFD Down",
      sites.map((site) => site.bfdDownMs),
      downMs,
    );
    row(
      'route gone',
      sites.map((site) => site.routeGoneMs),
      goneMs,
    );
    row(
      "of that, the router's own share",
      sites.map(({ routeGoneMs, bfdDownMs }) => (routeGoneMs ?? Number.NaN) - (bfdDownMs ?? Number.NaN)),
      null,
    );
    row(
      'our BFD Down',
      sites.map((site) => site.ourDownMs),
      detectionMs + OWN_SLACK_MS,
    );
  }
  print(table(rows));
  print(`\n${load()}`);
  return held;
}

/** A carrier that is lost, many times: from the kernel's word to the speaker's. */
async function showCarrier(sandbox: Sandbox, runs: number, print: Print): Promise<boolean> {
  print(heading(`The node's carrier lost, ${runs} times`));
  const outcomes = await withNetwork(sandbox, GUIDE, (network) => repeated(network, 'carrier lost', runs));
  const took = outcomes.map(({ netlinkMs }) => netlinkMs ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const within = took.filter((each) => each <= NETLINK_MS).length;
  print(
    `From netlink's word (ip monitor) to the speaker's first line about it: ${ms(took[0])} to ${ms(took.at(-1))}, median ${ms(took[took.length >> 1])}; within ${NETLINK_MS} ms ${within} of ${runs}. ${load()}`,
  );
  return within === runs;
}

async function repeated(network: FailoverNetwork, failure: Failure, runs: number): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let i = 0; i < runs; i++) {
    await network.untilUp();
    outcomes.push(await network.measure(failure, WITH_BFD_MS));
    await network.restartSpeaker();
  }
  return outcomes;
}

async function withNetwork<T>(
  sandbox: Sandbox,
  timing: BfdTiming,
  use: (network: FailoverNetwork) => Promise<T>,
): Promise<T> {
  const network = await FailoverNetwork.build(sandbox, timing);
  try {
    return await use(network);
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    throw new Error(`${because}\nThe last words of the speaker:\n${await network.lastWords()}`, { cause: error });
  } finally {
    await network.stopWatching();
    await sandbox.close();
  }
}

const ms = (value: number | null | undefined): string =>
  value === null || value === undefined ? '-' : `${value.toFixed(value < 10 ? 1 : 0)} ms`;

const load = (): string =>
  `${cpus().length} processors, load average ${(loadavg()[0] ?? 0).toFixed(1)}; routers and our thread have real-time priority.`;
