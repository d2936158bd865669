/**
 * The faults of an API, and what each process of ours makes of them: what its log says, which metrics tell, what stands at an object, how much is
 * written. `docs/reference/faults.md` is made of this table, and faults.test.ts brings each row about.
 *
 * For a speaker: an entry `speaker` in `seen` of each row, and a Subject (subject.ts) in faults.test.ts.
 */
import { IP_ADDRESS_POOL, NAMESPACE, SECRET, SERVICE } from '../../src/kube/resource-types.ts';
import { controllerOn } from './controller-subject.ts';
import { type Asked, type FaultStage, OWN } from './stage.ts';
import type { SubjectName } from './subject.ts';

/** What is seen of a fault at one process. */
export interface Seen {
  /** Every name of an event or operation that its log has at level info or above, while the fault lasts and until it is over. */
  readonly log: readonly string[];
  /** Metrics that show it. */
  readonly metrics: readonly string[];
  /** Every reason of the Kubernetes events that it brings about, behind the kind that they are about. */
  readonly events: readonly string[];
  /** How many writes to Services it may cost. */
  readonly serviceWrites: number;
  /** What it does, and goes on with. */
  readonly does: string;
}

export interface FaultCase {
  readonly id: string;
  readonly fault: string;
  /** What there is before anybody starts. */
  readonly before?: (stage: FaultStage) => void;
  /** Brings it about and ends it; `during` is called while it lasts, at the latest moment. */
  readonly happen: (stage: FaultStage, during: () => Promise<void>) => Promise<void>;
  /** What is held and may go, since it is really gone. */
  readonly goes?: (name: string) => boolean;
  /** Of requests to the API, from the fault's beginning to its end; without it nobody counts. */
  readonly maxRequests?: number;
  readonly seen: Readonly<Record<SubjectName, Seen | null>>;
}

const reads = ({ verb }: Asked): boolean => verb === 'list' || verb === 'watch' || verb === 'get';
const isLease = ({ resource }: Asked): boolean => resource === 'leases';

/** Follows the API again, after it could not. */
const FOLLOWS_AGAIN = ['watchFailing', 'watchRestored'];
/** Leads no more, and then again. */
const LEADS_AGAIN = ['leaseFailing', 'leaseRestored', 'leading', 'notLeading', 'servicesAdopted'];
const FAILING = ['metallb_controller_reflector_errors_total', 'metallb_controller_reflector_failing_bool'];
/** The Service that was made while the fault lasted. */
const SERVED = ['ipAllocated'];
const SERVED_EVENT = ['Service IPAllocated'];

const SPEAKER_FAILING = ['metallb_speaker_reflector_errors_total', 'metallb_speaker_reflector_failing_bool'];
/** A route more, or one less. */
const ROUTED = ['serviceAnnounced'];
const ASSIGNED = ['Service nodeAssigned'];

