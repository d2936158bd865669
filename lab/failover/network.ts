/**
 * A node and two routers on one line, built in a sandbox, with whoever watches them from outside.
 *
 *     router-frr  192.168.1.1 ──┬── node1 192.168.1.10
 *     router-bird 192.168.1.2 ──┘
 *
 * The line is a bridge in a namespace of its own; there the node is cut off.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bird } from '../bird.ts';
import type { Daemon } from '../daemon.ts';
import { Frr } from '../frr.ts';
import { SERVICE_PREFIX } from '../guide.ts';
import { forward, kernelNextHops, link, type NetworkNamespace } from '../netns.ts';
import type { BfdRouter } from '../router.ts';
import { run, until } from '../run.ts';
import type { Sandbox } from '../sandbox.ts';
import { type LogLine, speakerLog, startSpeaker } from '../speaker.ts';
import {
  type BfdTiming,
  BIRD_ADDRESS,
  bfdLines,
  birdConf,
  FRR_ADDRESS,
  frrConf,
  NODE,
  ROUTER_ASN,
  writeManifests,
} from './manifests.ts';
import { BfdWatch, IpMonitor, type Moment } from './watch.ts';

const DEVICE = 'eth0';
const BRIDGE = 'line';
const PATIENCE_MS = 60_000;

/** What happens to whom. */
export type Failure = 'silent cut' | 'carrier lost' | 'speaker stopped' | 'routers stopped';

interface Site {
  readonly router: BfdRouter;
  readonly routes: IpMonitor;
  readonly bfd: BfdWatch;
  /** Ids of the processes that are the router. */
  readonly processes: readonly number[];
}

/** What came of a failure at one router, in milliseconds since it; null where it did not come. */
export interface SiteOutcome {
  readonly router: string;
  /** The router's first packet that says Down. */
  readonly bfdDownMs: number | null;
  /** The route has left the router's forwarding table. */
  readonly routeGoneMs: number | null;
  /** The speaker said, in its log, that BFD with this router is Down; and that the BGP session is over. */
  readonly ourDownMs: number | null;
  readonly ourEndMs: number | null;
}

export interface Outcome {
  readonly failure: Failure;
  readonly sites: readonly SiteOutcome[];
  /** From the kernel's word that the node's link has lost its carrier to the first line of the speaker's log about it. */
  readonly netlinkMs: number | null;
}

export class FailoverNetwork {
  readonly timing: BfdTiming;
  readonly sites: readonly Site[];
  readonly #wires: NetworkNamespace;
  readonly #nodePort: string;
  readonly #links: IpMonitor;
  readonly #startSpeaker: () => Daemon;
  #speaker: Daemon;

  private constructor(fields: {
    readonly timing: BfdTiming;
    readonly sites: readonly Site[];
    readonly wires: NetworkNamespace;
    readonly nodePort: string;
    readonly links: IpMonitor;
    readonly startSpeaker: () => Daemon;
  }) {
    this.timing = fields.timing;
    this.sites = fields.sites;
    this.#wires = fields.wires;
    this.#nodePort = fields.nodePort;
    this.#links = fields.links;
    this.#startSpeaker = fields.startSpeaker;
    this.#speaker = fields.startSpeaker();
  }

