/**
 * A speaker without Kubernetes, from its options to its end: folder -> snapshot -> plan -> this node's sessions.
 *
 * All speakers compute the same plan from the same folder and each carries out its own part, so they agree without talking
 * (docs/adr/0005-plan-is-the-only-truth.md).
 */
import { BgpListeners } from '../io/bgp-listeners.ts';
import { SystemError } from '../io/linux/libc.ts';
import { LinkMonitor } from '../io/linux/link-monitor.ts';
import { tcpCounterReader } from '../io/linux/tcp-counters.ts';
import type { Logger } from '../io/logger.ts';
import { formatIp } from '../net/ip.ts';
import type { NodePlan } from '../plan/node-plan.ts';
import { type Plan, plan } from '../plan/plan.ts';
import type { PlanOptions, Snapshot } from '../plan/snapshot.ts';
import type { Clock } from '../time/clock.ts';
import { FolderSource } from './folder-source.ts';
import type { MetricsView } from './metrics.ts';
import { announcedOf } from './metrics-view.ts';
import { describeService, serviceChanges } from './service-changes.ts';
import { Speaker } from './speaker.ts';
import type { TransportMap } from './transport-map.ts';

/** Sessions that fail at the same time share one reading of the kernel's counters. */
const COUNTERS_MAX_AGE_MS = 100;

export interface SpeakerOptions {
  readonly node: string;
  readonly paths: readonly string[];
  readonly planOptions: PlanOptions;
  /** 0: dial only. */
  readonly listenPort: number;
  readonly transportMap: TransportMap;
}

export interface SpeakerProcess {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** A speaker that runs; it ends when it is told to. */
export interface RunningSpeaker {
  /** What it knows of its Services and sessions, as JSON, without a secret. */
  state(): unknown;
  /** What its metrics are read from, but what is the process's. */
  metrics(): Omit<MetricsView, 'process'>;
  /** Something was logged: where a session is not up, the log's last lines have to go on saying so. */
  lineLogged(): void;
  /** Cease to every router, and no session left; bounded in time. */
  stop(): Promise<void>;
}

/** Starts the speaker of one node. Faulty manifests never stop it: what can be understood runs, and the rest is said. */
export function startSpeaker(options: SpeakerOptions, { clock, random, log }: SpeakerProcess): RunningSpeaker {
  const links = linkMonitor(log);
  const speaker = new Speaker(options.node, {
    clock,
    random,
    log,
    transportMap: options.transportMap,
    onNews: () => {
      // Who runs from a folder tells nobody but the log.
    },
    tcpCounters: tcpCounterReader(clock, COUNTERS_MAX_AGE_MS),
    listeners: options.listenPort === 0 ? null : listenersFor(options.listenPort, log),
    links,
  });
  let current: Plan | undefined;
  let carriedOut: NodePlan | undefined;
  const apply = (snapshot: Snapshot): void => {
    const next = plan(snapshot, options.planOptions);
    for (const change of serviceChanges(current?.services ?? [], next.services)) describeService(change, log);
    current = next;
    const node = snapshot.nodes.find(({ name }) => name === options.node);
    const nodePlan = next.node(options.node);
    carriedOut = nodePlan;
    if (node === undefined || nodePlan === undefined) {
      log.error(
        {
          event: 'nodeUnknown',
          node: options.node,
          help: 'add the Node to the folder, or correct --node; nothing is announced until then',
        },
        'this node is not among the manifests',
      );
      speaker.apply({ node: options.node, sessions: [], notAnnounced: [] }, UNKNOWN_NODE(options.node));
      return;
    }
    speaker.apply(nodePlan, node);
  };
  log.info(
    { event: 'starting', node: options.node, from: options.paths, listenPort: options.listenPort },
    'speaker starting',
  );
  const source = new FolderSource({
    paths: options.paths,
    planOptions: options.planOptions,
    clock,
    log,
    onSnapshot: apply,
  });
  source.start();
  return {
    state: () => ({ services: current?.services ?? [], speaker: speaker.state() }),
    metrics: () => ({
      node: options.node,
      sessions: speaker.sessionViews(),
      announced: current === undefined || carriedOut === undefined ? [] : announcedOf(current, carriedOut),
      config: source.health,
      cluster: null,
    }),
    lineLogged: () => speaker.lineLogged(),
    stop: async () => {
      source.close();
      await speaker.stop();
      links?.close();
    },
  };
}

const UNKNOWN_NODE = (name: string) => ({ name, labels: {}, internalIPs: [], networkUnavailable: false });

/** Without it sessions end by their timers: worth knowing, and nothing to act on. */
function linkMonitor(log: Logger): LinkMonitor | null {
  try {
    return new LinkMonitor();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    log.debug({ event: 'linksUnknown', error: error.code }, 'the kernel does not tell of links');
    return null;
  }
}

function listenersFor(port: number, log: Logger): BgpListeners {
  return new BgpListeners(port, {
    unavailable: (local, error) =>
      log.warn(
        {
          event: 'listenFailed',
          address: formatIp(local),
          port,
          error: error.code,
          help:
            error.code === 'EACCES'
              ? 'ports below 1024 need the capability NET_BIND_SERVICE; --bgp-listen-port 0 turns listening off'
              : 'find out what uses the port; --bgp-listen-port 0 turns listening off',
        },
        'cannot listen for routers; sessions are dialled only',
      ),
    stranger: (local, remote) =>
      log.debug(
        { event: 'strangerRefused', address: formatIp(local), remote: formatIp(remote) },
        'connection from no configured peer closed',
      ),
    tooFar: (local, remote) =>
      log.warn(
        {
          event: 'ttlTooLow',
          address: formatIp(local),
          remote: formatIp(remote),
          help: 'the router is more links away than ttlSecurityHops says, or sends with a TTL below 255: set ttl-security there, or correct ttlSecurityHops',
        },
        'connection from too far closed',
      ),
  });
}
