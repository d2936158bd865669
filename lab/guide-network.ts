/**
 * The guide's network, built in a sandbox.
 *
 *     client 203.0.113.100 ──┬─ dc1-router-primary   192.168.1.1 ──┬─ node1 192.168.1.10 ── pod
 *                            ├─ dc1-router-secondary 192.168.1.2 ──┼─ node2 192.168.1.11 ── pod
 *                            │                                     ├─ node3 192.168.1.12 ── pod
 *                            │                                     └─ between 192.168.1.254
 *                            ├─ dc2-router-primary   192.168.2.1 ──┬─ between 192.168.2.254
 *                            └─ dc2-router-secondary 192.168.2.2 ──┘
 *
 * The lines are bridges in a namespace of their own. The router `between` speaks no BGP, so it has a static route for the pool
 * towards the first data center's routers, as the network's own routing would bring it there.
 */
import { join } from 'node:path';
import { Bird } from './bird.ts';
import { Daemon } from './daemon.ts';
import { Frr } from './frr.ts';
import {
  BETWEEN,
  birdConf,
  CLIENT,
  dc2FrrConf,
  type GuideNode,
  type GuideRouter,
  guideFrrConf,
  NODES,
  POOL,
  ROUTERS,
  SERVICE_ADDRESS,
  SERVICE_PREFIX,
} from './guide.ts';
import { forward, hashConnections, link, type NetworkNamespace } from './netns.ts';
import type { BfdRouter } from './router.ts';
import { until } from './run.ts';
import type { Sandbox } from './sandbox.ts';
import { startSpeaker } from './speaker.ts';

const DC1 = 'dc1';
const DC2 = 'dc2';
const OUTSIDE = 'outside';

/** A router's BGP state as tests and the lab wait for it. */
export interface RouterView {
  readonly router: string;
  readonly established: number;
  readonly nextHops: readonly string[];
}

export class GuideNetwork {
  readonly routers: readonly BfdRouter[];
  readonly client: NetworkNamespace;
  readonly #sandbox: Sandbox;
  readonly #nodes: ReadonlyMap<string, NetworkNamespace>;
  readonly #speakers = new Map<string, Daemon>();
  #lives = 0;

  private constructor(
    sandbox: Sandbox,
    routers: readonly BfdRouter[],
    client: NetworkNamespace,
    nodes: ReadonlyMap<string, NetworkNamespace>,
  ) {
    this.#sandbox = sandbox;
    this.routers = routers;
    this.client = client;
    this.#nodes = nodes;
  }

  /**
   * Builds the network and starts routers and HTTP servers; speakers come later.
   *
   * @param configOf - the text that a router boots; the guide's unless told.
   */
  static async build(sandbox: Sandbox, configOf: (router: GuideRouter) => string = guideConfig): Promise<GuideNetwork> {
    const wires = await sandbox.namespace('wires');
    for (const bridge of [DC1, DC2, OUTSIDE]) {
      await wires.ip(`link add name ${bridge} type bridge`, `link set ${bridge} up`);
    }
    let ports = 0;
    const plug = (namespace: NetworkNamespace, bridge: string, address: string) => {
      ports += 1;
      const port = { namespace: wires, device: `port${ports}`, bridge };
      return link({ namespace, device: bridge, addresses: [`${address}/24`] }, port);
    };

    const between = await sandbox.namespace(BETWEEN.name);
    await plug(between, DC1, BETWEEN.inDc1);
    await plug(between, DC2, BETWEEN.inDc2);
    await forward(between);
    await hashConnections(between);

    const nodes = new Map<string, NetworkNamespace>();
    for (const node of NODES) {
      const namespace = await sandbox.namespace(node.name);
      await plug(namespace, DC1, node.address);
      await buildNode(sandbox, namespace, node);
      nodes.set(node.name, namespace);
    }

    const client = await sandbox.namespace(CLIENT.name);
    await plug(client, OUTSIDE, CLIENT.address);
    await hashConnections(client);
    await client.ip(`route add ${POOL} ${ROUTERS.map(({ outside }) => `nexthop via ${outside}`).join(' ')}`);

    const routers: BfdRouter[] = [];
    for (const router of ROUTERS) {
      const namespace = await sandbox.namespace(router.name);
      await plug(namespace, router.dataCenter === 1 ? DC1 : DC2, router.address);
      await plug(namespace, OUTSIDE, router.outside);
      await forward(namespace);
      await hashConnections(namespace);
      if (router.dataCenter === 2) await namespace.ip(`route add 192.168.1.0/24 via ${BETWEEN.inDc2}`);
      routers.push(await startRouter(sandbox, namespace, router, configOf(router)));
    }
    const dc1 = ROUTERS.filter(({ dataCenter }) => dataCenter === 1);
    await between.ip(`route add ${POOL} ${dc1.map(({ address }) => `nexthop via ${address}`).join(' ')}`);
    return new GuideNetwork(sandbox, routers, client, nodes);
  }

  router(name: string): BfdRouter {
    const router = this.routers.find((candidate) => candidate.name === name);
    if (router === undefined) throw new Error(`no router ${name}`);
    return router;
  }

  /** The namespace of a node. */
  node(name: string): NetworkNamespace {
    const namespace = this.#nodes.get(name);
    if (namespace === undefined) throw new Error(`no node ${name}`);
    return namespace;
  }

  speaker(node: string): Daemon {
    const speaker = this.#speakers.get(node);
    if (speaker === undefined) throw new Error(`no speaker on ${node}`);
    return speaker;
  }

