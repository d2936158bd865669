/**
 * The speaker of a node of a cluster: it follows the API, keeps its part of the plan up to date by change, carries it out, and says what it does.
 *
 *   ClusterSources -> World -> Speaker: sessions, routes -> routers
 *                       |         |
 *                       +---------+---> Reporting: statuses, events
 *
 * Routes come first: what is written to the API is written behind them, and an API that is away changes nothing of what is announced.
 */
import type { Node } from '../../cluster/node.ts';
import { logFinding } from '../../daemon/log-finding.ts';
import { healthLog } from '../../follow/health-log.ts';
import { goneObject } from '../../follow/objects.ts';
import type { SourceChange, SourceContext } from '../../follow/source.ts';
import { parseKey } from '../../kube/object-key.ts';
import { SERVICE } from '../../kube/resource-types.ts';
import { formatIp } from '../../net/ip.ts';
import { prefixContains } from '../../net/prefix.ts';
import type { PlanOptions } from '../../plan/snapshot.ts';
import type { Change, WorldChange } from '../../plan/world/change.ts';
import type { CoreObject } from '../../plan/world/world-object.ts';
import { World } from '../../plan/world.ts';
import { ChangeRate } from '../../time/change-rate.ts';
import type { MetricsView } from '../metrics.ts';
import { Speaker, type SpeakerEnvironment } from '../speaker.ts';
import { ChangeBatches } from './change-batches.ts';
import { isOfConfig, Reporting, type ReportingOptions } from './reporting.ts';
import { ServiceIntake } from './service-intake.ts';
import { ClusterSources } from './sources.ts';

export interface ClusterSpeakerOptions
  extends Omit<SpeakerEnvironment, 'onNews'>,
    Omit<SourceContext, 'onHealth'>,
    Pick<ReportingOptions, 'node' | 'podName' | 'serviceStatuses' | 'wallClock'> {
  readonly planOptions: PlanOptions;
}

const UNKNOWN_NODE = (name: string): Node => ({ name, labels: {}, internalIPs: [], networkUnavailable: false });

export class ClusterSpeaker {
  readonly #options: ClusterSpeakerOptions;
  readonly #context: SourceContext;
  readonly #world: World;
  readonly #speaker: Speaker;
  readonly #sources: ClusterSources;
  readonly #intake: ServiceIntake;
  readonly #batches: ChangeBatches;
  readonly #changeRate: ChangeRate;
  readonly #reporting: Reporting;
  /** The node for which sessions were last made; null before that. */
  #connected: { readonly node: Node | undefined } | null = null;
  #phase: 'listing' | 'adopting' | 'open' | 'ended' = 'listing';

