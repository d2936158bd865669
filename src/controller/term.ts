/**
 * The time in which a controller leads: Services are read, decided upon and written to, and everything that is said about the cluster is said.
 *
 * It begins with a list of all Services, made after the lease was gained: so it holds whatever the leader before has written. They are
 * given to the world as one step, in which everybody keeps the addresses that its status says before anybody gets a new one. Only then is
 * anything written. When the lease is lost nothing more is written, and the world forgets the Services; what it knows of the configuration
 * stays.
 */

import { requestOf } from '../allocator/request.ts';
import type { Config } from '../config/config.ts';
import { errorMessage } from '../error-message.ts';
import { goneObject } from '../follow/objects.ts';
import { slices } from '../follow/slices.ts';
import type { RunningSource, SourceChange, SourceContext } from '../follow/source.ts';
import type { Logger } from '../io/logger.ts';
import { EventRecorder } from '../kube/events.ts';
import { parseKey } from '../kube/object-key.ts';
import { CONFIGURATION_STATE, SERVICE, SPEAKER_STATUS } from '../kube/resource-types.ts';
import { StatusWriter } from '../kube/status-writer.ts';
import { KubeError, type ResourceType } from '../kube/types.ts';
import { formatIp } from '../net/ip.ts';
import type { PlanOptions } from '../plan/snapshot.ts';
import type { WorldChange } from '../plan/world/change.ts';
import type { World } from '../plan/world.ts';
import type { WriteOutcome } from '../report/writes.ts';
import { ChangeRate } from '../time/change-rate.ts';
import { AdvertisedServices } from './advertised-services.ts';
import type { ClusterSources } from './cluster.ts';
import { type ConfigObject, ConfigReporter } from './config-reporter.ts';
import type { Sums } from './config-status.ts';
import type { SeenService } from './objects.ts';
import { type PlanFindings, planFindings } from './plan-findings.ts';
import { ServiceIntake } from './service-intake.ts';
import { ServiceTeller } from './service-teller.ts';
import { type DesiredService, ServiceWriter } from './service-writer.ts';
import { Speakers } from './speakers.ts';
import { StatusCleaner } from './status-cleaner.ts';
import { type SeenStatus, startTermSources } from './term-sources.ts';

/** Who writes statuses of configuration objects. */
export const FIELD_MANAGER = 'metallb-controller';

export interface TermOptions extends SourceContext {
  readonly namespace: string;
  readonly podName: string;
  readonly planOptions: PlanOptions;
  readonly wallClock: () => Date;
  readonly log: Logger;
  readonly world: World;
  readonly cluster: ClusterSources;
  readonly onWrite: (type: ResourceType, outcome: WriteOutcome) => void;
  readonly onChanges: (count: number) => void;
}

const STATUS_INTERVAL_MS = 1_000;
const STATUS_WORKERS = 4;
/** A burst of Services is told of behind the addresses themselves. */
const EVENTS_PER_SECOND = 25;

/** Whether the API server understood a request and says no: to wait will not help. */
const isRefusal = (error: unknown): error is KubeError =>
  error instanceof KubeError && error.status >= 400 && error.status < 500 && error.status !== 429;

export class Term {
  readonly #options: TermOptions;
  readonly #services: ServiceWriter;
  readonly #teller: ServiceTeller;
  readonly #statuses: StatusWriter;
  readonly #events: EventRecorder;
  readonly #reporter: ConfigReporter;
  readonly #cleaner: StatusCleaner;
  readonly #speakers = new Speakers();
  readonly #advertised = new AdvertisedServices();
  readonly #changeRate: ChangeRate;
  readonly #serviceKeys = new Set<string>();
  readonly #intake: ServiceIntake;
  #isOpen = false;
  #adoption: Promise<void> | null = null;
  #planFindings: PlanFindings = { findings: [], nodesOfPeer: new Map() };
  /** What the plan findings are of. */
  #planned: { readonly config: Config; readonly nodesVersion: number } | null = null;
  /** The configuration by which Services of advertisements are counted. */
  #countedBy: Config | null = null;
  #sources: readonly RunningSource[] = [];
  #ended = false;

