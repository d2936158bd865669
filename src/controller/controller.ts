/**
 * The controller: which Service gets which address, and what is said of the configuration.
 *
 *   ClusterSources (configuration, Nodes, Namespaces, Secrets) -> World, leading or not
 *   LeaderElector -> Term: Services -> World -> ServiceWriter, events; statuses, clean-up
 *
 * One World for the life of the process, so that the last good version of a faulty object outlives an API that was away; the Services are in
 * it only while this controller leads. A standby decides nothing, so it cannot disagree with the leader.
 */
import { logFinding } from '../daemon/log-finding.ts';
import { errorMessage } from '../error-message.ts';
import { healthLog } from '../follow/health-log.ts';
import type { SourceContext } from '../follow/source.ts';
import type { Logger } from '../io/logger.ts';
import { LeaderElector } from '../kube/lease.ts';
import type { PlanOptions } from '../plan/snapshot.ts';
import type { Change, FindingsChange } from '../plan/world/change.ts';
import { World } from '../plan/world.ts';
import { WriteCounts } from '../report/writes.ts';
import { ClusterSources } from './cluster.ts';
import { fencedApi } from './fenced-api.ts';
import type { ControllerView } from './metrics.ts';
import { Term } from './term.ts';

/** The Lease of the controllers of one namespace. */
export const LEASE_NAME = 'metallb-controller';

export interface ControllerOptions extends Omit<SourceContext, 'onHealth'> {
  readonly namespace: string;
  /** Of this process; its Pod owns what it makes. */
  readonly podName: string;
  /** Another one at each start of the process. */
  readonly identity: string;
  readonly planOptions: PlanOptions;
  readonly wallClock: () => Date;
  readonly log: Logger;
}

export class Controller {
  readonly #options: ControllerOptions;
  readonly #world: World;
  readonly #cluster: ClusterSources;
  readonly #elector: LeaderElector;
  readonly #writes = new WriteCounts();
  readonly #onHealth: SourceContext['onHealth'];
  #term: Term | null = null;
  /** Of terms that are over. */
  #past = { contested: 0, eventsDropped: 0 };
  #changes = 0;
  #configuration: 'listing' | 'parsing' | 'judged' = 'listing';
  /** Before that nobody knows whether this one leads. */
  #leaderSeen = false;
  #stopped = false;
  /** The term before, as long as it is not over. */
  #ending: Promise<void> | null = null;

