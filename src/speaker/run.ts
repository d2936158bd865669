/**
 * A speaker without Kubernetes, from its options to its end: folder -> snapshot -> plan -> this node's sessions.
 *
 * All speakers compute the same plan from the same folder and each carries out its own part, so they agree without talking
 * (docs/adr/0005-plan-is-the-only-truth.md).
 */
import type { NodePlan } from '../plan/node-plan.ts';
import { type Plan, plan } from '../plan/plan.ts';
import type { PlanOptions, Snapshot } from '../plan/snapshot.ts';
import { type EnvironmentOptions, type SpeakerProcess, speakerEnvironment } from './environment.ts';
import { FolderSource } from './folder-source.ts';
import type { MetricsView } from './metrics.ts';
import { announcedOf } from './metrics-view.ts';
import { describeService, serviceChanges } from './service-changes.ts';
import { Speaker } from './speaker.ts';

export interface SpeakerOptions extends EnvironmentOptions {
  readonly node: string;
  readonly paths: readonly string[];
  readonly planOptions: PlanOptions;
}

/** A speaker that runs; it ends when it is told to. */
export interface RunningSpeaker {
  /** What it knows of its Services and sessions, as JSON, without a secret. */
  state(): unknown;
  /** What its metrics are read from, but what is the process's. */
  metrics(): Omit<MetricsView, 'process'>;
  /** Resolves when both can say how BFD is now, which runs in a thread of its own; at the latest after half a second. */
  refresh(): Promise<void>;
  /** Something was logged: where a session is not up, the log's last lines have to go on saying so. */
  lineLogged(): void;
  /** Cease to every router, and no session left; bounded in time. */
  stop(): Promise<void>;
}

/** Starts the speaker of one node. Faulty manifests never stop it: what can be understood runs, and the rest is said. */
export function startSpeaker(options: SpeakerOptions, process: SpeakerProcess): RunningSpeaker {
  const { clock, log } = process;
  const environment = speakerEnvironment(options, process);
  const speaker = new Speaker(options.node, {
    ...environment,
    onNews: () => {
      // Who runs from a folder tells nobody but the log.
    },
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
      bfd: environment.bfd.view,
      cluster: null,
    }),
    refresh: () => environment.bfd.refresh(),
    lineLogged: () => speaker.lineLogged(),
    stop: async () => {
      source.close();
      // Both tell the routers, side by side.
      await Promise.all([speaker.stop(), environment.bfd.close()]);
      environment.links?.close();
    },
  };
}

const UNKNOWN_NODE = (name: string) => ({ name, labels: {}, internalIPs: [], networkUnavailable: false });
