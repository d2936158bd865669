/**
 * What happens at the routers meanwhile: sessions that end, routes that go.
 *
 * Nothing is polled for. A session that ended in between is in the router's own count, and a route that went for a moment is in what the
 * router's kernel says of every change.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon } from '../../../lab/daemon.ts';
import type { Frr } from '../../../lab/frr.ts';

interface Neighbor {
  readonly connectionsEstablished: number;
  readonly connectionsDropped: number;
  readonly messageStats: { readonly updatesRecv: number };
}

export interface Happened {
  /** `ROUTER NODE`, once for each time that the session ended. */
  readonly sessionsDropped: readonly string[];
  /** `ROUTER PREFIX`, once for each time that the router had no way to it any more. */
  readonly routesLost: readonly string[];
  /** UPDATEs that the routers got, all sessions together. */
  readonly updates: number;
}

/** How long the kernel's word may take until it is in the file. */
const WORD_MS = 300;
let watches = 0;

export class RouterWatch {
  readonly #routers: readonly Frr[];
  readonly #monitors: readonly Daemon[];
  readonly #before: readonly Readonly<Record<string, Neighbor>>[];

  private constructor(
    routers: readonly Frr[],
    monitors: readonly Daemon[],
    before: readonly Readonly<Record<string, Neighbor>>[],
  ) {
    this.#routers = routers;
    this.#monitors = monitors;
    this.#before = before;
  }

  static async begin(routers: readonly Frr[], directory: string): Promise<RouterWatch> {
    watches += 1;
    const argv = ['ip', '-o', 'monitor', 'route'];
    const monitors = routers.map(
      ({ name, namespace }) => new Daemon({ namespace, name: `monitor-${watches}-${name}`, directory, argv }),
    );
    await sleep(WORD_MS);
    return new RouterWatch(routers, monitors, await Promise.all(routers.map(neighborsOf)));
  }

  /** What has happened until now. */
  async end(): Promise<Happened> {
    await sleep(WORD_MS);
    const after = await Promise.all(this.#routers.map(neighborsOf));
    for (const monitor of this.#monitors) if (monitor.running) await monitor.stop();
    const said = await Promise.all(this.#monitors.map((monitor) => monitor.stdout()));
    const sessionsDropped: string[] = [];
    const routesLost: string[] = [];
    let updates = 0;
    for (const [i, { name }] of this.#routers.entries()) {
      for (const [address, now] of Object.entries(after[i] ?? {})) {
        const before = this.#before[i]?.[address];
        if (before === undefined) throw new Error(`${name} has a neighbor ${address} that it did not have before`);
        const times = now.connectionsDropped - before.connectionsDropped;
        for (let time = 0; time < times; time += 1) sessionsDropped.push(`${name} ${address}`);
        updates += now.messageStats.updatesRecv - before.messageStats.updatesRecv;
      }
      for (const [, address] of (said[i] ?? '').matchAll(/^Deleted (\S+) .*\bproto bgp\b/gm))
        routesLost.push(`${name} ${address?.includes('/') ? address : `${address}/32`}`);
    }
    return { sessionsDropped, routesLost, updates };
  }
}

const neighborsOf = (router: Frr): Promise<Readonly<Record<string, Neighbor>>> => router.json('show bgp neighbors');