export const FAULTS: readonly FaultCase[] = [
  {
    id: 'away',
    fault: 'The API is away for an hour',
    async happen(stage, during) {
      await stage.server.refuse(true);
      stage.service('meanwhile');
      await stage.run(3_600_000, 2_000);
      await during();
      await stage.server.refuse(false);
      await stage.run(60_000);
    },
    maxRequests: 2_000,
    seen: {
      controller: {
        log: [...FOLLOWS_AGAIN, ...LEADS_AGAIN, ...SERVED],
        metrics: [...FAILING, 'metallb_controller_leader_bool'],
        events: SERVED_EVENT,
        serviceWrites: 1,
        does: 'stops leading after 6 s, goes on with the configuration that it knows, asks 0.8 s to 30 s apart; then leads again and adopts all addresses as they are',
      },
      speaker: {
        log: [...FOLLOWS_AGAIN, ...ROUTED],
        metrics: SPEAKER_FAILING,
        events: ASSIGNED,
        serviceWrites: 0,
        does: 'goes on announcing what it knows, its sessions as they are; asks 0.8 s to 30 s apart; then announces what was made meanwhile',
      },
    },
  },
  {
    id: 'silent',
    fault: 'Watches are taken and never say anything',
    async happen(stage, during) {
      stage.setFault(({ verb }) => (verb === 'watch' ? { type: 'silent' } : null));
      // The server ends those that there are, as it always does.
      await stage.run(605_000, 1_000);
      stage.service('meanwhile');
      await stage.run(100_000, 1_000);
      await during();
      stage.setFault(null);
      await stage.run(600_000, 1_000);
    },
    seen: {
      controller: {
        log: ['watchSilent', ...SERVED],
        metrics: ['metallb_controller_reflector_silent_watches_total'],
        events: SERVED_EVENT,
        serviceWrites: 1,
        does: 'opens a watch anew that said nothing for 90 s (a bookmark comes every minute) from where it was, then after 180 s, up to ten minutes',
      },
      speaker: {
        log: ['watchSilent', ...ROUTED],
        metrics: ['metallb_speaker_reflector_silent_watches_total'],
        events: ASSIGNED,
        serviceWrites: 0,
        does: 'opens a watch anew that said nothing for 90 s, from where it was',
      },
    },
  },
  {
    id: 'expired',
    fault: 'A watch is resumed after the history has been compacted (410)',
    async happen(stage, during) {
      await stage.server.refuse(true);
      stage.service('meanwhile');
      stage.removeService('short-lived');
      stage.server.compact();
      await stage.run(500);
      await during();
      await stage.server.refuse(false);
      await stage.run(10_000);
    },
    before: (stage) => stage.service('short-lived'),
    goes: (name) => name === 'default/short-lived',
    seen: {
      controller: {
        log: [...FOLLOWS_AGAIN, ...SERVED, 'serviceDeleted'],
        metrics: [...FAILING, 'metallb_controller_reflector_lists_total'],
        events: SERVED_EVENT,
        serviceWrites: 1,
        does: 'lists everything again, and takes what is not in the list for gone',
      },
      speaker: {
        log: [...FOLLOWS_AGAIN, ...ROUTED, 'serviceWithdrawn'],
        metrics: [...SPEAKER_FAILING, 'metallb_speaker_reflector_lists_total'],
        events: ASSIGNED,
        serviceWrites: 0,
        does: 'lists everything again, and withdraws what is not in the list; nothing else is touched',
      },
    },
  },
  {
    id: 'expired-page',
    fault: 'A list expires between two of its pages (410)',
    before(stage) {
      for (let i = 0; i < 600; i++) stage.service(`many${i}`);
    },
    async happen(stage, during) {
      const lists = new Map<string, number>();
      stage.setFault(({ verb, resource, client }) => {
        const before = lists.get(client) ?? 0;
        if (resource !== 'services') return null;
        if (verb === 'watch' && before === 0) return { type: 'status', code: 410 };
        if (verb === 'list') lists.set(client, before + 1);
        // The second page, and no other.
        return verb === 'list' && before === 1 ? { type: 'status', code: 410 } : null;
      });
      await stage.run(605_000, 1_000);
      await during();
      await stage.run(30_000);
      stage.setFault(null);
    },
    seen: {
      controller: {
        log: FOLLOWS_AGAIN,
        metrics: ['metallb_controller_reflector_errors_total', 'metallb_controller_reflector_lists_total'],
        events: [],
        serviceWrites: 0,
        does: 'begins the list anew; what is behind the page that failed is not taken for gone',
      },
      speaker: {
        log: FOLLOWS_AGAIN,
        metrics: ['metallb_speaker_reflector_errors_total', 'metallb_speaker_reflector_lists_total'],
        events: [],
        serviceWrites: 0,
        does: 'begins the list anew; what is behind the page that failed is not taken for gone',
      },
    },
  },
  {
    id: 'too-many-requests',
    fault: 'The API asks for patience (429 with Retry-After: 5) for a minute',
    async happen(stage, during) {
      stage.setFault((asked) => (isLease(asked) ? null : { type: 'status', code: 429, retryAfterSeconds: 5 }));
      stage.server.cutConnections();
      await stage.run(20_000);
      stage.service('meanwhile');
      await stage.run(40_000);
      await during();
      stage.setFault(null);
      await stage.run(40_000);
    },
    maxRequests: 500,
    seen: {
      controller: {
        log: [...FOLLOWS_AGAIN, ...SERVED],
        metrics: FAILING,
        events: SERVED_EVENT,
        serviceWrites: 1,
        does: 'asks again when it was told to, and after two minutes at the latest whatever it was told',
      },
      speaker: {
        log: [...FOLLOWS_AGAIN, ...ROUTED],
        metrics: SPEAKER_FAILING,
        events: ASSIGNED,
        serviceWrites: 0,
        does: 'asks again when it was told to, and after two minutes at the latest whatever it was told',
      },
    },
  },
  {
    id: 'writes-refused',
    fault: 'The API refuses writes (429 with Retry-After: 5) for a minute, and answers reads',
    async happen(stage, during) {
      const refused = (asked: Asked) => !reads(asked) && !isLease(asked);
      stage.setFault((asked) => (refused(asked) ? { type: 'status', code: 429, retryAfterSeconds: 5 } : null));
      stage.service('meanwhile');
      await stage.run(60_000);
      await during();
      stage.setFault(null);
      await stage.run(60_000);
    },
    maxRequests: 250,
    seen: {
      controller: {
        log: [...SERVED, 'updateServiceStatus', 'updateStatus'],
        metrics: [
          'metallb_controller_writes_total',
          'metallb_controller_pending_writes',
          'metallb_k8s_client_update_errors_total',
        ],
        events: SERVED_EVENT,
        serviceWrites: 1,
        does: 'has decided, and writes when it may; Kubernetes events wait up to ten minutes',
      },
      speaker: {
        log: ROUTED,
        metrics: ['metallb_bgp_updates_total'],
        events: ASSIGNED,
        serviceWrites: 0,
        does: 'announces when the address is written, which waits as well',
      },
    },
  },
  {
    id: 'forbidden',
    fault: 'The API forbids that statuses of Services are written (403), for ten minutes',
    async happen(stage, during) {
      const refused = ({ resource, verb }: Asked) => resource === 'services' && verb === 'patch';
      stage.setFault((asked) => (refused(asked) ? { type: 'status', code: 403, message: 'not allowed' } : null));
      stage.service('meanwhile');
      await stage.run(600_000, 1_000);
      await during();
      stage.setFault(null);
      await stage.run(60_000);
    },
    // 600 of the lease.
    maxRequests: 800,
    seen: {
      controller: {
        log: [...SERVED, 'updateServiceStatus'],
        metrics: ['metallb_controller_writes_total', 'metallb_controller_pending_writes'],
        events: [...SERVED_EVENT, 'Service StatusRefused'],
        serviceWrites: 1,
        does: 'tries 0.25 s to 30 s apart, and says at the Service why it has no address yet',
      },
      speaker: null,
    },
  },
  {
    id: 'internal-errors',
    fault: 'Every request fails (500) for a minute',
    async happen(stage, during) {
      stage.setFault(() => ({ type: 'status', code: 500 }));
      stage.server.cutConnections();
      stage.service('meanwhile');
      await stage.run(60_000);
      await during();
      stage.setFault(null);
      await stage.run(60_000);
    },
    maxRequests: 500,
    seen: {
      controller: {
        log: [...FOLLOWS_AGAIN, ...LEADS_AGAIN, ...SERVED],
        metrics: [...FAILING, 'metallb_controller_leader_bool'],
        events: SERVED_EVENT,
        serviceWrites: 1,
        does: 'asks 0.8 s to 30 s apart, each time a little earlier or later than the others; stops leading after 6 s, since its lease is refused too',
      },
      speaker: {
        log: [...FOLLOWS_AGAIN, ...ROUTED],
        metrics: SPEAKER_FAILING,
        events: ASSIGNED,
        serviceWrites: 0,
        does: 'asks 0.8 s to 30 s apart, each time a little earlier or later than the others',
      },
    },
  },
  {
    id: 'cut',
    fault: 'Connections are cut in the middle of objects for half a minute',
    async happen(stage, during) {
      stage.setFault((asked) => (isLease(asked) || !reads(asked) ? null : { type: 'cut', afterBytes: 900 }));
      stage.server.cutConnections();
      await stage.run(1_000);
      stage.service('meanwhile');
      await stage.run(29_000);
      await during();
      stage.setFault(null);
      await stage.run(60_000);
    },
    maxRequests: 500,
    seen: {
      controller: {
        log: [...FOLLOWS_AGAIN, ...SERVED],
        metrics: FAILING,
        events: SERVED_EVENT,
        serviceWrites: 1,
        does: 'takes nothing of half an object, and resumes behind the last whole one',
      },
      speaker: {
        log: [...FOLLOWS_AGAIN, ...ROUTED],
        metrics: SPEAKER_FAILING,
        events: ASSIGNED,
        serviceWrites: 0,
        does: 'takes nothing of half an object, and resumes behind the last whole one',
      },
    },
  },
  {
    id: 'lost-answers',
    fault: 'Writes are carried out, and their answers are lost, for half a minute',
    async happen(stage, during) {
      stage.setFault((asked) => (isLease(asked) || reads(asked) ? null : { type: 'cut', afterBytes: 0 }));
      for (let i = 0; i < 10; i++) stage.service(`meanwhile${i}`);
      await stage.run(30_000);
      await during();
      stage.setFault(null);
      await stage.run(60_000);
    },
    maxRequests: 250,
    seen: {
      controller: {
        log: [...SERVED, 'updateServiceStatus', 'updateStatus'],
        metrics: ['metallb_controller_writes_total', 'metallb_k8s_client_update_errors_total'],
        events: SERVED_EVENT,
        serviceWrites: 10,
        does: 'learns from the watch that it was written, and writes nothing twice; an event that was told once is not told again',
      },
      speaker: {
        log: [...ROUTED, 'writeServiceStatus', 'writeStatus'],
        metrics: ['metallb_speaker_writes_total'],
        events: ASSIGNED,
        serviceWrites: 0,
        does: 'learns from its watches what was written; an event that was told once is not told again',
      },
    },
  },
  {
    id: 'went-back',
    fault: 'The API is restored from a backup: its resourceVersion goes back',
    async happen(stage, during) {
      stage.service('late');
      // In the backup it has no address yet.
      const backup = stage.server.snapshot();
      await stage.run(5_000);
      // Its address is that of the next one, and in the backup its own.
      stage.removeService('s5');
      await stage.run(5_000);
      stage.service('lost');
      await stage.run(5_000);
      stage.server.restore(backup);
      await stage.run(60_000);
      await during();
      await stage.run(60_000);
    },
    goes: (name) => name === 'default/lost',
    seen: {
      controller: {
        log: [...FOLLOWS_AGAIN, ...SERVED, 'serviceDeleted'],
        metrics: ['metallb_controller_reflector_errors_total', 'metallb_controller_reflector_lists_total'],
        // What was told of `late` went with the rest.
        events: [],
        serviceWrites: 3,
        does: 'notices at a list of one object that the API is behind what it knows, and reads everything anew: what is listed counts, and who had an address gets that very one again',
      },
      speaker: {
        log: [...FOLLOWS_AGAIN, ...ROUTED, 'serviceWithdrawn'],
        metrics: ['metallb_speaker_reflector_errors_total', 'metallb_speaker_reflector_lists_total'],
        events: ASSIGNED,
        serviceWrites: 0,
        does: 'notices at a list of one object that the API is behind what it knows, and reads everything anew: what is listed counts',
      },
    },
  },
  {
    id: 'odd-objects',
    fault: 'Objects with fields that nobody knows, and of a megabyte',
    async happen(stage, during) {
      const blob = 'x'.repeat(250_000);
      stage.service('odd', { annotations: { 'example.com/blob': blob } }, { novelty: { of: ['another', 'release'] } });
      const metadata = { name: 'odd', namespace: OWN, annotations: { 'example.com/blob': blob } };
      const spec = { addresses: ['198.51.100.0/24'], autoAssign: false, novelty: 1 };
      const apiVersion = 'metallb.io/v1beta1';
      stage.user.create(IP_ADDRESS_POOL, { apiVersion, kind: 'IPAddressPool', metadata, spec });
      const data = { blob: Buffer.alloc(750_000, 'x').toString('base64') };
      const secret = { name: 'large', namespace: OWN };
      stage.user.create(SECRET, { apiVersion: 'v1', kind: 'Secret', metadata: secret, data });
      await stage.run(5_000);
      await during();
    },
    seen: {
      controller: {
        log: SERVED,
        metrics: ['metallb_controller_reflector_objects'],
        events: SERVED_EVENT,
        serviceWrites: 1,
        does: 'keeps of an object what decisions need; lists in pages of 2 MB, however large the objects are',
      },
      speaker: {
        log: ROUTED,
        metrics: ['metallb_speaker_reflector_objects'],
        events: ASSIGNED,
        serviceWrites: 0,
        does: 'keeps of an object what decisions need; lists in pages of 2 MB',
      },
    },
  },
  {
    id: 'namespace-gone',
    fault: 'A namespace is deleted, and fifty Services with it',
    before(stage) {
      stage.namespace('shop');
      for (let i = 0; i < 50; i++) stage.service(`s${i}`, { namespace: 'shop' });
    },
    async happen(stage, during) {
      stage.user.remove(NAMESPACE, { namespace: '', name: 'shop' });
      await stage.run(20_000);
      await during();
    },
    goes: (name) => name.startsWith('shop/'),
    seen: {
      controller: {
        log: ['serviceDeleted'],
        metrics: ['metallb_controller_services_assigned', 'metallb_allocator_addresses_in_use_total'],
        events: [],
        serviceWrites: 0,
        does: 'has their addresses free for others; writes to none of them',
      },
      speaker: {
        log: ['serviceWithdrawn'],
        metrics: ['metallb_speaker_announced', 'metallb_bgp_announced_prefixes_total'],
        events: [],
        serviceWrites: 0,
        does: 'withdraws their routes and removes their ServiceBGPStatuses',
      },
    },
  },
  {
    id: 'second-controller',
    fault: 'Another controller takes the lease of one that is cut off',
    async happen(stage, during) {
      const rival = await controllerOn(stage, 'rival');
      await stage.run(3_000);
      stage.setFault(({ client }) => (client === 'controller' ? { type: 'status', code: 503 } : null));
      stage.server.cutConnections();
      await stage.run(20_000);
      stage.service('meanwhile');
      await stage.run(5_000);
      await during();
      stage.setFault(null);
      await stage.run(40_000);
      const stopped = rival.stop();
      await stage.run(10_000);
      await stopped;
    },
    seen: {
      controller: {
        log: [...FOLLOWS_AGAIN, ...LEADS_AGAIN, 'leader'],
        metrics: [...FAILING, 'metallb_controller_leader_bool'],
        events: SERVED_EVENT,
        serviceWrites: 0,
        does: 'stops leading 6 s after its last renewal, two before anybody else may; who takes over reads all Services first, and keeps every address',
      },
      speaker: {
        log: [...FOLLOWS_AGAIN, ...ROUTED],
        metrics: ['metallb_speaker_reflector_errors_total'],
        events: ASSIGNED,
        serviceWrites: 0,
        does: 'announces what is written, whoever leads',
      },
    },
  },
  {
    id: 'contested',
    fault: 'Another controller sets the address of a Service back, every second for ten minutes',
    async happen(stage, during) {
      const theirs = { status: { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } } };
      for (let i = 0; i < 600; i++) {
        stage.user.patch(SERVICE, { namespace: 'default', name: 's7' }, theirs, 'status');
        await stage.run(1_000, 500);
      }
      await during();
      await stage.run(60_000);
    },
    maxRequests: 1_000,
    seen: {
      controller: {
        log: ['statusContested'],
        metrics: ['metallb_controller_contested_writes_total'],
        events: ['Service StatusContested'],
        serviceWrites: 30,
        does: 'puts it right at once, then after 1 s, 2 s … 30 s, until there is peace for two minutes',
      },
      speaker: {
        log: [...ROUTED, 'serviceWithdrawn'],
        metrics: ['metallb_bgp_updates_total'],
        events: ASSIGNED,
        serviceWrites: 0,
        does: 'announces what the status says at each moment, if it is of a pool: the route of the contested Service comes and goes, no other is touched',
      },
    },
  },
  {
    id: 'edited',
    fault: 'Another controller edits the labels of a Service, ten times a second for a minute',
    async happen(stage, during) {
      for (let i = 0; i < 600; i++) {
        const metadata = { labels: { turn: `${i}` } };
        stage.user.patch(SERVICE, { namespace: 'default', name: 's7' }, { metadata });
        await stage.run(100, 100);
      }
      await during();
    },
    maxRequests: 100,
    seen: {
      controller: {
        log: [],
        metrics: ['metallb_controller_reflector_events_total', 'metallb_k8s_client_updates_total'],
        events: [],
        serviceWrites: 0,
        does: 'writes nothing: the status says what it should',
      },
      speaker: {
        log: [],
        metrics: [],
        events: [],
        serviceWrites: 0,
        does: 'takes no notice: nothing that concerns it is another',
      },
    },
  },
  {
    id: 'clock-jumps',
    fault: 'The wall clock of the machine jumps an hour ahead, then two hours back, then is right again',
    async happen(stage, during) {
      stage.wallClockJumps(3_600_000);
      stage.service('meanwhile');
      await stage.run(120_000);
      stage.wallClockJumps(-7_200_000);
      stage.service('later');
      await stage.run(120_000);
      await during();
      stage.wallClockJumps(3_600_000);
      await stage.run(10_000);
    },
    maxRequests: 500,
    seen: {
      controller: {
        log: SERVED,
        metrics: ['metallb_controller_writes_total'],
        events: SERVED_EVENT,
        serviceWrites: 2,
        does: 'takes no notice: lease, deadlines and pauses go by a clock that only runs on; what it writes meanwhile has the wrong time of day',
      },
      speaker: {
        log: ROUTED,
        metrics: ['metallb_bgp_updates_total'],
        events: ASSIGNED,
        serviceWrites: 0,
        does: 'takes no notice: hold times, keepalives and pauses go by a clock that only runs on; what it writes meanwhile has the wrong time of day',
      },
    },
  },
];
