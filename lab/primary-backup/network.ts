/**
 * Primary and backup, built in a sandbox.
 *
 *                                         ┌─ router-primary 192.168.1.1 ─┬─ node1 192.168.1.10
 *     client 203.0.113.100 ──┬─ core ─────┴─ router-backup  192.168.1.2 ─┼─ node2 192.168.1.11
 *                            │                                           ├─ node3 192.168.1.12
 *                            └─ way-back 203.0.113.254   192.168.1.254 ──┘
 *
 * The core and both routers are AS 64512 and share a subnet, 198.51.100.0/24. Answers go back over `way-back`, so that what is lost is lost on
 * the way in, which is what BGP decides about. The lines are bridges in a namespace of their own; there they are cut.
 */
import { join } from 'node:path';
import { Bird } from '../bird.ts';
import { Daemon } from '../daemon.ts';
import { Frr } from '../frr.ts';
import { CLIENT, NODES, POOL, SERVICE_ADDRESS, SERVICE_PREFIX } from '../guide.ts';
import { forward, hashConnections, link, type NetworkNamespace } from '../netns.ts';
import type { BfdRouter } from '../router.ts';
import { until } from '../run.ts';
import type { Sandbox } from '../sandbox.ts';
import { startSpeaker } from '../speaker.ts';
import { PROBE_PORT, Probes, ROUTER_PORTS } from './probes.ts';
import { BACKUP, CORE, coreConf, type PathRouter, PRIMARY, type Software, withOwnLines } from './routers.ts';

/** The subnets, and so the bridges and the devices of whoever is on them. */
const NODES_SIDE = 'nodes';
const INSIDE = 'inside';
const OUTSIDE = 'outside';

const WAY_BACK = { name: 'way-back', inNodes: '192.168.1.254', outside: '203.0.113.254' } as const;

/** A router's software, and the text that it boots for the nodes. */
export interface RouterText {
  readonly software: Software;
  readonly text: string;
}

export class PathNetwork {
  readonly primary: BfdRouter;
  readonly backup: BfdRouter;
  readonly core: Bird;
  readonly probes: Probes;
  readonly #sandbox: Sandbox;
  readonly #wires: NetworkNamespace;
  readonly #nodes: ReadonlyMap<string, NetworkNamespace>;
  /** The bridge port that router-primary is plugged into on the nodes' subnet. */
  readonly #primaryPort: string;
  readonly #speakers = new Map<string, Daemon>();
  #lives = 0;

  private constructor(fields: {
    readonly sandbox: Sandbox;
    readonly wires: NetworkNamespace;
    readonly nodes: ReadonlyMap<string, NetworkNamespace>;
    readonly primaryPort: string;
    readonly routers: { readonly primary: BfdRouter; readonly backup: BfdRouter; readonly core: Bird };
    readonly probes: Probes;
  }) {
    this.#sandbox = fields.sandbox;
    this.#wires = fields.wires;
    this.#nodes = fields.nodes;
    this.#primaryPort = fields.primaryPort;
    this.primary = fields.routers.primary;
    this.backup = fields.routers.backup;
    this.core = fields.routers.core;
    this.probes = fields.probes;
  }

  /** Builds the network and starts routers and probes; speakers come later. */
  static async build(sandbox: Sandbox, texts: { readonly primary: RouterText; readonly backup: RouterText }) {
    const wires = await sandbox.namespace('wires');
    for (const bridge of [NODES_SIDE, INSIDE, OUTSIDE])
      await wires.ip(`link add name ${bridge} type bridge`, `link set ${bridge} up`);
    let ports = 0;
    const plug = async (namespace: NetworkNamespace, bridge: string, address: string): Promise<string> => {
      ports += 1;
      const port = { namespace: wires, device: `port${ports}`, bridge };
      await link({ namespace, device: bridge, addresses: [`${address}/24`] }, port);
      return port.device;
    };

    const back = await sandbox.namespace(WAY_BACK.name);
    await plug(back, NODES_SIDE, WAY_BACK.inNodes);
    await plug(back, OUTSIDE, WAY_BACK.outside);
    await forward(back);

    const nodes = new Map<string, NetworkNamespace>();
    for (const { name, address } of NODES) {
      const namespace = await sandbox.namespace(name);
      await plug(namespace, NODES_SIDE, address);
      await namespace.ip(`addr add ${SERVICE_PREFIX} dev lo`, `route add ${CLIENT.network} via ${WAY_BACK.inNodes}`);
      startServer(sandbox, namespace, name);
      nodes.set(name, namespace);
    }

    const client = await sandbox.namespace(CLIENT.name);
    await plug(client, OUTSIDE, CLIENT.address);
    await client.ip(`route add ${POOL} via ${CORE.outside}`);

    const core = await sandbox.namespace(CORE.name);
    await plug(core, OUTSIDE, CORE.outside);
    await plug(core, INSIDE, CORE.inside);
    await forward(core);
    await hashConnections(core);

    const routers: BfdRouter[] = [];
    let primaryPort = '';
    for (const [router, { software, text }] of [
      [PRIMARY, texts.primary],
      [BACKUP, texts.backup],
    ] as const) {
      const namespace = await sandbox.namespace(router.name);
      const port = await plug(namespace, NODES_SIDE, router.address);
      if (router === PRIMARY) primaryPort = port;
      await plug(namespace, INSIDE, router.inside);
      await forward(namespace);
      await hashConnections(namespace);
      await stamp(namespace, router);
      const { address } = router;
      const options = { sandbox, namespace, address, config: withOwnLines(router, software, text) };
      routers.push(software === 'bird' ? await Bird.start(options) : await Frr.start(options));
    }
    const [primary, backup] = routers as [BfdRouter, BfdRouter];
    const coreRouter = await Bird.start({ sandbox, namespace: core, address: CORE.inside, config: coreConf() });
    return new PathNetwork({
      sandbox,
      wires,
      nodes,
      primaryPort,
      routers: { primary, backup, core: coreRouter },
      probes: new Probes(sandbox, client),
    });
  }