  /** Starts the speaker of a node on these folders of manifests. */
  startSpeaker(node: string, from: readonly string[]): Daemon {
    this.#lives += 1;
    const speaker = startSpeaker({
      sandbox: this.#sandbox,
      namespace: this.node(node),
      node,
      from,
      life: `${this.#lives}`,
    });
    this.#speakers.set(node, speaker);
    return speaker;
  }

  startSpeakers(from: readonly string[]): void {
    for (const { name } of NODES) this.startSpeaker(name, from);
  }

  /** Ends all speakers as a node's shutdown would. */
  async stopSpeakers(): Promise<void> {
    await Promise.all([...this.#speakers.values()].filter(({ running }) => running).map((speaker) => speaker.stop()));
    this.#speakers.clear();
  }

  /** The last words of every speaker, for when something did not happen. */
  async lastWords(): Promise<string> {
    const words = [...this.#speakers].map(async ([node, speaker]) => {
      const text = `${await speaker.stdout()}${await speaker.stderr()}`.trim();
      return `${node} (${speaker.running ? 'running' : 'ended'}):\n${text.split('\n').slice(-12).join('\n')}\n`;
    });
    return (await Promise.all(words)).join('\n');
  }

  /** What each router has now. */
  views(): Promise<readonly RouterView[]> {
    return Promise.all(
      this.routers.map(async (router) => {
        const [sessions, nextHops] = await Promise.all([router.sessions(), router.nextHops(SERVICE_PREFIX)]);
        const established = sessions.filter(({ state }) => state === 'Established').length;
        return { router: router.name, established, nextHops };
      }),
    );
  }

  /** Waits until each router forwards the Service's prefix to exactly the nodes with these names; says how long each took. */
  async untilNextHops(names: readonly string[], timeoutMs: number): Promise<ReadonlyMap<string, number>> {
    const start = performance.now();
    const addresses = NODES.filter(({ name }) => names.includes(name)).map(({ address }) => address);
    const wanted = JSON.stringify([...addresses].sort());
    const all = Promise.all(
      this.routers.map(async (router) => {
        await until(`next hops of ${router.name}`, () => router.nextHops(SERVICE_PREFIX), {
          timeoutMs,
          everyMs: 10,
          done: (hops) => JSON.stringify(hops) === wanted,
        });
        return [router.name, performance.now() - start] as const;
      }),
    );
    // A speaker that has ended announces nothing any more: no use in waiting for it.
    const ended = names.map(async (name) => {
      const status = await this.speaker(name).exited;
      throw new Error(`the speaker of ${name} ended with ${status}`);
    });
    return new Map(await Promise.race([all, ...ended]));
  }

  /** Asks the Service from the client, each time over a new connection; the answers, which are nodes' names. */
  async curl(times: number): Promise<readonly string[]> {
    const answers: string[] = [];
    for (let i = 0; i < times; i += 1) {
      const answer = await this.client.tryRun(['curl', '-sS', '--max-time', '3', `http://${SERVICE_ADDRESS}`]);
      answers.push(answer.status === 0 ? answer.stdout.trim() : `failed: ${answer.stderr.trim()}`);
    }
    return answers;
  }

  /** Sends what the client asks of the Service through one router only, or (undefined) through all again. */
  async curlThrough(router: string | undefined): Promise<void> {
    const outside = ROUTERS.find(({ name }) => name === router)?.outside;
    await this.client.ip(
      outside === undefined ? `route del ${SERVICE_PREFIX}` : `route replace ${SERVICE_PREFIX} via ${outside}`,
    );
  }
}

/** A node: a pod with the HTTP server, the way to it as kube-proxy would make it, and the ways back. */
async function buildNode(sandbox: Sandbox, namespace: NetworkNamespace, node: GuideNode): Promise<void> {
  const pod = await sandbox.namespace(`${node.name}-pod`);
  await link(
    { namespace, device: 'pod', addresses: [`${node.podGateway}/24`] },
    { namespace: pod, device: 'eth0', addresses: [`${node.endpoint}/24`] },
  );
  await pod.ip(`route add default via ${node.podGateway}`);
  await forward(namespace);
  await hashConnections(namespace);
  const dc1 = ROUTERS.filter(({ dataCenter }) => dataCenter === 1);
  await namespace.ip(
    `route add 192.168.2.0/24 via ${BETWEEN.inDc1}`,
    `route add ${CLIENT.network} ${dc1.map(({ address }) => `nexthop via ${address}`).join(' ')}`,
  );
  await namespace.run(['nft', '-f', '-'], {
    input: `table ip service {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    ip daddr ${SERVICE_ADDRESS} tcp dport 80 dnat to ${node.endpoint}:80
  }
}
`,
  });
  const server = join(import.meta.dirname, 'http-server.ts');
  new Daemon({
    namespace: pod,
    name: `http-${node.name}`,
    directory: sandbox.subdirectory('http'),
    argv: [process.execPath, server, node.name, node.endpoint, '80'],
  });
}

/** The guide's frr.conf, or what it says in BIRD's language. */
function guideConfig({ software, address, dataCenter }: GuideRouter): string {
  if (software === 'bird') return birdConf(address);
  return dataCenter === 1 ? guideFrrConf() : dc2FrrConf(address);
}

function startRouter(
  sandbox: Sandbox,
  namespace: NetworkNamespace,
  { address, software }: GuideRouter,
  config: string,
): Promise<BfdRouter> {
  const options = { sandbox, namespace, address, config };
  return software === 'bird' ? Bird.start(options) : Frr.start(options);
}
