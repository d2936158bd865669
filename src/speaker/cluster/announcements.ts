/** Which Services the node announces, and how that is said: in the log, by events and by ServiceBGPStatus. */
import type { Allocation } from '../../allocator/allocator.ts';
import type { Refusal } from '../../announce/eligibility.ts';
import { slices } from '../../follow/slices.ts';
import type { Logger } from '../../io/logger.ts';
import type { EventRecorder } from '../../kube/events.ts';
import { parseKey } from '../../kube/object-key.ts';
import { formatIp } from '../../net/ip.ts';
import type { WorldChange } from '../../plan/world/change.ts';
import type { World } from '../../plan/world.ts';
import type { ServiceStatuses } from './service-statuses.ts';

export interface AnnouncementsOptions {
  readonly node: string;
  readonly world: Pick<World, 'service' | 'uidOf' | 'allocations'>;
  readonly log: Logger;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly statuses: Pick<ServiceStatuses, 'set' | 'has'>;
  /** Lets others have their turn between slices of Services. */
  readonly breathe: () => Promise<void>;
}

/** So many Services of one change have a line each. Of more there is one line for all, and theirs are at debug. */
const MAX_LINES = 100;

export class Announcements {
  readonly #options: AnnouncementsOptions;
  readonly #announced = new Set<string>();
  /** Those that were announced from the start, until it is known of which somebody has told. */
  readonly #sinceStart = new Set<string>();
  /** By Service: that it keeps addresses which its pool no longer has. */
  readonly #kept = new Map<string, string>();
  #keptVersion = 0;
  /** How many lines the change under way has had. */
  #lines = 0;
  /** Why a Service is not announced. */
  readonly #refusals = new Map<string, string>();

  constructor(options: AnnouncementsOptions) {
    this.#options = options;
  }

  /** How many Services are announced. */
  get size(): number {
    return this.#announced.size;
  }

  /** What is announced from the start, which a speaker before may have announced too: there is no line for each. */
  adopting({ allocationsChanged, announcementsChanged, refusalsChanged }: WorldChange): void {
    this.#note(allocationsChanged, refusalsChanged);
    for (const { service, peers } of announcementsChanged) {
      this.#options.statuses.set(service, peers);
      if (peers.length > 0) {
        this.#announced.add(service);
        this.#sinceStart.add(service);
      } else {
        this.#announced.delete(service);
        this.#sinceStart.delete(service);
      }
    }
  }

  /** It is known which Services had a status object when the speaker began: of the others nobody has told yet. */
  async statusesKnown(): Promise<void> {
    const { statuses, breathe } = this.#options;
    for (const slice of slices([...this.#sinceStart])) {
      for (const service of slice)
        if (this.#sinceStart.delete(service) && this.#announced.has(service) && !statuses.has(service))
          this.#tellAssigned(service);
      await breathe();
    }
  }

  /** Services with addresses that no pool has any more, and what that means. */
  get kept(): ReadonlyMap<string, string> {
    return this.#kept;
  }

  /** Another number whenever {@link kept} is another. */
  get keptVersion(): number {
    return this.#keptVersion;
  }

  changed({ allocationsChanged, announcementsChanged, refusalsChanged }: WorldChange): void {
    this.#note(allocationsChanged, refusalsChanged);
    for (const { service, peers } of announcementsChanged) {
      const wasAnnounced = this.#announced.has(service);
      this.#options.statuses.set(service, peers);
      if (peers.length === 0) {
        this.#announced.delete(service);
        this.#sinceStart.delete(service);
        if (wasAnnounced) this.#sayWithdrawn(service);
      } else {
        this.#announced.add(service);
        this.#sayAnnounced(service, peers);
        if (!wasAnnounced) this.#tellAssigned(service);
      }
    }
    const said = new Set(announcementsChanged.map(({ service }) => service));
    for (const { service, refusal } of refusalsChanged)
      if (refusal !== null && !said.has(service)) this.#sayRefused(service, refusal);
    this.#saySum(announcementsChanged);
  }

  #note(allocations: WorldChange['allocationsChanged'], refusals: WorldChange['refusalsChanged']): void {
    this.#lines = 0;
    for (const { service, after } of allocations) this.#noteKept(service, after);
    for (const { service, refusal } of refusals)
      if (refusal === null) this.#refusals.delete(service);
      else this.#refusals.set(service, refusal.reason);
  }

  #noteKept(service: string, allocation: Allocation | null): void {
    if (allocation === null || allocation.pool === null || allocation.message === null) {
      if (this.#kept.delete(service)) this.#keptVersion++;
      return;
    }
    if (this.#kept.get(service) === allocation.message) return;
    this.#kept.set(service, allocation.message);
    this.#keptVersion++;
    this.#options.log[this.#levelOr('warn')](
      {
        event: 'addressKept',
        service,
        ips: allocation.ips.map(formatIp),
        pool: allocation.pool,
        reason: allocation.message,
        help: 'see that a controller runs, which moves the Service; or bring the pool back',
      },
      'the pool of a service is gone: its address stays announced',
    );
  }

  /** The level of one more line about a Service. */
  #levelOr<L extends 'info' | 'warn'>(level: L): L | 'debug' {
    this.#lines++;
    return this.#lines > MAX_LINES ? 'debug' : level;
  }

  /** A change of a peer or a pool that concerns thousands of Services does not fill the log. */
  #saySum(changes: WorldChange['announcementsChanged']): void {
    if (this.#lines <= MAX_LINES) return;
    const withdrawn = changes.filter(({ peers }) => peers.length === 0).length;
    const sum = { announced: changes.length - withdrawn, withdrawn, addressesKept: this.#kept.size };
    this.#options.log.info(
      { event: 'manyServicesChanged', ...sum, withoutLine: this.#lines - MAX_LINES },
      'one change concerns many services: those without a line here have theirs at level debug',
    );
  }

  #sayAnnounced(service: string, peers: readonly string[]): void {
    const { log, world } = this.#options;
    const allocation = world.allocations.get(service);
    log[this.#levelOr('info')](
      {
        event: 'serviceAnnounced',
        service,
        protocol: 'bgp',
        ips: allocation?.ips.map(formatIp) ?? [],
        pool: allocation?.pool ?? null,
        peers,
      },
      'service has IP, announcing',
    );
  }

  #sayWithdrawn(service: string): void {
    const { log } = this.#options;
    log[this.#levelOr('info')](
      { event: 'serviceWithdrawn', service, protocol: 'bgp', reason: this.#reasonOf(service) },
      'withdrawing service announcement',
    );
  }

  #sayRefused(service: string, { reason, message }: Refusal): void {
    this.#options.log.debug(
      { event: 'serviceNotAnnounced', service, protocol: 'bgp', reason, detail: message },
      'service is not announced from this node',
    );
  }

  /** MetalLB's words, where it has one for the case. */
  #reasonOf(service: string): string {
    const { world } = this.#options;
    const refusal = this.#refusals.get(service);
    if (refusal !== undefined) return refusal;
    if (world.service(service) === undefined) return 'serviceDeleted';
    return world.allocations.get(service)?.pool === null ? 'noIPAllocated' : 'noMatchingAdvertisement';
  }

  /** MetalLB's event. */
  #tellAssigned(service: string): void {
    const { events, node, world } = this.#options;
    const uid = world.uidOf(service);
    const target = { apiVersion: 'v1', kind: 'Service', ...parseKey(service), ...(uid === null ? {} : { uid }) };
    events.record(target, 'Normal', 'nodeAssigned', `announcing from node "${node}" with protocol "bgp"`);
  }
}
