/**
 * `npm run demo`: the guide's "Complete Multi-Router Configuration" and "Create a Test Service", its manifests untouched, on loopback.
 *
 * Three speakers and four routers, a process each; then the loss of a speaker, its return, and an edit of one manifest, each with what
 * the routers saw of it. `--keep` stays until Ctrl-C.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { styleFor } from '../cli/text/style.ts';
import { counted } from '../cli/text/table.ts';
import { endChildren, RouterProcess, SpeakerProcess } from './children.ts';
import {
  addressTable,
  routerBlock,
  serviceTable,
  sessionsOf,
  sessionTable,
  wireBetween,
  wireCounts,
  wireTable,
} from './show.ts';
import { type Stage, setStage } from './stage.ts';

/** The whole demo ends within this, in success or with what is missing. */
const PATIENCE_MS = 12_000;
/** How long everything is watched after an edit, for what must not happen. */
const OBSERVE_MS = 400;

const EDITED = { file: 'multi-router/multi-router-config.yaml', from: '"64512:1100"', to: '"64512:1111"' };

const started = performance.now();
const style = styleFor(process.stdout, process.env);
const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const heading = (text: string): void => print(`\n${style('bold', text)}`);
const ms = (value: number): string => `${Math.round(value)} ms`;

const waiters = new Set<() => void>();
const somethingHappened = (): void => {
  for (const check of waiters) check();
};

/** Resolves when the condition holds; it is looked at whenever a router or a speaker has said something. */
function until(what: string, holds: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (end: () => void): void => {
      waiters.delete(check);
      clearTimeout(timer);
      end();
    };
    const check = (): void => {
      if (holds()) finish(resolve);
    };
    const left = PATIENCE_MS - (performance.now() - started);
    const timer = setTimeout(() => finish(() => reject(new Error(`waited in vain for ${what}`))), left);
    waiters.add(check);
    check();
  });
}

const pause = (forMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, forMs));

async function run(stage: Stage): Promise<void> {
  const routers = await Promise.all(stage.routers.map((config) => RouterProcess.start(config, somethingHappened)));
  const from = stage.folders.flatMap((folder) => ['--from', folder]);
  const args = [...from, '--transport-map', stage.transportMap, '--bgp-listen-port', '0'];
  const startSpeaker = (node: string): SpeakerProcess => new SpeakerProcess(node, args, somethingHappened);
  const nodes = stage.plan.snapshot.nodes.map(({ name }) => name);
  const speakers = new Map(nodes.map((node) => [node, startSpeaker(node)]));

  print(style('bold', 'metallb-ts: the guide\'s "Complete Multi-Router Configuration", announced to four routers'));
  print("\nReal addresses are on loopback; a transport map lets them stand for the guide's:\n");
  print(addressTable(stage, style));

  const nextHops = (router: RouterProcess): string[] =>
    router.table.flatMap(({ best }) => best.map(({ neighbor }) => neighbor));
  const everyRouterHas = (wanted: readonly string[]) => (): boolean =>
    routers.every((router) => nextHops(router).join() === wanted.join());
  await until('three next hops on every router', everyRouterHas(nodes));
  const upAfter = performance.now() - started;
  const dumps = await Promise.all([...speakers].map(async ([node, speaker]) => [node, await speaker.state()] as const));

  heading('Sessions, as the speakers see them');
  print(sessionTable(dumps, style));
  const established = dumps
    .flatMap(([, dump]) => sessionsOf(dump))
    .filter(({ state }) => state === 'Established').length;
  print(`${counted(established, 'session')} Established and every route in place ${ms(upAfter)} after the start.`);

  heading('Service');
  print(serviceTable(stage, style));

  heading('Routes, as each router sees them');
  for (const router of routers) print(routerBlock(router, style));

  await loseASpeaker(nodes, routers, speakers, startSpeaker, everyRouterHas);
  await editAManifest(stage, routers);
  heading(`Done in ${ms(performance.now() - started)}.`);
}

