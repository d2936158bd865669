/**
 * Leader election on a Lease (coordination.k8s.io/v1): one of several processes leads, the others stand by.
 *
 * Nobody trusts anybody's clock but his own (as client-go's): a standby takes over when the record has not changed for a lease's duration
 * *since it saw it last*, and a leader stops leading when it has not renewed for less than that, so the two never overlap by more than their
 * clocks differ in speed. Who stops in good order empties the record, and the next one leads at once.
 */

import type { Clock } from '../time/clock.ts';
import { pause } from '../time/pause.ts';
import { withDeadline } from './deadline.ts';
import { LEASE } from './resource-types.ts';
import { type KubeApi, KubeError, type KubeObject } from './types.ts';

/** How long a record that nobody renews counts. */
const LEASE_DURATION_MS = 8_000;
const RENEW_EVERY_MS = 2_000;
/** How often who stands by looks: what it sees late it takes over late. */
const LOOK_EVERY_MS = 1_000;
/** A leader that could not renew for this long no longer leads: well before somebody else may. */
const RENEW_DEADLINE_MS = 6_000;
/** How often it is said that the lease cannot be reached. */
const SAY_EVERY_MS = 60_000;
/** Of one request: one that hangs must not outlive the deadline. */
const REQUEST_TIMEOUT_MS = 2_000;

export interface LeaderElectorOptions {
  readonly api: KubeApi;
  readonly namespace: string;
  /** Of the Lease. */
  readonly name: string;
  /** Of this process; another one at each start, such as the Pod's name with something drawn by chance. */
  readonly identity: string;
  readonly clock: Clock;
  /** The wall clock, for the record's times, which are only read by people. */
  readonly wallClock: () => Date;
  readonly random: () => number;
  readonly onStartedLeading: () => void;
  readonly onStoppedLeading: () => void;
  /** Somebody leads who did not before; empty: nobody does. */
  readonly onNewLeader?: (identity: string) => void;
  /** The lease cannot be read or renewed: told when that begins, and every minute while it lasts. */
  readonly onError?: (error: unknown) => void;
  /** It can be again. */
  readonly onRecovered?: () => void;
}

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseTransitions?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
}

/** MicroTime. */
const microTime = (date: Date): string => date.toISOString().replace('Z', '000Z');