  constructor(options: ControllerOptions) {
    this.#options = options;
    const { api, clock, wallClock, random, namespace, identity, planOptions, log } = options;
    this.#onHealth = healthLog(log);
    this.#world = new World({ planOptions, node: null, allocation: 'decide' });
    this.#cluster = new ClusterSources(namespace, {
      changed: (changes) => this.#clusterChanged(changes),
      configSeen: (object) => this.#term?.configSeen(object),
      configGone: (object) => this.#term?.configGone(object),
      synced: () => void this.#judge(),
    });
    this.#elector = new LeaderElector({
      api,
      namespace,
      name: LEASE_NAME,
      identity,
      clock,
      wallClock,
      random,
      onStartedLeading: () => this.#lead(),
      onStoppedLeading: () => this.#resign(),
      onNewLeader: (leader) => {
        this.#leaderSeen ||= leader !== '';
        log.info(
          { event: 'leader', leader, self: identity },
          leader === '' ? 'nobody leads' : 'leader is another one than before',
        );
      },
      onError: (error) =>
        log.warn({ event: 'leaseFailing', error: errorMessage(error) }, 'the lease cannot be renewed or read'),
      onRecovered: () => log.info({ event: 'leaseRestored' }, 'the lease can be renewed and read again'),
    });
  }

  start(): void {
    this.#cluster.start({ ...this.#options, onHealth: this.#onHealth });
    this.#elector.start();
  }

  get isLeading(): boolean {
    return this.#elector.isLeading;
  }

  /** A configuration was judged, and who leads knows all Services (docs/decisions.md 21). */
  get isReady(): boolean {
    if (this.#configuration !== 'judged' || !this.#leaderSeen) return false;
    return !this.isLeading || this.#term?.isOpen === true;
  }

  /** What the metrics are read from, but what is the process's. */
  get view(): Omit<ControllerView, 'process'> {
    const world = this.#world;
    const services = new Map<string, number>();
    let [assigned, pending] = [0, 0];
    for (const { state, pool } of world.allocations.values()) {
      if (state === 'Pending') pending++;
      if (pool === null) continue;
      assigned++;
      services.set(pool, (services.get(pool) ?? 0) + 1);
    }
    return {
      pools: [...world.pools].map(([name, counters]) => ({ name, counters, services: services.get(name) ?? 0 })),
      config: {
        loaded: this.#configuration === 'judged',
        stale: world.findings.some(({ object, severity }) => severity === 'error' && this.#isConfig(object)),
      },
      leading: this.isLeading,
      updates: {
        processed: this.#changes,
        failed: this.#writes.failed,
      },
      writes: this.#writes.views,
      pendingWrites: this.#term?.pendingWrites ?? 0,
      contested: this.#past.contested + (this.#term?.contested ?? 0),
      eventsDropped: this.#past.eventsDropped + (this.#term?.eventsDropped ?? 0),
      services: { assigned, pending },
      reflectors: [...this.#cluster.views, ...(this.#term?.views ?? [])],
    };
  }

  /** What is known, as JSON, without a secret. */
  get state(): unknown {
    const { pools, writes, pendingWrites, services, reflectors, leading } = this.view;
    return {
      leading,
      ready: this.isReady,
      services,
      pools: pools.map(({ name, services: count, counters }) => ({
        name,
        services: count,
        ...Object.fromEntries(Object.entries(counters).map(([counter, value]) => [counter, String(value)])),
      })),
      writes,
      pendingWrites,
      reflectors,
      findings: this.#world.findings.map(({ rule, severity, object, message }) => ({
        rule,
        severity,
        object,
        message,
      })),
    };
  }

  /** Ends in good order: nothing more is written, and the lease is free for the next. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#resign();
    await Promise.all([this.#cluster.stop(), this.#ending]);
    await this.#elector.stop();
  }

  #clusterChanged(changes: readonly Change[]): void {
    this.#changes += changes.length;
    const change = this.#world.apply(changes);
    this.#sayFindings(change.findingsChanged);
    this.#term?.worldChanged(change);
  }

  /** Everything but the Services is known. */
  async #judge(): Promise<void> {
    if (this.#configuration !== 'listing') return;
    this.#configuration = 'parsing';
    const { breathe } = this.#options;
    await this.#world.prepare(breathe);
    if (this.#stopped) return;
    this.#configuration = 'judged';
    const { findingsChanged } = this.#world.start();
    this.#sayFindings(findingsChanged);
    const { pools, peers, bgpAdvertisements, l2Advertisements } = this.#world.config;
    this.#options.log.info(
      {
        event: 'configLoaded',
        pools: pools.length,
        peers: peers.length,
        advertisements: bgpAdvertisements.length + l2Advertisements.length,
      },
      'configuration loaded',
    );
    await breathe();
    if (this.isLeading) this.#lead();
  }

  #lead(): void {
    // Without a configuration every address would be one that its Service may not keep.
    if (this.#configuration !== 'judged' || this.#stopped || !this.isLeading || this.#term !== null) return;
    if (this.#ending !== null) {
      void this.#ending.then(() => this.#lead());
      return;
    }
    this.#options.log.info({ event: 'leading' }, 'this controller leads: Services are read');
    this.#term = new Term({
      ...this.#options,
      api: fencedApi(this.#options.api, () => this.#elector.isLeading),
      world: this.#world,
      cluster: this.#cluster,
      onHealth: this.#onHealth,
      onWrite: (type, outcome) => this.#writes.note(type, outcome),
      onChanges: (count) => {
        this.#changes += count;
      },
    });
    this.#term.start();
  }

  #resign(): void {
    const term = this.#term;
    if (term === null) return;
    this.#term = null;
    this.#options.log.warn({ event: 'notLeading' }, 'this controller leads no more: nothing is written');
    this.#past = {
      contested: this.#past.contested + term.contested,
      eventsDropped: this.#past.eventsDropped + term.eventsDropped,
    };
    this.#ending = term.stop(!this.#stopped).finally(() => {
      this.#ending = null;
    });
  }

  #isConfig(object: { readonly kind: string; readonly namespace: string; readonly name: string } | null): boolean {
    return object !== null && this.#cluster.configs.has(`${object.kind} ${object.namespace}/${object.name}`);
  }

  #sayFindings({ added }: FindingsChange): void {
    for (const finding of added) logFinding(finding, this.#options.log);
  }
}