  static async build(sandbox: Sandbox, timing: BfdTiming): Promise<FailoverNetwork> {
    const wires = await sandbox.namespace('wires');
    await wires.ip(`link add name ${BRIDGE} type bridge`, `link set ${BRIDGE} up`);
    const plug = async (name: string, address: string): Promise<NetworkNamespace> => {
      const namespace = await sandbox.namespace(name);
      const port = { namespace: wires, device: `to-${name}`.slice(0, 15), bridge: BRIDGE };
      await link({ namespace, device: DEVICE, addresses: [`${address}/24`] }, port);
      await forward(namespace);
      return namespace;
    };
    const node = await plug(NODE.name, NODE.address);
    const [atFrr, atBird] = [await plug('router-frr', FRR_ADDRESS), await plug('router-bird', BIRD_ADDRESS)];
    const frr = await Frr.start({ sandbox, namespace: atFrr, address: FRR_ADDRESS, config: frrConf(timing) });
    if (timing !== null) await untilWatching(frr);
    const bird = await Bird.start({ sandbox, namespace: atBird, address: BIRD_ADDRESS, config: birdConf(timing) });
    const pid = (directory: string, daemon: string): number =>
      Number(readFileSync(join(sandbox.directory, directory, `${daemon}.pid`), 'utf8'));
    const daemons = ['zebra', 'bgpd', ...(timing === null ? [] : ['bfdd'])];
    const watched = (router: BfdRouter, processes: readonly number[]): Site => ({
      ...{ router, processes },
      routes: new IpMonitor(router.namespace, 'route'),
      bfd: new BfdWatch(router.namespace, DEVICE),
    });
    const sites = [
      watched(
        frr,
        daemons.map((daemon) => pid('frr-router-frr', daemon)),
      ),
      watched(bird, [pid('bird-router-bird', 'bird')]),
    ];
    // A router has its processor for itself; here all share what there is, and BFD of a daemon that waits for its turn is Down.
    for (const process of sites.flatMap(({ processes }) => processes)) {
      await run(['chrt', '--all-tasks', '--rr', '--pid', '1', `${process}`]);
    }
    const manifests = sandbox.subdirectory('manifests');
    writeManifests(manifests, timing);
    let lives = 0;
    const start = (): Daemon =>
      startSpeaker({ sandbox, namespace: node, node: NODE.name, from: [manifests], life: `${++lives}` });
    const links = new IpMonitor(node, 'link');
    const nodePort = `to-${NODE.name}`;
    return new FailoverNetwork({ timing, sites, wires, nodePort, links, startSpeaker: start });
  }

  /** Waits until every router forwards to the node, with BFD Up where there is BFD, and its intervals agreed on. */
  async untilUp(): Promise<void> {
    for (const { router } of this.sites) {
      await until(`the route of ${router.name}`, () => kernelNextHops(router.namespace, SERVICE_PREFIX), {
        timeoutMs: PATIENCE_MS,
        done: (hops) => hops.includes(NODE.address),
      });
      if (this.timing === null) continue;
      await until(`BFD of ${router.name}`, () => router.bfdSessions(), {
        timeoutMs: PATIENCE_MS,
        done: (sessions) => sessions.some(({ neighbor, isUp }) => neighbor === NODE.address && isUp),
      });
    }
    // Poll Sequences end within a second, and damping has to see that the sessions stay.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
  }