export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #stop = new AbortController();
  #leading = false;
  #renewedAt = 0;
  #cancelDeadline: (() => void) | undefined;
  /** The record as it was last seen to change, and when, on our clock. */
  #observed: { readonly text: string; readonly at: number } | undefined;
  #leader = '';
  /** When it was last said that it fails; null while it does not. */
  #saidFailing: number | null = null;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
  }

  /** By the clock, and not only by the timer that ends it: a process that was stopped gets to its timers late. */
  get isLeading(): boolean {
    return this.#leading && this.#options.clock.now() - this.#renewedAt < RENEW_DEADLINE_MS;
  }

  start(): void {
    this.#ended = this.#run();
  }

  /** Stops leading and gives the lease up, if the API lets it within a request's time. */
  async stop(): Promise<void> {
    const led = this.#leading;
    this.#stop.abort(new Error('stopped'));
    await this.#ended;
    this.#resign();
    if (led) await this.#release().catch((error: unknown) => this.#options.onError?.(error));
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await withDeadline(this.#options.clock, REQUEST_TIMEOUT_MS, this.#stop.signal, (signal) =>
          this.#tryToLead(signal),
        );
        this.#recovered();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        // Two who wanted it at once: the other was quicker, and the next look says who it is.
        if (error instanceof KubeError && error.status === 409) this.#recovered();
        else this.#failed(error);
      }
      await pause(this.#options.clock, this.#leading ? RENEW_EVERY_MS : this.#untilNextLook(), this.#stop.signal);
    }
  }

  #failed(error: unknown): void {
    const now = this.#options.clock.now();
    if (this.#saidFailing !== null && now - this.#saidFailing < SAY_EVERY_MS) return;
    this.#saidFailing = now;
    this.#options.onError?.(error);
  }

  #recovered(): void {
    if (this.#saidFailing === null) return;
    this.#saidFailing = null;
    this.#options.onRecovered?.();
  }

  /** A standby looks at the very moment at which the record counts no more, so that it takes over in less than 10 s after the last renewal. */
  #untilNextLook(): number {
    const { clock, random } = this.#options;
    const look = LOOK_EVERY_MS * (1 + random() * 0.2);
    const left = this.#observed === undefined ? 0 : this.#observed.at + LEASE_DURATION_MS - clock.now();
    return left > 0 ? Math.min(look, left) : look;
  }

  async #tryToLead(signal: AbortSignal): Promise<void> {
    const { api, namespace, name, identity, clock } = this.#options;
    let lease: KubeObject;
    // Before the request: the answer may be on its way for long, and what it says was so by then.
    const asked = clock.now();
    try {
      lease = await api.get(LEASE, { namespace, name }, signal);
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 404)) throw error;
      await api.create(LEASE, this.#record(undefined, {}), signal);
      this.#lead(asked);
      return;
    }
    const spec = (lease.spec ?? {}) as LeaseSpec;
    const holder = spec.holderIdentity ?? '';
    this.#observe(holder, `${lease.metadata.uid} ${lease.metadata.resourceVersion}`);
    const expired = this.#observed !== undefined && clock.now() - this.#observed.at >= LEASE_DURATION_MS;
    if (holder !== identity && holder !== '' && !expired) {
      // Somebody else took it, which can only be after our time was up.
      this.#resign();
      return;
    }
    await api.replace(LEASE, this.#record(lease, spec), signal);
    this.#lead(asked);
  }

  #observe(holder: string, text: string): void {
    if (this.#observed?.text !== text) this.#observed = { text, at: this.#options.clock.now() };
    if (holder !== this.#leader) {
      this.#leader = holder;
      this.#options.onNewLeader?.(holder);
    }
  }

  #record(lease: KubeObject | undefined, before: LeaseSpec): KubeObject {
    const { namespace, name, identity, wallClock } = this.#options;
    const now = microTime(wallClock());
    const same = before.holderIdentity === identity;
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: lease?.metadata ?? { namespace, name },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: LEASE_DURATION_MS / 1_000,
        acquireTime: same ? (before.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions: (before.leaseTransitions ?? 0) + (same || lease === undefined ? 0 : 1),
      },
    };
  }

  /** @param since - the clock's time from which the lease counts: before it was asked for. */
  #lead(since: number): void {
    const { clock, identity } = this.#options;
    if (this.#stop.signal.aborted) return;
    this.#renewedAt = since;
    this.#cancelDeadline?.();
    const left = since + RENEW_DEADLINE_MS - clock.now();
    this.#cancelDeadline = clock.after(Math.max(0, left), () => this.#resign());
    if (this.#leading) return;
    this.#leading = true;
    if (this.#leader !== identity) {
      this.#leader = identity;
      this.#options.onNewLeader?.(identity);
    }
    this.#options.onStartedLeading();
  }

  #resign(): void {
    this.#cancelDeadline?.();
    this.#cancelDeadline = undefined;
    if (!this.#leading) return;
    this.#leading = false;
    this.#options.onStoppedLeading();
  }

  async #release(): Promise<void> {
    const { api, namespace, name, identity, clock } = this.#options;
    if (clock.now() - this.#renewedAt >= LEASE_DURATION_MS) return;
    const giveUp = async (signal: AbortSignal): Promise<void> => {
      const lease = await api.get(LEASE, { namespace, name }, signal);
      const spec = (lease.spec ?? {}) as LeaseSpec;
      if (spec.holderIdentity !== identity) return;
      await api.replace(LEASE, { ...lease, spec: { ...spec, holderIdentity: '', leaseDurationSeconds: 1 } }, signal);
    };
    const late = (): Error => new Error('the lease could not be given up in time');
    await withDeadline(clock, REQUEST_TIMEOUT_MS, null, giveUp, late);
  }
}
