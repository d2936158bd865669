/**
 * Everything that a speaker says to the cluster, behind its routes: SpeakerStatus and ConfigurationState of its node, ServiceBGPStatus of what it
 * announces, and events of its sessions and Services (docs/adr/0012-what-is-written-to-the-cluster.md).
 */

import type { Finding } from '../../config/problem.ts';
import { errorMessage } from '../../error-message.ts';
import type { RunningSource, SourceContext } from '../../follow/source.ts';
import type { Logger } from '../../io/logger.ts';
import { withDeadline } from '../../kube/deadline.ts';
import { EventRecorder, type EventRecorderOptions } from '../../kube/events.ts';
import { CONFIG_KINDS, SERVICE_BGP_STATUS, SPEAKER_STATUS } from '../../kube/resource-types.ts';
import { StatusWriter } from '../../kube/status-writer.ts';
import type { WorldChange } from '../../plan/world/change.ts';
import type { World } from '../../plan/world.ts';
import type { OwnCondition } from '../../report/configuration-state.ts';
import { fitsLabel } from '../../report/name-label.ts';
import { WriteCounts } from '../../report/writes.ts';
import type { ChangeRate } from '../../time/change-rate.ts';
import type { ClusterView } from '../metrics.ts';
import type { SessionNews, SpeakerSession } from '../session.ts';
import { Announcements } from './announcements.ts';
import { keptCondition, limitCondition } from './own-conditions.ts';
import { ownPod } from './own-pod.ts';
import { followOwnStatuses } from './own-status-sources.ts';
import { ServiceStatuses } from './service-statuses.ts';
import { sessionEventOf } from './session-events.ts';
import { SessionReports } from './session-report.ts';
import type { ClusterSources } from './sources.ts';
import { speakerStatusOf } from './speaker-status.ts';
import { StatusReporter } from './status-reporter.ts';

/** Who writes statuses of a speaker. */
export const FIELD_MANAGER = 'metallb-speaker';

export interface ReportingOptions extends SourceContext {
  readonly node: string;
  readonly namespace: string;
  /** Of this process; empty where it is no Pod. */
  readonly podName: string;
  /** Of ServiceBGPStatus: writes a second (0: none), and how many the cluster may have. */
  readonly serviceStatuses: { readonly perSecond: number; readonly limit: number };
  readonly wallClock: () => Date;
  readonly log: Logger;
  readonly world: World;
  readonly peers: ClusterSources['peers'];
  /** Of Services and their endpoints. */
  readonly changeRate: ChangeRate;
  readonly sessions: () => readonly SpeakerSession[];
}

const STATUS_INTERVAL_MS = 1_000;
const STATUS_WORKERS = 2;
/** Each speaker tells of each Service that it announces: a burst of them is told behind everything else. */
const SERVICE_EVENTS_PER_SECOND = 10;
/** A status that nobody vouches for is removed at the end, if that goes quickly. */
const FAREWELL_MS = 1_000;

const CONFIG_KIND_NAMES: ReadonlySet<string> = new Set(CONFIG_KINDS.map(({ kind }) => kind));

/** Whether something was found in an object of the configuration. */
export const isOfConfig = ({ object }: Finding): boolean => object !== null && CONFIG_KIND_NAMES.has(object.kind);

export class Reporting {
  readonly #options: ReportingOptions;
  readonly #sessionEvents: EventRecorder;
  /** Apart, since those of ten thousand Services must not keep those of sessions waiting, or out. */
  readonly #serviceEvents: EventRecorder;
  readonly #statusWriter: StatusWriter;
  readonly #reporter: StatusReporter;
  readonly #reports: SessionReports;
  readonly #serviceStatuses: ServiceStatuses;
  readonly #announcements: Announcements;
  readonly #writes = new WriteCounts();
  readonly #stopping = new AbortController();
  #sources: readonly RunningSource[] = [];
  /** That no more ServiceBGPStatuses are made. */
  #limited: OwnCondition | null = null;