  constructor(options: ClusterSpeakerOptions) {
    this.#options = options;
    const { node, planOptions, breathe, log, clock } = options;
    this.#context = { ...options, onHealth: healthLog(log) };
    this.#world = new World({ planOptions, node, allocation: 'follow' });
    this.#speaker = new Speaker(node, {
      ...options,
      onNews: (session, news) => this.#reporting.sessionNews(session, news),
    });
    this.#sources = new ClusterSources(node, planOptions.namespace, {
      changed: (changes) => this.#take(changes),
      servicesChanged: (changes) => this.#intake.changed(changes),
      needsAllNodes: () => this.#world.judgesNodes,
      synced: () => void this.#adopt(),
    });
    this.#changeRate = new ChangeRate(clock);
    this.#batches = new ChangeBatches(clock, (changes) => this.#carryOut(this.#world.apply(changes)));
    this.#intake = new ServiceIntake({ breathe, take: (changes) => this.#takeServices(changes) });
    this.#reporting = new Reporting({
      ...options,
      ...this.#context,
      namespace: planOptions.namespace,
      world: this.#world,
      peers: this.#sources.peers,
      changeRate: this.#changeRate,
      sessions: () => this.#speaker.sessions,
    });
  }

  start(): void {
    this.#sources.start(this.#context);
  }

  /** Caches are synced, a first configuration was judged, and what it says is carried out (docs/decisions.md 21). */
  get isReady(): boolean {
    return this.#phase === 'open';
  }

  /** What metrics are read from, but what is the process's. */
  get view(): Omit<MetricsView, 'process'> {
    const { findings } = this.#world;
    const reporting = this.#reporting.view;
    return {
      node: this.#options.node,
      sessions: this.#speaker.sessionViews(),
      announced: this.isReady ? [...announcedOf(this.#world)] : [],
      config: {
        loaded: this.#phase !== 'listing',
        stale:
          this.#reporting.keepsAddresses ||
          findings.some((finding) => finding.severity === 'error' && isOfConfig(finding)),
      },
      bfd: this.#options.bfd.view,
      cluster: {
        ...reporting,
        updates: { processed: this.#sources.changes, failed: this.#reporting.failedWrites },
        reflectors: [...this.#sources.views, ...reporting.reflectors],
      },
    };
  }

  /** What is known, as JSON, without a secret. */
  get state(): unknown {
    const { cluster, config } = this.view;
    return {
      ready: this.isReady,
      config,
      services: this.#reporting.services,
      speaker: this.#speaker.state(),
      cluster,
      findings: this.#world.findings.map(({ rule, severity, object, message }) => ({
        rule,
        severity,
        object,
        message,
      })),
    };
  }

  lineLogged(): void {
    this.#speaker.lineLogged();
  }

  /** Cease to every router, and nothing more is written; bounded in time. */
  async stop(): Promise<void> {
    this.#phase = 'ended';
    this.#batches.close();
    await Promise.all([this.#speaker.stop(), this.#sources.stop(), this.#reporting.stop()]);
  }

  /** Everything is listed: the configuration is judged, the Services are taken in, and what comes of it is carried out. */
  async #adopt(): Promise<void> {
    const { breathe, log } = this.#options;
    // Whoever listed last has had its turn.
    await breathe();
    await this.#world.prepare(breathe);
    if (this.#phase !== 'listing') return;
    this.#phase = 'adopting';
    this.#speaker.hold();
    this.#carryOut(this.#world.start());
    if (this.#connected === null) this.#connect();
    const { pools, peers, bgpAdvertisements, l2Advertisements } = this.#world.config;
    const advertisements = bgpAdvertisements.length + l2Advertisements.length;
    log.info(
      { event: 'configLoaded', pools: pools.length, peers: peers.length, advertisements },
      'configuration loaded',
    );
    await breathe();
    const services = await this.#intake.open();
    if (this.#phase !== 'adopting') return;
    this.#phase = 'open';
    this.#speaker.release();
    const reporting = this.#reporting.open();
    log.info(
      { event: 'servicesAdopted', services, announced: this.#reporting.services },
      'all Services are known: sessions begin',
    );
    await reporting;
  }

  #takeServices(changes: readonly SourceChange<CoreObject>[]): void {
    const toWorld = (change: SourceChange<CoreObject>): Change =>
      change.type === 'upsert'
        ? { type: 'upsert', object: change.value }
        : { type: 'delete', object: goneObject(SERVICE, parseKey(change.key)) };
    this.#take(changes.map(toWorld));
  }

  /** What comes before everything is known is taken as it comes: it is in slices already. */
  #take(changes: readonly Change[]): void {
    if (this.#phase !== 'open') this.#carryOut(this.#world.apply(changes));
    else if (changes.every(({ object: { kind } }) => kind === 'Service' || kind === 'EndpointSlice')) {
      this.#changeRate.note(changes.length);
      this.#batches.add(changes);
    } else this.#batches.addAtOnce(changes);
  }

  /** Makes the routers hold what is different; then says it. */
  #carryOut(change: WorldChange): void {
    this.#sayFindings(change);
    if (this.#phase !== 'adopting' && this.#phase !== 'open') return;
    const { added, changed, removed } = change.sessionsChanged;
    const isSame = added.length + changed.length + removed.length === 0 && this.#world.node === this.#connected?.node;
    if (!isSame) this.#connect();
    for (const routes of change.routesChanged) this.#speaker.change(routes);
    if (this.#phase === 'open') this.#reporting.worldChanged(change);
    else this.#reporting.adopting(change);
  }

  #connect(): void {
    const { node: name, log } = this.#options;
    const { node, sessions } = this.#world;
    if (node === undefined && (this.#connected === null || this.#connected.node !== undefined))
      log.error(
        {
          event: 'nodeUnknown',
          node: name,
          help: 'correct --node-name (in a DaemonSet it is spec.nodeName); nothing is announced until the Node is there',
        },
        'this node is not in the cluster',
      );
    this.#connected = { node };
    this.#speaker.connect(sessions, node ?? UNKNOWN_NODE(name), (peer) => this.#world.routesOf(peer));
    this.#reporting.sessionsChanged();
  }

  #sayFindings({ findingsChanged: { added, removed } }: Pick<WorldChange, 'findingsChanged'>): void {
    for (const finding of added) logFinding(finding, this.#options.log);
    if (added.length + removed.length > 0) this.#reporting.findingsChanged();
  }
}

/** Each address of a Service that is part of a prefix which the node announces for that Service. */
function* announcedOf(world: World): Generator<MetricsView['announced'][number]> {
  for (const { service, prefixes } of world.announcements())
    for (const ip of world.allocations.get(service)?.ips ?? [])
      if (prefixes.some((prefix) => prefixContains(prefix, ip))) yield { service, protocol: 'bgp', ip: formatIp(ip) };
}
