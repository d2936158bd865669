/**
 * Faults of a whole cluster, and what the product makes of them. `docs/reference/cluster-faults.md` is made of this table, and faults.test.ts brings
 * each row about on the lab's cluster.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { CLUSTER_NODES } from '../../../lab/cluster/layout.ts';
import { until } from '../../../lab/run.ts';
import { type FaultStage, OWN, ROUTE, randomName, TOKEN_SECONDS } from './stage.ts';

/** What is seen of a fault, at least: a real cluster does not say the same twice. */
export interface Seen {
  /** Events and operations in the log, by component. */
  readonly log: readonly string[];
  readonly metrics: readonly string[];
  /** Reasons of Kubernetes events, behind the kind that they are about. */
  readonly events: readonly string[];
}

/** What was laid out before the fault, by a word of the fault's own. */
export type Prepared = Readonly<Record<string, string>>;

export interface ClusterFault {
  readonly id: string;
  readonly fault: string;
  readonly does: string;
  /** Nodes whose speaker ends, and its sessions with it; all others stay. */
  readonly sessionsEndOn: readonly string[];
  /** Which routes go and may go, in words; none where it is left out. */
  readonly routesGo?: string;
  /** Whether the client beyond the routers is answered all the time. */
  readonly answered: boolean;
  prepare?(stage: FaultStage): Promise<Prepared>;
  /** Addresses whose routes are to go, or may for a moment: in what is stored now no Service has them, or another one than before. */
  goes?(prepared: Prepared): readonly string[];
  /** Brings it about, and ends it. `look` takes what the metrics say while it lasts. */
  happen(stage: FaultStage, look: () => Promise<void>, prepared: Prepared): Promise<void>;
  readonly controller: Seen;
  readonly speaker: Seen;
}

const NOTHING: Seen = { log: [], metrics: [], events: [] };

/** Of the two sets of Pods, the Deployment's and the DaemonSet's. */
const untilReady = async ({ harness }: FaultStage): Promise<void> => {
  for (const what of ['deployment/controller', 'daemonset/speaker'])
    await harness.kubectl('rollout', 'status', '-n', OWN, what, '--timeout=120s');
};

const restarts = async (stage: FaultStage): Promise<number> => {
  const path = 'jsonpath={.items[*].status.containerStatuses[*].restartCount}';
  const text = await stage.harness.kubectl('get', 'pods', '-n', OWN, '-o', path);
  return text.split(' ').reduce((sum, count) => sum + Number(count), 0);
};

/** Kills every process of a component, or that of a node, and waits until Kubernetes has counted that. */
async function killed(stage: FaultStage, component: 'controller' | 'speaker', node?: string): Promise<void> {
  const before = await restarts(stage);
  stage.signal(component, 'SIGKILL', node);
  await until('the restart', () => restarts(stage), { timeoutMs: 60_000, everyMs: 200, done: (n) => n > before });
  await untilReady(stage);
}

/** kube-apiserver killed, and started again after a time. */
export function apiServerAway(id: string, ms: number, words: string): ClusterFault {
  return {
    id,
    fault: `kube-apiserver is killed, and away for ${words}`,
    does: 'goes on with what it knows; the controller stops leading after 6 s, leads again when the API is back, and adopts all addresses as they are',
    sessionsEndOn: [],
    answered: true,
    async happen({ harness: { cluster } }, look) {
      await cluster.controlPlane.kill('kube-apiserver');
      await sleep(ms);
      await look();
      cluster.controlPlane.startAgain('kube-apiserver');
    },
    controller: {
      log: ['watchFailing', 'watchRestored', 'leaseFailing', 'notLeading', 'leading', 'servicesAdopted'],
      metrics: ['metallb_controller_reflector_failing_bool', 'metallb_controller_leader_bool'],
      events: [],
    },
    speaker: {
      log: ['watchFailing', 'watchRestored'],
      metrics: ['metallb_speaker_reflector_failing_bool', 'metallb_speaker_reflector_errors_total'],
      events: [],
    },
  };
}

