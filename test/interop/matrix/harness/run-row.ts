/** Runs one row: builds its network, starts everything, and judges each daemon by itself. */
import { isDeepStrictEqual } from 'node:util';
import { Sandbox } from '../../../../lab/sandbox.ts';
import { Bench, eventually } from './bench.ts';
import { type Capability, type Checks, EBGP_ROUTE, type ExpectedRoutes, inRow, type Subjects } from './capability.ts';
import type { DaemonName } from './network.ts';
import type { HeldRoute, Subject } from './subject.ts';

export interface RowRun {
  /** Rejected: what was not as it must be. Only of daemons that are in the row. */
  readonly cells: ReadonlyMap<DaemonName, Promise<void>>;
  /** When all is over and removed; never rejected. */
  readonly over: Promise<void>;
}

export function runRow(name: string, capability: Capability): RowRun {
  const daemons = inRow(capability);
  const sandbox = new Sandbox('root');
  const started = startRow(sandbox, name, capability, daemons);
  const first = new Map(
    daemons.map((daemon) => [
      daemon,
      started.then(({ bench, subjects }) => firstPart(bench, daemon, subjects, capability)),
    ]),
  );
  const acted = Promise.allSettled(first.values()).then(async () => {
    if (capability.act !== undefined) await capability.act((await started).bench);
  });
  const cells = new Map(
    [...first].map(([daemon, checked]) => [daemon, secondPart(started, acted, daemon, checked, capability)]),
  );
  const over = Promise.allSettled(cells.values()).then(() => sandbox.close());
  return { cells, over };
}

interface StartedRow {
  readonly bench: Bench;
  readonly subjects: ReadonlyMap<DaemonName, Promise<Subject>>;
}

async function startRow(
  sandbox: Sandbox,
  name: string,
  capability: Capability,
  daemons: readonly DaemonName[],
): Promise<StartedRow> {
  const bench = await Bench.build(sandbox, name, capability, daemons);
  await capability.prepare?.(bench);
  const subjects = new Map(daemons.map((daemon) => [daemon, bench.startDaemon(daemon)]));
  // The speaker waits for the daemons, not they for each other's failures.
  await Promise.allSettled(subjects.values());
  bench.startSpeaker();
  return { bench, subjects };
}

async function firstPart(
  bench: Bench,
  daemon: DaemonName,
  subjects: StartedRow['subjects'],
  capability: Capability,
): Promise<Subject> {
  const subject = await subjects.get(daemon);
  if (subject === undefined) throw new Error(`${daemon} was not started`);
  return withLastWords(subject, bench, async () => {
    const routes = capability.routesOf?.[daemon] ?? capability.routes;
    if (routes !== undefined) {
      await holds(subject, routes, bench);
      await bench.note(daemon);
    }
    await check(capability.checks, subject, bench);
    return subject;
  });
}

async function secondPart(
  started: Promise<StartedRow>,
  acted: Promise<void>,
  daemon: DaemonName,
  checked: Promise<Subject>,
  { checksAfter }: Capability,
): Promise<void> {
  const subject = await checked;
  const { bench } = await started;
  if (subject.name !== daemon) throw new Error(`${subject.name} in place of ${daemon}`);
  await withLastWords(subject, bench, async () => {
    await acted;
    await check(checksAfter, subject, bench);
  });
}

async function check(checks: Checks | undefined, subject: Subject, bench: Bench): Promise<void> {
  await checks?.all?.(subject, bench);
  const own = checks?.[subject.name] as ((subject: Subjects[DaemonName], bench: Bench) => Promise<void>) | undefined;
  await own?.(subject as Subjects[DaemonName], bench);
}

/** Waits until the session is up and the daemon holds these routes, each as written. */
export async function holds(subject: Subject, expected: ExpectedRoutes, bench: Bench): Promise<void> {
  // Our own log costs nothing to read, while each question to a daemon is a process.
  await eventually(
    'our session to be Established',
    () => bench.log(subject.name),
    (lines) => lines.some(({ event }) => event === 'sessionUp'),
  );
  for (const [prefix, attributes] of Object.entries(expected)) {
    const wanted = attributes === null ? null : { ...EBGP_ROUTE, ...attributes };
    const seen = (held: HeldRoute | null): unknown => (wanted === null || held === null ? held : adapted(wanted, held));
    await eventually(
      `${prefix} on ${subject.name} as ${JSON.stringify(wanted)}`,
      () => subject.route(prefix),
      (held) => isDeepStrictEqual(seen(held), wanted),
    );
  }
}

/** FRR and BIRD give a route of an external peer a local preference of their own: what no peer sent, none is compared with. */
const adapted = (wanted: HeldRoute, held: HeldRoute): HeldRoute =>
  wanted.localPref === null && held.localPref === 100 ? { ...held, localPref: null } : held;

/** Adds to a failure what both sides said last. */
async function withLastWords<T>(subject: Subject, bench: Bench, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const tail = (text: string): string =>
      text
        .trimEnd()
        .split('\n')
        .slice(-25)
        .map((line) => line.slice(0, 300))
        .join('\n');
    const [ours, theirs, about] = await Promise.all(
      [bench.speaker.stdout(), subject.log(), subject.about()].map((said) => said.catch(String)),
    );
    const message = (cause instanceof Error ? cause.message : String(cause)).slice(0, 2_000);
    throw new Error(
      `${message}\n\nthe speaker said last:\n${tail(ours ?? '')}\n\n${subject.name} said last:\n${tail(theirs ?? '')}\n${tail(about ?? '')}`,
    );
  }
}
