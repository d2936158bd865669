/**
 * Says of each configuration object what became of it: conditions, sums and events, and of the whole the ConfigurationState `controller`.
 *
 * Whatever changes makes it look again, once, a moment later and at most once a second; what is then as it was is not written. Only the
 * leader has one.
 */

import type { Finding } from '../config/problem.ts';
import type { SeenConfig } from '../follow/objects.ts';
import type { EventRecorder } from '../kube/events.ts';
import { parseKey } from '../kube/object-key.ts';
import { CONFIGURATION_STATE } from '../kube/resource-types.ts';
import type { StatusWriter } from '../kube/status-writer.ts';
import type { OwnerReference, ResourceType } from '../kube/types.ts';
import { type Condition, eventsOfConditions, OUR_CONDITIONS, readConditions } from '../report/conditions.ts';
import { configurationState, stateName, stateObject } from '../report/configuration-state.ts';
import type { Clock } from '../time/clock.ts';
import { ourPart, type Sums, statusFor } from './config-status.ts';

type Json = Readonly<Record<string, unknown>>;

/** One configuration object, with its resource. */
export interface ConfigObject extends SeenConfig {
  readonly type: ResourceType;
  readonly key: string;
}

export interface ConfigReporterOptions {
  readonly clock: Clock;
  readonly wallClock: () => Date;
  readonly statuses: Pick<StatusWriter, 'set' | 'seen' | 'forget'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly namespace: string;
  /** The configuration objects that there are. */
  readonly objects: () => Iterable<ConfigObject>;
  /** What was found in them. */
  readonly findings: () => readonly Finding[];
  readonly sums: () => Sums;
  readonly owner: () => OwnerReference | null;
}

/** Changes that come together are reported together. */
const SOON_MS = 50;
const INTERVAL_MS = 1_000;

const SELF = { type: 'controller' } as const;

export class ConfigReporter {
  readonly #options: ConfigReporterOptions;
  /** The conditions that each object has, or is about to have. */
  readonly #conditions = new Map<string, readonly Condition[]>();
  #stateConditions: readonly Condition[] = [];
  #cancel: (() => void) | null = null;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #open = false;

  constructor(options: ConfigReporterOptions) {
    this.#options = options;
  }

  /** Everything is known: from now on it is reported. */
  open(): void {
    this.#open = true;
    for (const object of this.#options.objects()) this.seen(object);
    this.touch();
  }

  /** Something is different. */
  touch(): void {
    if (!this.#open || this.#cancel !== null) return;
    const { clock } = this.#options;
    const wait = Math.max(SOON_MS, this.#reportedAt + INTERVAL_MS - clock.now());
    this.#cancel = clock.after(wait, () => {
      this.#cancel = null;
      this.#report();
    });
  }

  /** A configuration object as it is. */
  seen(object: ConfigObject): void {
    if (!this.#open) return;
    const { statuses } = this.#options;
    const { type, status } = object;
    statuses.seen(targetOf(object), ourPart(type.kind, status));
    if (!this.#conditions.has(idOf(object)))
      this.#conditions.set(
        idOf(object),
        readConditions(status).filter((condition) => OUR_CONDITIONS.has(condition.type)),
      );
    this.touch();
  }

  gone(object: Pick<ConfigObject, 'type' | 'key'>): void {
    this.#conditions.delete(idOf(object));
    this.#options.statuses.forget(targetOf(object));
    this.touch();
  }

  /** The ConfigurationState of the controller as it is; null: there is none. */
  stateSeen(status: Json | null): void {
    if (status !== null && this.#stateConditions.length === 0) this.#stateConditions = readConditions(status);
    this.#options.statuses.seen(this.#state, status);
  }

  close(): void {
    this.#open = false;
    this.#cancel?.();
    this.#cancel = null;
  }

  get #state() {
    return { type: CONFIGURATION_STATE, key: { namespace: this.#options.namespace, name: stateName(SELF) } };
  }

  #report(): void {
    const { clock, wallClock, findings, objects } = this.#options;
    this.#reportedAt = clock.now();
    const now = `${wallClock().toISOString().slice(0, 19)}Z`;
    const all = findings();
    const byObject = Map.groupBy(all, ({ object }) => `${object?.kind} ${object?.namespace}/${object?.name}`);
    const sums = this.#options.sums();
    for (const object of objects()) this.#reportOn(object, byObject.get(idOf(object)) ?? [], sums, now);
    const status = configurationState(SELF, all, [], this.#stateConditions, now);
    this.#stateConditions = readConditions(status);
    const create = stateObject(SELF, this.#options.namespace, this.#options.owner());
    this.#options.statuses.set(this.#state, { status, create });
  }

  #reportOn(object: ConfigObject, findings: readonly Finding[], sums: Sums, now: string): void {
    const { statuses, events } = this.#options;
    const id = idOf(object);
    const { kind } = object.type;
    const { namespace, name } = parseKey(object.key);
    const conditions = this.#conditions.get(id) ?? [];
    const status = statusFor({ kind, name, generation: object.generation, conditions }, findings, sums, now);
    const after = readConditions(status);
    this.#conditions.set(id, after);
    const target = { apiVersion: object.resource.apiVersion, kind, namespace, name, uid: object.uid };
    for (const { type, reason, message } of eventsOfConditions(conditions, after))
      events.record(target, type, reason, message);
    statuses.set(targetOf(object), { status });
  }
}

const idOf = ({ type, key }: Pick<ConfigObject, 'type' | 'key'>): string => `${type.kind} ${key}`;

const targetOf = ({ type, key }: Pick<ConfigObject, 'type' | 'key'>) => ({ type, key: parseKey(key) });