  /** Brings the failure about, and waits until it has had all its effects, or so long. */
  async measure(failure: Failure, timeoutMs: number): Promise<Outcome> {
    const at = await this.#begin(failure);
    try {
      return await until(`the effects of ${failure}`, () => this.#outcome(failure, at), {
        timeoutMs,
        everyMs: 50,
        done: ({ sites }) => sites.every((site) => isOver(failure, this.timing, site)),
      });
    } finally {
      await this.#end(failure);
    }
  }

  /** Begins anew with another speaker: one that has seen a session fail again and again waits ever longer before it dials, which is not what is measured. */
  async restartSpeaker(): Promise<void> {
    await this.#speaker.stop('SIGKILL');
    this.#speaker = this.#startSpeaker();
  }

  /** The last words of the speaker. */
  async lastWords(): Promise<string> {
    const text = `${await this.#speaker.stdout()}${await this.#speaker.stderr()}`;
    return text.trim().split('\n').slice(-15).join('\n');
  }

  async stopWatching(): Promise<void> {
    await Promise.all(
      [this.#links, ...this.sites.flatMap(({ routes, bfd }) => [routes, bfd])].map((each) => each.stop()),
    );
  }

  async #begin(failure: Failure): Promise<Moment> {
    switch (failure) {
      case 'silent cut': {
        const chain = (hook: string) =>
          `chain ${hook} { type filter hook ${hook} device ${this.#nodePort} priority 0; drop; };`;
        return await this.#now(`nft 'table netdev cut { ${chain('ingress')} ${chain('egress')} }'`);
      }
      case 'carrier lost':
        return await this.#now(`ip link set ${this.#nodePort} down`);
      case 'speaker stopped':
        this.#speaker.signal('SIGSTOP');
        return Date.now();
      case 'routers stopped':
        for (const process of this.#processes) globalThis.process.kill(process, 'SIGSTOP');
        return Date.now();
    }
  }

  async #end(failure: Failure): Promise<void> {
    if (failure === 'silent cut') await this.#wires.run(['nft', 'delete table netdev cut']);
    else if (failure === 'carrier lost') await this.#wires.ip(`link set ${this.#nodePort} up`);
    else if (failure === 'speaker stopped') this.#speaker.signal('SIGCONT');
    else for (const process of this.#processes) globalThis.process.kill(process, 'SIGCONT');
  }

  get #processes(): readonly number[] {
    return this.sites.flatMap(({ processes }) => processes);
  }

  /** Runs this where the wires are; the moment at which it was done, as the shell itself has seen it. */
  async #now(command: string): Promise<Moment> {
    const said = await this.#wires.run(['bash', '-c', `${command} && printf '%s\\n' "$EPOCHREALTIME"`]);
    return Number(said.trim().replace(',', '.')) * 1_000;
  }

  async #outcome(failure: Failure, at: Moment): Promise<Outcome> {
    // What a command has brought about may be seen before it says that it is done.
    const from = at - 100;
    const lines = (await speakerLog(this.#speaker)).map((line) => ({ ...line, at: Date.parse(`${line.ts}`) }));
    const logged = (event: string, address: string): Moment | undefined =>
      lines.find((line) => line.at >= from && line.event === event && (line as LogLine).peerAddress === address)?.at;
    const since = (moment: Moment | undefined): number | null =>
      moment === undefined ? null : Math.max(0, moment - at);
    const carrier = failure === 'carrier lost' ? this.#links.saw(/NO-CARRIER/, from) : undefined;
    const noticed = this.sites
      .flatMap(({ router: { address } }) => [logged('bfdDown', address), logged('sessionError', address)])
      .filter((moment) => moment !== undefined);
    return {
      failure,
      sites: this.sites.map(({ router, routes, bfd }) => ({
        router: router.software,
        bfdDownMs: since(bfd.said(router.address, 'Down', at)),
        routeGoneMs: since(routes.saw(new RegExp(`^Deleted ${SERVICE_PREFIX.replace('/32', '')} `), from)),
        ourDownMs: since(logged('bfdDown', router.address)),
        ourEndMs: since(logged('sessionError', router.address)),
      })),
      netlinkMs: carrier === undefined || noticed.length === 0 ? null : Math.max(0, Math.min(...noticed) - carrier),
    };
  }
}

/** bgpd asks bfdd for its session once, by way of zebra; where bfdd was not there yet, nobody asks again. */
async function untilWatching(frr: Frr): Promise<void> {
  const ask = [`no neighbor ${NODE.address} bfd`, ...bfdLines()];
  for (let attempt = 1; ; attempt++) {
    try {
      const options = { timeoutMs: 10_000, done: ({ length }: { length: number }) => length > 0 };
      await until('a BFD session at FRR', () => frr.bfdSessions(), options);
      return;
    } catch (error) {
      if (attempt === 3) throw error;
      await frr.configure(`router bgp ${ROUTER_ASN}`, ...ask);
    }
  }
}

/** Whether nothing more is to come of it. A router that stands still keeps its route; a speaker that does says nothing. */
function isOver(failure: Failure, timing: BfdTiming, site: SiteOutcome): boolean {
  if (failure === 'routers stopped') return site.ourEndMs !== null;
  if (site.routeGoneMs === null || (timing !== null && site.bfdDownMs === null)) return false;
  return failure === 'speaker stopped' || timing === null || site.ourDownMs !== null;
}