  constructor(options: TermOptions) {
    this.#options = options;
    const { api, clock, wallClock, random, log, namespace, onWrite } = options;
    this.#changeRate = new ChangeRate(clock);
    this.#intake = new ServiceIntake({
      world: options.world,
      breathe: options.breathe,
      take: (changes, adopting) => this.#take(changes, adopting),
      served: (change) => this.#carryOut(change, true),
    });
    this.#events = new EventRecorder({
      api,
      component: FIELD_MANAGER,
      host: '',
      clock,
      wallClock,
      random,
      pace: { perSecond: EVENTS_PER_SECOND, isBusy: () => this.#changeRate.isThick },
      onError: (error) => log.debug({ op: 'recordEvent', error: errorMessage(error) }, 'event not told'),
    });
    this.#services = new ServiceWriter({
      api,
      clock,
      random,
      desired: (key) => this.#desired(key),
      onWritten: (key, { ips, pool }) => {
        onWrite(SERVICE, 'written');
        log.debug({ event: 'serviceUpdated', service: key, ips, pool }, 'updated service object');
      },
      onDropped: () => onWrite(SERVICE, 'dropped'),
      onError: (key, error, retryInMs) => {
        onWrite(SERVICE, 'failed');
        log.error(
          { op: 'updateServiceStatus', service: key, error: errorMessage(error), retryInMs: Math.round(retryInMs) },
          'failed to update service',
        );
        if (isRefusal(error)) this.#teller.refused(key, error.message);
      },
      onContested: (key, times, inMs) => this.#teller.contested(key, times, inMs),
    });
    this.#teller = new ServiceTeller({
      log,
      events: this.#events,
      uidOf: (key) => this.#services.uidOf(key),
    });
    this.#statuses = new StatusWriter({
      api,
      fieldManager: FIELD_MANAGER,
      clock,
      random,
      minIntervalMs: STATUS_INTERVAL_MS,
      workers: STATUS_WORKERS,
      onWritten: ({ type }) => onWrite(type, 'written'),
      onError: ({ type, key }, error, retryInMs) => {
        onWrite(type, 'failed');
        log.warn(
          {
            op: 'updateStatus',
            kind: type.kind,
            name: key.name,
            error: errorMessage(error),
            retryInMs: Math.round(retryInMs),
          },
          'failed to update status',
        );
      },
    });
    this.#reporter = new ConfigReporter({
      clock,
      wallClock,
      statuses: this.#statuses,
      events: this.#events,
      namespace,
      objects: () => options.cluster.configs.values(),
      findings: () => this.#findings(),
      sums: () => this.#sums(),
      owner: () => this.#speakers.ownerOf(options.podName),
    });
    this.#cleaner = new StatusCleaner({
      api,
      clock,
      random,
      surroundings: {
        hasNode: (name) => options.cluster.nodes.has(name),
        hasService: (key) => this.#serviceKeys.has(key),
        hasReadySpeaker: (node) => this.#speakers.isReadyOn(node),
      },
      onRemoved: (type, key) => {
        onWrite(type, 'written');
        log.info(
          { event: 'statusRemoved', kind: type.kind, name: parseKey(key).name },
          'nobody vouches for the status object',
        );
      },
      onError: (type, key, error) => {
        onWrite(type, 'failed');
        log.warn(
          { op: 'removeStatus', kind: type.kind, name: parseKey(key).name, error: errorMessage(error) },
          'failed to remove',
        );
      },
    });
  }

  start(): void {
    this.#sources = startTermSources(
      this.#options.namespace,
      {
        servicesChanged: (changes) => this.#servicesChanged(changes),
        podsChanged: (changes) => this.#each(changes, (key, pod) => this.#speakers.setPod(key, pod)),
        statusesChanged: (type, changes) =>
          this.#each(changes, (key, status) => this.#statusChanged(type, key, status)),
        synced: () => this.#synced(),
      },
      this.#options,
    );
  }

  /** All that is watched has been read, and everything is decided. */
  get isOpen(): boolean {
    return this.#isOpen && !this.#ended;
  }

  get views() {
    return this.#sources.map(({ view }) => view);
  }

  get pendingWrites(): number {
    return this.#services.pending + this.#statuses.pending;
  }

  get contested(): number {
    return this.#services.counts.contested;
  }

  get eventsDropped(): number {
    return this.#events.dropped;
  }

  /** What came of a change of the cluster. */
  worldChanged(change: WorldChange): void {
    this.#carryOut(change, false);
    this.#reporter.touch();
  }

  configSeen(object: ConfigObject): void {
    this.#reporter.seen(object);
  }

  configGone(object: Pick<ConfigObject, 'type' | 'key'>): void {
    this.#reporter.gone(object);
  }

  /**
   * Writes nothing more, from now on; resolves when no call is under way.
   *
   * @param forget - the world is used on: it forgets the Services, which somebody else decides about from now on.
   */
  async stop(forget: boolean): Promise<void> {
    this.#ended = true;
    this.#intake.end();
    this.#reporter.close();
    await Promise.all([
      this.#services.close(),
      this.#statuses.close(),
      this.#cleaner.close(),
      this.#events.close(),
      this.#adoption,
      ...this.#sources.map((source) => source.stop()),
    ]);
    if (!forget) return;
    const { world, breathe } = this.#options;
    world.hold();
    for (const keys of slices([...this.#serviceKeys])) {
      world.apply(keys.map((key) => ({ type: 'delete', object: goneObject(SERVICE, parseKey(key)) })));
      await breathe();
    }
    world.release();
  }

  #each<T>(changes: readonly SourceChange<T>[], take: (key: string, value: T | undefined) => void): void {
    this.#options.onChanges(changes.length);
    for (const change of changes) take(change.key, change.type === 'upsert' ? change.value : undefined);
    this.#reporter.touch();
  }

  #statusChanged(type: ResourceType, key: string, value: SeenStatus | undefined): void {
    if (value === undefined) this.#cleaner.gone(type, key);
    else this.#cleaner.seen(type, key, value.origin);
    const { name } = parseKey(key);
    if (type === SPEAKER_STATUS) this.#speakers.setStatus(name, value?.established);
    else if (type === CONFIGURATION_STATE && name === 'controller') this.#reporter.stateSeen(value?.status ?? null);
  }

  #servicesChanged(changes: readonly SourceChange<SeenService>[]): void {
    this.#options.onChanges(changes.length);
    for (const { key, type } of changes) {
      if (type === 'upsert') this.#serviceKeys.add(key);
      else this.#serviceKeys.delete(key);
    }
    this.#intake.changed(changes);
  }

  /** All sources have to be: what is not known cannot be adopted, and must not be removed. */
  #synced(): void {
    if (this.#adoption !== null || this.#ended || !this.#sources.every((source) => source.synced)) return;
    this.#adoption = this.#adopt();
  }

  /** Takes the listed Services in, and opens the writers. */
  async #adopt(): Promise<void> {
    const { world, breathe, log } = this.#options;
    this.#configureCounts();
    const services = await this.#intake.adopt();
    if (services === null) return;
    this.#isOpen = true;
    this.#services.open();
    this.#reporter.open();
    this.#cleaner.open();
    const states = [...world.allocations.values()].map(({ state }) => state);
    const count = (of: string): number => states.filter((state) => state === of).length;
    log.info(
      { event: 'servicesAdopted', services, assigned: count('Assigned'), pending: count('Pending') },
      'all Services are known: addresses are kept as they are, and writing begins',
    );
    for (const slice of slices([...this.#serviceKeys])) {
      for (const key of slice) this.#services.check(key);
      await breathe();
    }
  }

  #take(changes: readonly SourceChange<SeenService>[], adopting: boolean): void {
    const { world } = this.#options;
    const change = world.apply(
      changes.map((one) =>
        one.type === 'upsert'
          ? { type: 'upsert', object: one.value.object }
          : { type: 'delete', object: goneObject(SERVICE, parseKey(one.key)) },
      ),
    );
    for (const one of changes) {
      if (one.type === 'upsert') this.#services.seen(one.key, one.value.record);
      else this.#services.gone(one.key);
      this.#count(one.key);
    }
    this.#changeRate.note(changes.length);
    this.#carryOut(change, adopting);
    this.#reporter.touch();
  }

  #carryOut({ allocationsChanged, findingsChanged }: WorldChange, adopting: boolean): void {
    const { world } = this.#options;
    for (const change of allocationsChanged) {
      this.#count(change.service);
      this.#services.check(change.service);
      this.#teller.changed(world.service(change.service), change, adopting);
    }
    for (const { object, severity, message } of findingsChanged.added) {
      if (object?.kind !== 'Service' || severity !== 'error') continue;
      this.#teller.notUnderstood(`${object.namespace}/${object.name}`, message);
    }
  }

  #desired(key: string): DesiredService | null {
    const { world } = this.#options;
    const allocation = world.allocations.get(key);
    const service = world.service(key);
    if (allocation === undefined || service === undefined || allocation.state === 'Ignored') return null;
    const ips = allocation.ips.map(formatIp);
    const request = ips.length > 1 ? requestOf(service) : null;
    return { ips, pool: allocation.pool, ordered: request?.ok === true && request.value.ips.length > 1 };
  }

  #configureCounts(): void {
    this.#countedBy = this.#options.world.config;
    this.#advertised.configure(this.#countedBy);
  }

  #count(key: string): void {
    const { world } = this.#options;
    this.#advertised.set(key, world.service(key), world.allocations.get(key)?.pool ?? null);
  }

  /** Those of configuration objects; what needs the whole configuration is worked out when that or a node is another. */
  #findings() {
    const { world, cluster, planOptions } = this.#options;
    const found = world.findings.filter(
      ({ object }) => object !== null && cluster.configs.has(`${object.kind} ${object.namespace}/${object.name}`),
    );
    const { config } = world;
    const { nodesVersion } = cluster;
    if (this.#planned?.config !== config || this.#planned.nodesVersion !== nodesVersion)
      this.#planFindings = planFindings(config, [...cluster.nodes.values()], found, planOptions);
    this.#planned = { config, nodesVersion };
    if (this.#countedBy !== config) {
      this.#configureCounts();
      for (const key of world.allocations.keys()) this.#count(key);
    }
    return [...found, ...this.#planFindings.findings];
  }

  #sums(): Sums {
    const { world } = this.#options;
    const established = this.#speakers.establishedByPeer();
    return {
      countersOf: (pool) => world.pools.get(pool),
      nodesOf: (peer) => this.#planFindings.nodesOfPeer.get(peer) ?? 0,
      establishedOf: (peer) => established.get(peer) ?? 0,
      servicesOf: (kind, name) => this.#advertised.countOf(kind, name),
    };
  }
}
