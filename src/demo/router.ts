/**
 * A small receiving BGP router on our own engine: it waits for its neighbors, keeps what they announce, chooses with multipath, and says
 * whatever changes. It stands for the guide's routers where there are none.
 */

import { IPV4_UNICAST, IPV6_UNICAST } from '../bgp/packet/constants.ts';
import type { Update } from '../bgp/packet/update.ts';
import { attributeOf } from '../bgp/packet/update.ts';
import { announcedBy, withdrawnBy } from '../bgp/packet/update-routes.ts';
import { formatCommunity, formatLargeCommunity } from '../bgp/route.ts';
import { BgpDriver } from '../io/bgp-driver.ts';
import { BgpListeners } from '../io/bgp-listeners.ts';
import { formatIp, type Ip, parseIp } from '../net/ip.ts';
import { formatPrefix } from '../net/prefix.ts';
import { Secret } from '../secret.ts';
import type { Clock } from '../time/clock.ts';
import { RouterBfd } from './router-bfd.ts';
import type { FromRouter, NeighborConfig, NeighborState, RouteEvent, RouterConfig } from './router-protocol.ts';
import { type ReceivedRoute, RouterTable } from './router-table.ts';

const ORIGIN_RANK = { igp: 0, egp: 1, incomplete: 2 } as const;

/** What a router takes for routes of external neighbors, which send no LOCAL_PREF. */
const DEFAULT_LOCAL_PREF = 100;

const MAX_PREFIXES = 1_000;

interface Neighbor {
  readonly config: NeighborConfig;
  readonly driver: BgpDriver;
}

export class DemoRouter {
  readonly #config: RouterConfig;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #tell: (message: FromRouter) => void;
  readonly #table = new RouterTable();
  readonly #neighbors: Neighbor[] = [];
  #events: RouteEvent[] = [];

  constructor(config: RouterConfig, clock: Clock, random: () => number, tell: (message: FromRouter) => void) {
    this.#config = config;
    this.#clock = clock;
    this.#random = random;
    this.#tell = tell;
  }

  start(): void {
    const { listen, neighbors } = this.#config;
    let failure: string | undefined;
    const listeners = new BgpListeners(listen.port, {
      unavailable: (_local, error) => {
        failure = `${listen.address} port ${listen.port}: ${error.code}`;
      },
      stranger: () => {
        // One on loopback is none of the demo's business: its connection is closed.
      },
      tooFar: () => {
        // Nobody asks for TTL security here.
      },
    });
    for (const config of neighbors) this.#neighbors.push({ config, driver: this.#driverFor(config, listeners) });
    for (const { driver } of this.#neighbors) driver.start();
    this.#watchByBfd();
    this.#tell(failure === undefined ? { type: 'listening' } : { type: 'failed', message: failure });
  }

  #watchByBfd(): void {
    const watched = this.#neighbors.filter(({ config }) => config.bfd != null);
    if (watched.length === 0) return;
    const bfd = new RouterBfd(ipOf(this.#config.listen.address), this.#clock, this.#random);
    for (const { config, driver } of watched)
      if (config.bfd != null) bfd.add(ipOf(config.source), config.bfd, (why) => driver.peer.bfdDown(why));
  }

  #driverFor(neighbor: NeighborConfig, listeners: BgpListeners): BgpDriver {
    const { asn, address, listen } = this.#config;
    const changed = (): void => this.#changed();
    return new BgpDriver({
      endpoint: {
        remote: { ip: ipOf(neighbor.address), port: listen.port },
        dial: { ip: ipOf(neighbor.source), port: listen.port },
        source: ipOf(listen.address),
        localAddress: ipOf(address),
      },
      md5Key: neighbor.password === null ? null : new Secret(neighbor.password),
      config: {
        localAsn: asn,
        remoteAsn: neighbor.asn,
        bgpIdentifier: Number(ipOf(address).value),
        holdTimeSeconds: neighbor.holdTimeSeconds,
        keepaliveSeconds: neighbor.keepaliveSeconds,
        families: [IPV4_UNICAST, IPV6_UNICAST],
        connectMode: 'passive',
        connectRetry: { initialMs: 1_000, maxMs: 1_000 },
        maxPrefixes: MAX_PREFIXES,
      },
      observer: {
        stateChanged: (from) => {
          if (from === 'Established') this.#dropAll(neighbor.name);
          changed();
        },
        established: changed,
        down: () => {
          // The state says it; the demo's routers have no log.
        },
        updateReceived: (update) => {
          this.#take(neighbor.name, update);
          changed();
        },
        routesSent: () => {
          // It announces nothing.
        },
      },
      clock: this.#clock,
      random: this.#random,
      listeners,
    });
  }

  #take(neighbor: string, update: Update): void {
    for (const { prefixes } of withdrawnBy(update))
      for (const prefix of prefixes.map(formatPrefix)) {
        this.#table.withdraw(neighbor, prefix);
        this.#events.push({ neighbor, prefix, change: 'removed' });
      }
    for (const { prefixes, nextHop } of announcedBy(update))
      for (const prefix of prefixes.map(formatPrefix)) {
        const change = this.#table.has(neighbor, prefix) ? 'replaced' : 'added';
        this.#table.set(neighbor, routeOf(update, prefix, nextHop));
        this.#events.push({ neighbor, prefix, change });
      }
  }

  #dropAll(neighbor: string): void {
    for (const prefix of this.#table.drop(neighbor)) this.#events.push({ neighbor, prefix, change: 'removed' });
  }

  #changed(): void {
    const events = this.#events;
    this.#events = [];
    this.#tell({ type: 'changed', table: this.#table.entries(), neighbors: this.#neighbors.map(stateOf), events });
  }
}

function stateOf({ config, driver }: Neighbor): NeighborState {
  const { state, establishedCount, messagesReceived } = driver.peer.status;
  return {
    name: config.name,
    state,
    establishedCount,
    updatesReceived: messagesReceived.UPDATE,
    notificationsReceived: messagesReceived.NOTIFICATION,
  };
}

function routeOf(update: Update, prefix: string, nextHop: Ip): ReceivedRoute {
  return {
    prefix,
    nextHop: formatIp(nextHop),
    localPref: attributeOf(update, 'LOCAL_PREF') ?? DEFAULT_LOCAL_PREF,
    asPath: (attributeOf(update, 'AS_PATH') ?? []).flatMap((segment) => segment.asns),
    origin: ORIGIN_RANK[attributeOf(update, 'ORIGIN') ?? 'incomplete'],
    med: attributeOf(update, 'MULTI_EXIT_DISC') ?? null,
    communities: (attributeOf(update, 'COMMUNITIES') ?? []).map(formatCommunity),
    largeCommunities: (attributeOf(update, 'LARGE_COMMUNITY') ?? []).map(formatLargeCommunity),
  };
}

function ipOf(text: string): Ip {
  const ip = parseIp(text);
  if (!ip.ok) throw new Error(ip.error);
  return ip.value;
}