  /** Starts the speakers of all nodes on this folder of manifests. */
  startSpeakers(folder: string): void {
    for (const [node, namespace] of this.#nodes) {
      this.#lives += 1;
      const options = { sandbox: this.#sandbox, namespace, node, from: [folder], life: `${this.#lives}` };
      this.#speakers.set(node, startSpeaker(options));
    }
  }

  /** Ends them, and waits until the core knows no way to the Service any more. */
  async stopSpeakers(): Promise<void> {
    await Promise.all([...this.#speakers.values()].map((speaker) => speaker.stop()));
    await this.untilCoreUses([], 60_000);
  }

  /** Waits until the core forwards the Service's packets to exactly these routers. */
  async untilCoreUses(routers: readonly PathRouter[], timeoutMs: number): Promise<void> {
    const wanted = JSON.stringify(routers.map(({ inside }) => inside).sort());
    await until('next hops of the core', () => this.core.nextHops(SERVICE_PREFIX), {
      timeoutMs,
      done: (hops) => JSON.stringify(hops) === wanted,
    });
  }

  /** Waits until each router has the Service's prefix from all nodes. */
  async untilAllPaths(timeoutMs: number): Promise<void> {
    for (const router of [this.primary, this.backup])
      await until(`paths of ${router.name}`, () => router.pathsText(SERVICE_PREFIX), {
        timeoutMs,
        done: (text) => NODES.every(({ address }) => text.includes(address)),
      });
  }

  /** Waits until the router has BFD Up with every node; the addresses that it is Up with. */
  async untilBfdUp(router: BfdRouter, timeoutMs: number): Promise<readonly string[]> {
    const sessions = await until(`BFD of ${router.name}`, () => router.bfdSessions(), {
      timeoutMs,
      done: (found) => found.length === NODES.length && found.every(({ isUp }) => isUp),
    });
    return sessions.map(({ neighbor }) => neighbor).sort();
  }

  /** Loses everything between router-primary and the nodes' subnet without a word: both ends keep their carrier. Says when. */
  async cut(): Promise<number> {
    const chain = (hook: string) =>
      `chain ${hook} { type filter hook ${hook} device ${this.#primaryPort} priority 0; drop; };`;
    await this.#wires.run(['nft', `table netdev cut { ${chain('ingress')} ${chain('egress')} }`]);
    return Date.now();
  }

  async mend(): Promise<number> {
    await this.#wires.run(['nft', 'delete table netdev cut']);
    return Date.now();
  }

  /** Takes the carrier from router-primary's end of that line, or gives it back. Says when. */
  async carrier(state: 'up' | 'down'): Promise<number> {
    await this.#wires.ip(`link set ${this.#primaryPort} ${state}`);
    return Date.now();
  }

  /** The last words of every speaker, for when something did not happen. */
  async lastWords(): Promise<string> {
    const words = [...this.#speakers].map(async ([node, speaker]) => {
      const text = `${await speaker.stdout()}${await speaker.stderr()}`.trim();
      return `${node}:\n${text.split('\n').slice(-12).join('\n')}\n`;
    });
    return (await Promise.all(words)).join('\n');
  }
}

function startServer(sandbox: Sandbox, namespace: NetworkNamespace, node: string): void {
  const program = join(import.meta.dirname, 'probe-server.ts');
  const ports = Object.values(ROUTER_PORTS).map(String);
  new Daemon({
    namespace,
    name: `server-${node}`,
    directory: sandbox.subdirectory('probes'),
    argv: [process.execPath, program, node, SERVICE_ADDRESS, ...ports],
  });
}

/** A router writes its own port into the probes that it hands to the nodes. */
async function stamp(namespace: NetworkNamespace, { name }: PathRouter): Promise<void> {
  await namespace.run(['nft', '-f', '-'], {
    input: `table ip stamp {
  chain forward {
    type filter hook forward priority mangle
    oifname ${NODES_SIDE} ip daddr ${SERVICE_ADDRESS} udp dport ${PROBE_PORT} udp dport set ${ROUTER_PORTS[name]}
  }
}
`,
  });
}
