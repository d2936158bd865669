/**
 * What the lab shows, in order: the network, the sessions, the routes, the way of a client's request, the loss of a speaker, and
 * the same without the Secrets. Each step waits for what it shows and fails when it does not come.
 */
import { Frr } from './frr.ts';
import {
  BETWEEN,
  CLIENT,
  dc2Additions,
  FOLDERS,
  foldersWithoutSecrets,
  NODES,
  ROUTERS,
  SERVICE_ADDRESS,
  SERVICE_PREFIX,
} from './guide.ts';
import type { GuideNetwork } from './guide-network.ts';
import { kernelNextHops, tcpCounter } from './netns.ts';
import { until } from './run.ts';
import type { Sandbox } from './sandbox.ts';
import { hasFailed, speakerCommand, speakerLog, speakerSessions } from './speaker.ts';
import { heading, indent, type Print, table, tally } from './text.ts';

/** Sessions and routes are there within seconds; a machine with little to spare may take longer. */
const PATIENCE_MS = 60_000;
const ALL_NODES = NODES.map(({ name }) => name);

/** Who has which address, and what was added to the guide. */
export function showNetwork(network: GuideNetwork, print: Print): void {
  const rows = [['NAME', 'ADDRESS', 'WHAT']];
  for (const { name, address, outside } of ROUTERS) {
    rows.push([name, address, `${network.router(name).software}; ${outside} towards the client`]);
  }
  rows.push([BETWEEN.name, BETWEEN.inDc1, `router to data center 2, where it is ${BETWEEN.inDc2}; no BGP`]);
  for (const { name, address, endpoint } of NODES) rows.push([name, address, `speaker; HTTP server ${endpoint}:80`]);
  rows.push([CLIENT.name, CLIENT.address, 'beyond the routers; equal routes through all four']);
  print(heading('The network'));
  print(table(rows));
  print(
    '\ndc1-router-primary runs the frr.conf of the guide as printed (lab/guide/frr.conf), dc1-router-secondary the same in',
  );
  print(
    "BIRD's language, the routers of data center 2 the same with their own router ID and this addition to the guide:",
  );
  print(indent(dc2Additions().join('\n')));
  for (const router of network.routers) {
    if (!(router instanceof Frr) || router.remarks === '') continue;
    print(`What ${router.software} of ${router.name} remarked when it read its configuration:`);
    print(
      indent(
        table([...countLines(router.remarks)].map(([line, times]) => [line, times > 1 ? `(${times} times)` : ''])),
      ),
    );
  }
}

/** Starts the speakers and shows the sessions as the routers see them. */
export async function showSessions(network: GuideNetwork, print: Print): Promise<void> {
  print(heading('The speakers'));
  for (const { name } of NODES) {
    const folders = FOLDERS.map((folder) => folder.slice(folder.indexOf('examples/')));
    print(`ip netns exec … metallb ${speakerCommand({ from: folders, node: name }).join(' ')}`);
  }
  const start = performance.now();
  network.startSpeakers(FOLDERS);
  const took = await network.untilNextHops(ALL_NODES, PATIENCE_MS);
  print(`\nFrom their start until a router forwarded ${SERVICE_PREFIX} to all three nodes:`);
  print(indent(table([...took].map(([router, ms]) => [router, `${Math.round(ms)} ms`]))));

  print(heading('The sessions as each router sees them'));
  for (const router of network.routers) {
    print(`${router.name} ${router.address} (${router.software}):`);
    print(indent((await router.sessionsText()).trim()));
    print('');
  }
  const views = await network.views();
  const established = views.reduce((total, view) => total + view.established, 0);
  print(
    `${established} of ${ROUTERS.length * NODES.length} sessions established, ${Math.round(performance.now() - start)} ms after the start.`,
  );
}

/** The BGP table of one router whole, the paths of another, and what each forwards to. */
export async function showRoutes(network: GuideNetwork, print: Print): Promise<void> {
  const primary = network.router('dc1-router-primary');
  if (!(primary instanceof Frr)) throw new Error('dc1-router-primary runs the guide’s frr.conf');
  print(heading(`vtysh -c 'show bgp ipv4 unicast' on ${primary.name}`));
  print((await primary.vtysh('show bgp ipv4 unicast')).trim());
  for (const router of network.routers) {
    print(heading(`The paths of ${SERVICE_PREFIX} on ${router.name}`));
    print((await router.pathsText(SERVICE_PREFIX)).trim());
  }
  print(heading('What each router forwards to'));
  const rows = [['ROUTER', 'NEXT HOPS (BGP)', "NEXT HOPS (KERNEL'S FIB)"]];
  for (const router of network.routers) {
    const hops = await router.nextHops(SERVICE_PREFIX);
    rows.push([router.name, hops.join(' '), (await kernelNextHops(router.namespace, SERVICE_PREFIX)).join(' ')]);
  }
  print(table(rows));
  print(
    `\nThe routers of data center 2 reach all nodes through ${BETWEEN.inDc2}: there the kernel has one way for three next hops.`,
  );
}

