/**
 * `npm run demo`: the guide's "Complete Multi-Router Configuration" and "Create a Test Service", its manifests untouched, on loopback.
 *
 * A Kubernetes API with a controller and three speakers on it, and four routers, a process each; then the loss of a speaker, its return, and an
 * edit of one manifest, each with what the routers saw of it. `--keep` stays until Ctrl-C, for a kubectl of the user's.
 */
import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { valueAt } from '../apiserver/json.ts';
import { styleFor } from '../cli/text/style.ts';
import { counted } from '../cli/text/table.ts';
import { errorMessage } from '../error-message.ts';
import { BGP_PEER, EVENT, IP_ADDRESS_POOL, POD, SERVICE, SPEAKER_STATUS } from '../kube/resource-types.ts';
import type { ResourceType } from '../kube/types.ts';
import { endChildren, type LogLine, RouterProcess, startWarden } from './children.ts';
import { DemoCluster, INSTALLATION } from './cluster.ts';
import { METALLB_SYSTEM } from './components.ts';
import {
  addressTable,
  type KubectlGet,
  kubectlTable,
  routerBlock,
  type SessionState,
  serviceTable,
  sessionsOf,
  sessionTable,
  wireBetween,
  wireCounts,
  wireTable,
} from './show.ts';
import { CHAPTERS, type Stage, setStage } from './stage.ts';

/** It takes a few seconds; on a machine with much other work it may take this long, and then says what is missing. */
const PATIENCE_MS = 60_000;
/** How long everything is watched after an edit, for what must not happen. */
const OBSERVE_MS = 400;
/** BFD begins at one packet a second, and agrees on more when it is Up. */
const BFD_PATIENCE_MS = 5_000;
const SLOW_FAILOVER_MS = 1_000;

const EDITED = { file: 'multi-router/multi-router-config.yaml', from: '"64512:1100"', to: '"64512:1111"' };

const SYSTEM = { namespace: METALLB_SYSTEM } as const;
const SHOWN: readonly KubectlGet[] = [
  { line: 'pods -n metallb-system', type: POD, ...SYSTEM },
  { line: 'svc -n default', type: SERVICE, namespace: 'default' },
  { line: 'ipaddresspools -n metallb-system', type: IP_ADDRESS_POOL, ...SYSTEM },
  { line: 'bgppeers -n metallb-system', type: BGP_PEER, ...SYSTEM },
  { line: 'speakerstatuses -n metallb-system', type: SPEAKER_STATUS, ...SYSTEM },
  { line: 'events -n default --sort-by=.lastTimestamp', type: EVENT, namespace: 'default', byLastTimestamp: true },
  { line: 'events -n metallb-system --sort-by=.lastTimestamp', type: EVENT, ...SYSTEM, byLastTimestamp: true },
];

const started = performance.now();
const style = styleFor(process.stdout, process.env);
let isOver = false;
const print = (text: string): void => {
  if (!isOver) process.stdout.write(`${text}\n`);
};
const heading = (text: string): void => print(`\n${style('bold', text)}`);
const ms = (value: number): string => `${Math.round(value)} ms`;

const waiters = new Set<() => void>();
const somethingHappened = (): void => {
  for (const check of waiters) check();
};

/** Resolves when the condition holds; it is looked at whenever a router, a daemon or the API has something new. */
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
    const timer = setTimeout(() => finish(() => reject(new Error(`waited in vain for ${what}`))), Math.max(0, left));
    waiters.add(check);
    check();
  });
}

const pause = (forMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, forMs));

/** Everything that runs. */
interface Scene {
  readonly stage: Stage;
  readonly cluster: DemoCluster;
  readonly routers: readonly RouterProcess[];
}

const podOf = (node: string): string => `speaker-${node}`;

const nextHops = (router: RouterProcess): string[] =>
  router.table.flatMap(({ best }) => best.map(({ neighbor }) => neighbor));

const everyRouterHas =
  ({ routers }: Scene, wanted: readonly string[]) =>
  (): boolean =>
    routers.every((router) => nextHops(router).join() === wanted.join());

type Dump = readonly [node: string, dump: LogLine];