async function loseASpeaker(
  nodes: readonly string[],
  routers: readonly RouterProcess[],
  speakers: Map<string, SpeakerProcess>,
  startSpeaker: (node: string) => SpeakerProcess,
  everyRouterHas: (wanted: readonly string[]) => () => boolean,
): Promise<void> {
  const victim = nodes[1] ?? '';
  heading(`The speaker of ${victim} is killed (SIGKILL)`);
  const marks = routers.map(({ events }) => events.length);
  const killed = performance.now();
  await speakers.get(victim)?.end('SIGKILL');
  await until(`every router to drop ${victim}`, everyRouterHas(nodes.filter((node) => node !== victim)));
  for (const [i, router] of routers.entries()) {
    const dropped = router.events
      .slice(marks[i])
      .find(({ neighbor, change }) => neighbor === victim && change === 'removed');
    print(`  ${router.config.name} dropped the next hop after ${ms((dropped?.at ?? Number.NaN) - killed)}`);
  }
  await pause(OBSERVE_MS);
  const others = routers.flatMap(({ events }, i) =>
    events.slice(marks[i]).filter(({ neighbor }) => neighbor !== victim),
  );
  if (others.length > 0) throw new Error(`routes of others changed: ${JSON.stringify(others)}`);
  print(`  no route of any other node was touched: 0 withdrawals, 0 changes on ${counted(routers.length, 'router')}`);
  const restarted = performance.now();
  speakers.set(victim, startSpeaker(victim));
  await until(`${victim} on every router again`, everyRouterHas(nodes));
  print(`  started again: on every router ${ms(performance.now() - restarted)} later`);
  await pause(OBSERVE_MS); // its End-of-RIB markers, too, are through before anything else is counted
}

async function editAManifest(stage: Stage, routers: readonly RouterProcess[]): Promise<void> {
  heading(`One manifest is edited: ${EDITED.file}, community dc1-primary from ${EDITED.from} to ${EDITED.to}`);
  const before = wireCounts(routers);
  const marks = routers.map(({ events }) => events.length);
  const file = join(stage.directory, EDITED.file);
  writeFileSync(file, readFileSync(file, 'utf8').replace(EDITED.from, EDITED.to));
  const edited = performance.now();
  const wanted = EDITED.to.replaceAll('"', '');
  const [concerned] = routers;
  await until('the new community', () =>
    (concerned?.table ?? []).every(({ best }) => best.every(({ route }) => route.communities.includes(wanted))),
  );
  const arrived = performance.now();
  await pause(OBSERVE_MS);
  const wire = wireBetween(before, wireCounts(routers));
  print(wireTable(wire, style));
  const removed = routers.flatMap(({ events }, i) =>
    events.slice(marks[i]).filter(({ change }) => change === 'removed'),
  );
  const surprising = wire.filter(
    ({ router, updates, notifications, resets }) =>
      updates !== Number(router === concerned?.config.name) || notifications + resets > 0,
  );
  if (surprising.length > 0 || removed.length > 0)
    throw new Error(`the edit did more than it should: ${JSON.stringify({ surprising, removed })}`);
  print(
    `  there after ${ms(arrived - edited)}: one UPDATE on each of the ${counted(wire.filter(({ updates }) => updates > 0).length, 'session')} ` +
      'that the edit concerns, nothing on the others, no withdrawal, no session reset',
  );
}

async function stay(stage: Stage): Promise<void> {
  heading('Everything keeps running until Ctrl-C. To look at it:');
  print(`  edit the manifests in      ${stage.directory}`);
  print('  what the speakers plan     npx metallb plan <those folders>');
  print('  a speaker\'s state          pkill -USR1 -f "metallb.js speaker --node node1"   (it goes to its log)');
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const stage = await setStage(process);
try {
  await run(stage);
  if (values.keep) await stay(stage);
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  await endChildren();
  rmSync(stage.directory, { recursive: true, force: true });
}