/** The client's requests: through all routers, then through each alone. */
export async function showRequests(network: GuideNetwork, print: Print): Promise<void> {
  print(heading(`curl http://${SERVICE_ADDRESS} from the client, each a new connection`));
  const answers = await answered(network, 12);
  print(answers.map((answer, i) => `${String(i + 1).padStart(2)}: ${answer}`).join('\n'));
  print(`\n${tally(answers)}\n`);
  for (const { name } of ROUTERS) {
    await network.curlThrough(name);
    print(`through ${name} alone: ${tally(await answered(network, 12))}`);
  }
  await network.curlThrough(undefined);
}

/** A speaker that says goodbye, and one that is killed: how long until each router has dropped its next hop. */
export async function showLoss(network: GuideNetwork, print: Print): Promise<void> {
  for (const [node, signal] of [
    ['node2', 'SIGTERM'],
    ['node3', 'SIGKILL'],
  ] as const) {
    print(heading(`${signal} to the speaker of ${node}`));
    network.speaker(node).signal(signal);
    const took = await network.untilNextHops(
      ALL_NODES.filter((name) => name !== node),
      PATIENCE_MS,
    );
    print(
      'Until the next hop was gone (seen by asking the router again and again, which itself takes up to 60 ms with FRR):',
    );
    print(indent(table([...took].map(([router, ms]) => [router, `${Math.round(ms)} ms`]))));
    print(`curl meanwhile: ${tally(await answered(network, 12))}`);
    network.startSpeaker(node, FOLDERS);
    const back = Math.max(...(await network.untilNextHops(ALL_NODES, PATIENCE_MS)).values());
    print(`Started again: all three next hops on all routers after ${Math.round(back)} ms.`);
  }
}

/** The same network, but the Secrets that the peers name do not exist: no session, and what the speaker says about it. */
export async function showWithoutSecrets(sandbox: Sandbox, network: GuideNetwork, print: Print): Promise<void> {
  print(heading('Without the two Secrets'));
  await network.stopSpeakers();
  await network.untilNextHops([], PATIENCE_MS);
  const primary = network.router('dc1-router-primary').namespace;
  const failuresBefore = await tcpCounter(primary, 'TCPMD5Failure');
  const folders = foldersWithoutSecrets(sandbox.subdirectory('cluster-without-secrets'));
  print(
    'The same folders, `cluster` without bgp-dc1-secret and bgp-dc2-secret. Warnings and errors of node1 in the first seconds:\n',
  );
  network.startSpeakers(folders);
  const speaker = network.speaker('node1');
  // A silent peer is noticed when the dial has timed out; until then there is nothing to report.
  await until('a cause for every session', () => speakerSessions(speaker), {
    timeoutMs: PATIENCE_MS,
    everyMs: 200,
    done: (sessions) => sessions.length === ROUTERS.length && sessions.every(hasFailed),
  });
  for (const line of await speakerLog(speaker)) {
    if (line.level === 'warn' || line.level === 'error') print(JSON.stringify(line));
  }
  print("\nThe sessions in the speaker's state (SIGUSR1), as far as it concerns this:\n");
  for (const { peer, peerAddress, authentication, state, cause } of await speakerSessions(speaker)) {
    print(JSON.stringify({ peer, peerAddress, authentication, state, cause }, null, 2));
  }
  const dropped = (await tcpCounter(primary, 'TCPMD5Failure')) - failuresBefore;
  print(
    `\nFor comparison, what only the router knows: ${dropped} segments with a wrong MD5 signature dropped by dc1-router-primary.`,
  );
  const views = await network.views();
  print(`Sessions established: ${views.reduce((total, view) => total + view.established, 0)}.`);
}

async function answered(network: GuideNetwork, times: number): Promise<readonly string[]> {
  const answers = await network.curl(times);
  const wrong = answers.find((answer) => !ALL_NODES.includes(answer));
  if (wrong !== undefined) throw new Error(`the Service did not answer: ${wrong}`);
  return answers;
}

function countLines(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