/** What the speakers say of their sessions, as soon as BFD is Up in all of them, or after a time: what there is, is shown. */
async function dumpsWithBfd({ stage, cluster }: Scene): Promise<readonly Dump[]> {
  const end = performance.now() + BFD_PATIENCE_MS;
  for (;;) {
    const dumps = await Promise.all(
      stage.nodes.map(async (node) => [node, await cluster.runtime.of(podOf(node)).state()] as const),
    );
    const isSettled = ({ bfd, expectedFailover }: SessionState): boolean =>
      bfd === null || (bfd.state === 'Up' && (expectedFailover?.ms ?? Number.POSITIVE_INFINITY) < SLOW_FAILOVER_MS);
    if (dumps.every(([, dump]) => sessionsOf(dump).every(isSettled)) || performance.now() > end) return dumps;
    await pause(100);
  }
}

async function run(scene: Scene): Promise<void> {
  const { stage, cluster, routers } = scene;
  cluster.install();
  for (const chapter of CHAPTERS) cluster.apply(chapter);

  print(style('bold', 'metallb-ts: the guide\'s "Complete Multi-Router Configuration", announced to four routers'));
  print("\nReal addresses are on loopback; a transport map lets them stand for the guide's:\n");
  print(addressTable(stage, style));
  print(`The Kubernetes API is embedded, at ${cluster.url}. ${INSTALLATION} and the guide's files are`);
  print('applied to it. A demo stand-in makes Pods and EndpointSlices there; our own Pods are processes.');

  await until('three next hops on every router', everyRouterHas(scene, stage.nodes));
  const upAfter = performance.now() - started;
  const dumps = await dumpsWithBfd(scene);

  heading('Sessions, as the speakers see them');
  print(sessionTable(dumps, style));
  const established = dumps
    .flatMap(([, dump]) => sessionsOf(dump))
    .filter(({ state }) => state === 'Established').length;
  print(`${counted(established, 'session')} Established and every route in place ${ms(upAfter)} after the start.`);

  heading('Service');
  print(serviceTable(cluster.api, style));

  heading('Routes, as each router sees them');
  for (const router of routers) print(routerBlock(router, style));

  await showCluster(scene);
  await loseASpeaker(scene);
  await editAManifest(scene);
  heading(`Done in ${ms(performance.now() - started)}.`);
}

/** Whether there are so many objects of a kind, all with this number in their status. */
const each =
  ({ cluster }: Scene, type: ResourceType, count: number, path: readonly string[], wanted: number) =>
  (): boolean => {
    const objects = cluster.api.list(type, METALLB_SYSTEM);
    return objects.length === count && objects.every((object) => valueAt(object, 'status', ...path) === wanted);
  };

/** Whether the status of every peer says that its session is Established on so many nodes. */
const everyPeerIsOn = (scene: Scene, nodes: number) =>
  each(scene, BGP_PEER, scene.routers.length, ['nodesEstablished'], nodes);

const eventsOf = ({ cluster }: Scene, reason: string): number =>
  cluster.api.list(EVENT).filter((event) => event.reason === reason).length;

async function showCluster(scene: Scene): Promise<void> {
  const { stage, cluster, routers } = scene;
  await until('the status of the pool', each(scene, IP_ADDRESS_POOL, 1, ['assignedIPv4'], 1));
  await until('the status of the peers', everyPeerIsOn(scene, stage.nodes.length));
  await until(
    'the status of the speakers',
    each(scene, SPEAKER_STATUS, stage.nodes.length, ['counts', 'established'], routers.length),
  );
  await until('the events of all sessions', () => eventsOf(scene, 'SessionUp') === stage.nodes.length * routers.length);
  await until('the events of all nodes', () => eventsOf(scene, 'nodeAssigned') === stage.nodes.length);
  heading('The cluster, as kubectl prints it');
  for (const get of SHOWN) {
    print(`\n  kubectl get ${get.line}\n`);
    print(kubectlTable(cluster.api, get, style).trimEnd());
  }
}