  constructor(options: ReportingOptions) {
    this.#options = options;
    const { api, clock, wallClock, random, log, node, namespace, world, serviceStatuses } = options;
    const recorder = (pace?: EventRecorderOptions['pace']) =>
      new EventRecorder({
        api,
        component: FIELD_MANAGER,
        host: node,
        clock,
        wallClock,
        random,
        ...(pace === undefined ? {} : { pace }),
        onError: (error) => log.debug({ op: 'recordEvent', error: errorMessage(error) }, 'event not told'),
      });
    this.#sessionEvents = recorder();
    const isBusy = (): boolean => options.changeRate.isThick;
    this.#serviceEvents = recorder({ perSecond: SERVICE_EVENTS_PER_SECOND, isBusy });
    this.#statusWriter = new StatusWriter({
      api,
      fieldManager: FIELD_MANAGER,
      clock,
      random,
      minIntervalMs: STATUS_INTERVAL_MS,
      workers: STATUS_WORKERS,
      onWritten: ({ type }) => this.#writes.note(type, 'written'),
      onError: ({ type, key }, error, retryInMs) => {
        this.#writes.note(type, 'failed');
        const { kind } = type;
        log.warn(
          { op: 'writeStatus', kind, name: key.name, error: errorMessage(error), retryInMs: Math.round(retryInMs) },
          'failed to write status',
        );
      },
    });
    this.#reports = new SessionReports(wallClock);
    this.#serviceStatuses = new ServiceStatuses({
      api,
      clock,
      random,
      breathe: options.breathe,
      node,
      namespace,
      fieldManager: FIELD_MANAGER,
      ...serviceStatuses,
      isBusy,
      onWrite: (outcome) => this.#writes.note(SERVICE_BGP_STATUS, outcome),
      onError: (service, error, retryInMs) =>
        log.warn(
          { op: 'writeServiceStatus', service, error: errorMessage(error), retryInMs: Math.round(retryInMs) },
          'failed to write status',
        ),
      onLimit: (reached) => this.#limitReached(reached),
    });
    this.#announcements = new Announcements({
      node,
      world,
      log,
      events: this.#serviceEvents,
      breathe: options.breathe,
      statuses: this.#serviceStatuses,
    });
    this.#reporter = new StatusReporter({
      clock,
      wallClock,
      statuses: this.#statusWriter,
      node,
      namespace,
      status: () => {
        const sessions = options.sessions().map((session) => this.#reports.of(session));
        return speakerStatusOf(node, sessions, this.#announcements.size);
      },
      changesByTime: () => options.sessions().some(({ established }) => !established),
      findings: () => world.findings.filter(isOfConfig),
      ownConditions: () => [this.#limited, keptCondition(this.#announcements.kept)].filter((one) => one !== null),
    });
  }

  /** How many Services are announced. */
  get services(): number {
    return this.#announcements.size;
  }

  /** Whether a Service has addresses that no pool has any more. */
  get keepsAddresses(): boolean {
    return this.#announcements.kept.size > 0;
  }

  /** How many writes were not made. */
  get failedWrites(): number {
    return this.#writes.failed;
  }

  get view(): Omit<ClusterView, 'updates'> {
    return {
      reflectors: this.#sources.map(({ view }) => view),
      writes: this.#writes.views,
      pendingWrites: this.#statusWriter.pending + this.#serviceStatuses.pending,
      eventsDropped: this.#sessionEvents.dropped + this.#serviceEvents.dropped,
    };
  }

  /** Everything is known and carried out: from now on it is said. */
  async open(): Promise<void> {
    const { node, namespace, podName, log, serviceStatuses } = this.#options;
    const hasServiceStatuses = fitsLabel(node);
    const { sources, read } = followOwnStatuses(node, namespace, this.#options, {
      reporter: this.#reporter,
      serviceStatuses: hasServiceStatuses ? this.#serviceStatuses : null,
    });
    this.#sources = sources;
    this.#reporter.open();
    const owner = await ownPod(
      { namespace, name: podName },
      {
        ...this.#options,
        signal: this.#stopping.signal,
        onError: (error, failures) =>
          log[failures === 1 ? 'warn' : 'debug'](
            { op: 'readOwnPod', name: podName, error: errorMessage(error) },
            'own Pod not read: no status is written until it is',
          ),
      },
    );
    if (this.#hasEnded) return;
    this.#reporter.ownerKnown(owner);
    await read;
    if (this.#hasEnded) return;
    if (!hasServiceStatuses) {
      log.warn({ op: 'writeServiceStatus', node }, 'the name of the node is too long for a label: no ServiceBGPStatus');
      return;
    }
    if (serviceStatuses.perSecond > 0) await this.#announcements.statusesKnown();
    if (this.#hasEnded) return;
    await this.#serviceStatuses.open(owner);
  }

  /** What came of a change before everything is known. */
  adopting(change: WorldChange): void {
    this.#announcements.adopting(change);
  }

  /** What came of a change, which has been carried out. */
  worldChanged(change: WorldChange): void {
    const kept = this.#announcements.keptVersion;
    this.#announcements.changed(change);
    if (this.#announcements.keptVersion !== kept) this.#reporter.touchState();
    this.#reporter.touch();
  }

  /** Other things were found. */
  findingsChanged(): void {
    this.#reporter.touchState();
  }

  /** There may be other sessions. */
  sessionsChanged(): void {
    this.#reporter.touch();
  }

  sessionNews(session: SpeakerSession, news: SessionNews): void {
    this.#reports.note(session, news);
    this.#reporter.touch();
    const event = sessionEventOf(this.#options.node, session, news);
    const peer = this.#options.peers.get(session.peer.name);
    if (event === null || peer === undefined) return;
    const { apiVersion, kind, metadata } = peer.resource;
    const target = { apiVersion, kind, namespace: metadata.namespace, name: metadata.name, uid: peer.uid };
    this.#sessionEvents.record(target, event.type, event.reason, event.message);
  }

  /** Writes nothing more. Last of all the node's SpeakerStatus goes, since nobody vouches for it any more; that is bounded in time. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopped'));
    this.#reporter.close();
    await Promise.all([
      this.#statusWriter.close(),
      this.#serviceStatuses.close(),
      this.#sessionEvents.close(),
      this.#serviceEvents.close(),
      ...this.#sources.map((source) => source.stop()),
    ]);
    if (this.#sources.length > 0) await this.#removeStatus();
  }

  get #hasEnded(): boolean {
    return this.#stopping.signal.aborted;
  }

  #limitReached(reached: boolean): void {
    const { limit } = this.#options.serviceStatuses;
    this.#limited = reached ? limitCondition(limit) : null;
    this.#reporter.touchState();
    if (this.#limited !== null)
      this.#options.log.warn(
        { event: 'serviceStatusesLimited', limit, help: this.#limited.message },
        'ServiceBGPStatus limited',
      );
  }

  async #removeStatus(): Promise<void> {
    const { api, clock, log, namespace, node } = this.#options;
    try {
      await withDeadline(clock, FAREWELL_MS, null, (signal) =>
        api.delete(SPEAKER_STATUS, { namespace, name: node }, signal),
      );
    } catch (error) {
      log.debug({ op: 'removeStatus', error: errorMessage(error) }, 'own SpeakerStatus not removed');
    }
  }
}