export const FAULTS: readonly ClusterFault[] = [
  {
    id: 'tokens-end',
    fault: `Tokens of service accounts end after ${TOKEN_SECONDS} s, for a minute`,
    does: 'reads the renewed token before the old one ends; no request is refused',
    sessionsEndOn: [],
    answered: true,
    async happen(stage) {
      const before = await restarts(stage);
      await sleep(3 * TOKEN_SECONDS * 1_000);
      expect(await restarts(stage)).toBe(before);
    },
    controller: NOTHING,
    speaker: NOTHING,
  },
  apiServerAway('api-server-away', 30_000, '30 s'),
  {
    id: 'etcd-away',
    fault: 'etcd is killed, and started again after 5 s',
    does: 'goes on with what it knows; what was refused meanwhile is written when it can be',
    sessionsEndOn: [],
    answered: true,
    async happen({ harness: { cluster } }) {
      await cluster.controlPlane.kill('etcd');
      await sleep(5_000);
      cluster.controlPlane.startAgain('etcd');
    },
    controller: NOTHING,
    speaker: NOTHING,
  },
  {
    id: 'etcd-restored',
    fault:
      'etcd is restored from an older backup: a Service of the backup has no address in it, one had been deleted since, one made since is not in it',
    does: 'reads everything anew when it sees that resourceVersions went back. A Service that is back has its own address again, whoever had it meanwhile; one that the backup knows without an address gets the first free one, which is its own unless a lower one became free, and has no route until then; what is not in the backup is withdrawn',
    routesGo: '0 of Services that the backup knows with this address',
    sessionsEndOn: [],
    answered: true,
    async prepare(stage) {
      const { harness } = stage;
      const removed = await stage.createService();
      const removedIp = await stage.addressOf(removed);
      await stage.untilRoutes(`${removedIp}/32`);
      stage.signal('controller', 'SIGSTOP');
      const waiting = await stage.createService();
      await stage.untilEndpoints(waiting);
      const backup = `${harness.sandbox.directory}/${randomName('backup')}`;
      await harness.cluster.controlPlane.backUp(backup);
      stage.signal('controller', 'SIGCONT');
      const waitingIp = await stage.addressOf(waiting);
      await stage.untilRoutes(`${waitingIp}/32`);
      await stage.removeService(removed);
      await stage.untilNoRoute(`${removedIp}/32`);
      // Gets the address that became free.
      const younger = await stage.createService();
      expect(await stage.addressOf(younger)).toBe(removedIp);
      const youngest = await stage.createService();
      const youngestIp = await stage.addressOf(youngest);
      for (const ip of [removedIp, youngestIp]) await stage.untilRoutes(`${ip}/32`);
      return { backup, removed, removedIp, waiting, waitingIp, younger, youngest, youngestIp };
    },
    goes: ({ youngestIp = '', removedIp = '', waitingIp = '' }) => [youngestIp, removedIp, waitingIp],
    async happen(
      stage,
      _look,
      { backup = '', removed = '', removedIp = '', waiting = '', waitingIp = '', youngestIp = '' },
    ) {
      const { harness } = stage;
      await harness.cluster.controlPlane.restore(backup);
      // The one that is back, and the one that never had an address as far as the backup knows.
      for (const [name, ip] of [
        [removed, removedIp],
        [waiting, waitingIp],
      ] as const) {
        expect(await stage.addressOf(name)).toBe(ip);
        await stage.untilRoutes(`${ip}/32`);
      }
      await stage.untilNoRoute(`${youngestIp}/32`);
    },
    controller: {
      log: ['watchFailing', 'watchRestored', 'ipAllocated'],
      metrics: ['metallb_controller_reflector_errors_total', 'metallb_controller_reflector_lists_total'],
      events: [],
    },
    speaker: {
      log: ['watchFailing', 'watchRestored', 'serviceWithdrawn'],
      metrics: ['metallb_speaker_reflector_errors_total', 'metallb_speaker_reflector_lists_total'],
      events: [],
    },
  },
  {
    id: 'speaker-killed',
    fault: 'The speaker of a node is killed (SIGKILL)',
    does: 'the routers go on through the other nodes; Kubernetes starts the speaker again, and its sessions and routes are back',
    sessionsEndOn: ['node2'],
    answered: false,
    async happen(stage) {
      await killed(stage, 'speaker', 'node2');
      await stage.untilRoutes(ROUTE);
    },
    controller: NOTHING,
    speaker: { log: ['starting', 'servicesAdopted', 'sessionUp'], metrics: [], events: ['BGPPeer SessionUp'] },
  },
  {
    id: 'controller-killed',
    fault: 'The controller is killed (SIGKILL)',
    does: 'Kubernetes starts it again; it adopts all addresses as they are, before it serves anybody',
    sessionsEndOn: [],
    answered: true,
    async happen(stage) {
      await killed(stage, 'controller');
    },
    controller: { log: ['starting', 'leading', 'servicesAdopted'], metrics: [], events: [] },
    speaker: NOTHING,
  },
  {
    id: 'pods-deleted',
    fault: 'All Pods of a node are deleted, the speaker and endpoints of Services among them',
    does: 'the speaker ends its sessions with a Cease; the routers go on through the other nodes until its successor is there',
    sessionsEndOn: ['node3'],
    answered: false,
    async happen(stage) {
      const { harness } = stage;
      await harness.kubectl('delete', 'pods', '-A', '--field-selector=spec.nodeName=node3', '--wait=true');
      await untilReady(stage);
      await stage.untilRoutes(ROUTE);
      await harness.kubectl('rollout', 'status', 'deployment/nginx-test', '--timeout=60s');
    },
    controller: NOTHING,
    speaker: { log: ['starting', 'servicesAdopted', 'sessionUp'], metrics: [], events: ['BGPPeer SessionUp'] },
  },
];

/** The address by which routers know a node. */
export function addressOfNode(name: string): string {
  const node = CLUSTER_NODES.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  return node.addresses[0];
}