async function loseASpeaker(scene: Scene): Promise<void> {
  const { stage, cluster, routers } = scene;
  const { nodes } = stage;
  const victim = nodes[1] ?? '';
  heading(`The speaker of ${victim} is killed (SIGKILL)`);
  const marks = routers.map(({ events }) => events.length);
  const killed = performance.now();
  cluster.runtime.of(podOf(victim)).end('SIGKILL');
  const others = nodes.filter((node) => node !== victim);
  await until(`every router to drop ${victim}`, everyRouterHas(scene, others));
  for (const [i, router] of routers.entries()) {
    const dropped = router.events
      .slice(marks[i])
      .find(({ neighbor, change }) => neighbor === victim && change === 'removed');
    print(`  ${router.config.name} dropped the next hop after ${ms((dropped?.at ?? Number.NaN) - killed)}`);
  }
  await until('the status of the peers', everyPeerIsOn(scene, others.length));
  print(
    `  kubectl get bgppeers says ${others.length}/${nodes.length} of every peer after ${ms(performance.now() - killed)}`,
  );
  await pause(OBSERVE_MS);
  const touched = routers.flatMap(({ events }, i) =>
    events.slice(marks[i]).filter(({ neighbor }) => neighbor !== victim),
  );
  if (touched.length > 0) throw new Error(`routes of others changed: ${JSON.stringify(touched)}`);
  print(`  no route of any other node was touched: 0 withdrawals, 0 changes on ${counted(routers.length, 'router')}`);
  const startedAgain = (): number => cluster.runtime.startedAt(podOf(victim));
  await until(`${victim} on every router again`, () => startedAgain() > killed && everyRouterHas(scene, nodes)());
  print(`  started again: on every router ${ms(performance.now() - startedAgain())} later`);
  await until('the status of the peers', everyPeerIsOn(scene, nodes.length));
  await pause(OBSERVE_MS); // its End-of-RIB markers, too, are through before anything else is counted
}

async function editAManifest({ cluster, routers }: Scene): Promise<void> {
  heading(`One manifest is edited: ${EDITED.file}, community dc1-primary from ${EDITED.from} to ${EDITED.to}`);
  const before = wireCounts(routers);
  const marks = routers.map(({ events }) => events.length);
  const edited = performance.now();
  cluster.apply(EDITED.file, (text) => text.replace(EDITED.from, EDITED.to));
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

/** What the guide's lines about troubleshooting name, and its multi-router chapter has not. */
const NAMED_BY_LINES = ['bgp-peer/bgp-peer.yaml', 'bgp-peer-authentication/bgp-auth-secret.yaml'];

function invite({ cluster }: Scene): void {
  for (const file of NAMED_BY_LINES) cluster.apply(file);
  heading('Everything keeps running until Ctrl-C. To look at it, and to change it:');
  print(`\n  kubectl --kubeconfig ${cluster.kubeconfig} get all -n ${METALLB_SYSTEM}\n`);
  print('Every kubectl line of the guide works with it but exec; the installation has been done. For those lines');
  print(`${NAMED_BY_LINES.join(' and ')}`);
  print('are applied too: router-primary is the same router as dc1-router-primary, and says so.');
}

/** Rejects at the first signal that asks to end; the second does not wait for anything. */
const interrupted = new Promise<never>((_, reject) => {
  let signals = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (++signals > 1) void endChildren();
      else {
        isOver = true; // What is seen while everything ends is none of the story.
        reject(new Interruption(signal));
      }
    });
});

/** The command line; one that is wrong ends the process. */
function keepOption(): boolean {
  try {
    return parseArgs({ options: { keep: { type: 'boolean', default: false } } }).values.keep;
  } catch (error) {
    process.stderr.write(`${errorMessage(error)}\nusage: npm run demo [-- --keep]\n`);
    process.exit(2);
  }
}

class Interruption extends Error {
  override readonly name = 'Interruption';
  /** As shells count it. */
  readonly exitCode: number;

  constructor(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') {
    super(signal);
    this.exitCode = 128 + constants.signals[signal];
  }
}

const keep = keepOption();
const stage = await setStage(process);
startWarden(stage.directory);
let cluster: DemoCluster | undefined;
let invited = false;
try {
  const routers = Promise.all(stage.routers.map((config) => RouterProcess.start(config, somethingHappened)));
  cluster = await DemoCluster.start(stage, somethingHappened);
  const scene = { stage, cluster, routers: await Promise.race([routers, interrupted]) };
  await Promise.race([run(scene), interrupted]);
  if (keep) {
    invite(scene);
    invited = true;
    await interrupted;
  }
} catch (error) {
  if (!(error instanceof Interruption)) {
    process.stderr.write(`\nThe demo failed: ${errorMessage(error)}\n`);
    for (const line of cluster?.lastWords() ?? []) process.stderr.write(`${line}\n`);
    process.exitCode = 1;
  } else if (!invited) process.exitCode = error.exitCode;
} finally {
  await cluster?.stop();
  await endChildren();
  rmSync(stage.directory, { recursive: true, force: true });
}
process.exit();
