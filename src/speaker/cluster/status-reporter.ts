/**
 * Says of the node what its sessions are (SpeakerStatus) and what was found in the configuration (ConfigurationState `speaker-NODE`).
 *
 * A change is written at once, or a second after the last write. What is there already is read first, so that a restart writes nothing that
 * says the same; an object that somebody removes is made again.
 */
import type { Finding } from '../../config/problem.ts';
import { CONFIGURATION_STATE, SPEAKER_STATUS } from '../../kube/resource-types.ts';
import { sameMeaning } from '../../kube/same-meaning.ts';
import type { StatusObject, StatusWriter } from '../../kube/status-writer.ts';
import type { KubeObject, OwnerReference } from '../../kube/types.ts';
import { type Condition, readConditions } from '../../report/conditions.ts';
import { configurationState, type OwnCondition, stateName, stateObject } from '../../report/configuration-state.ts';
import { nameLabel } from '../../report/name-label.ts';
import type { Clock } from '../../time/clock.ts';
import { timestamp } from './session-report.ts';

type Json = Readonly<Record<string, unknown>>;

export interface StatusReporterOptions {
  readonly clock: Clock;
  readonly wallClock: () => Date;
  readonly statuses: Pick<StatusWriter, 'set' | 'seen'>;
  readonly node: string;
  readonly namespace: string;
  /** What the SpeakerStatus says, but for the time. */
  readonly status: () => Json;
  /** Whether that may become something else by time alone: the cause of a session that is not up can. */
  readonly changesByTime: () => boolean;
  /** What was found in objects of the configuration. */
  readonly findings: () => readonly Finding[];
  readonly ownConditions: () => readonly OwnCondition[];
}

/** Changes that come together are reported together. */
const SOON_MS = 20;
/** What changes by time alone is looked at so often. */
const AGAIN_MS = 1_000;

export class StatusReporter {
  readonly #options: StatusReporterOptions;
  readonly #speakerStatus: StatusObject;
  readonly #state: StatusObject;
  /** The Pod of this process; undefined: not known yet. */
  #owner: OwnerReference | null | undefined;
  /** The SpeakerStatus as it is there, or is about to be; undefined: not known yet. */
  #said: Json | null | undefined;
  /** The conditions of the ConfigurationState likewise. */
  #conditions: readonly Condition[] | undefined;
  #cancel: (() => void) | null = null;
  #cancelAgain: (() => void) | null = null;
  #isStateDue = true;
  #isOpen = false;

  constructor(options: StatusReporterOptions) {
    this.#options = options;
    const { namespace, node } = options;
    this.#speakerStatus = { type: SPEAKER_STATUS, key: { namespace, name: node } };
    this.#state = { type: CONFIGURATION_STATE, key: { namespace, name: stateName({ type: 'speaker', node }) } };
  }

  /** There is something to say from now on. */
  open(): void {
    this.#isOpen = true;
    this.touch();
    this.touchState();
  }

  /** @param owner - null: this process is no Pod. */
  ownerKnown(owner: OwnerReference | null): void {
    this.#owner = owner;
    this.touch();
  }

  /** The SpeakerStatus as it is; null: there is none. */
  statusSeen(status: Json | null): void {
    if (this.#said === undefined) this.#said = status;
    this.#options.statuses.seen(this.#speakerStatus, status);
    this.touch();
  }

  /** The ConfigurationState as it is; null: there is none. */
  stateSeen(status: Json | null): void {
    this.#conditions ??= status === null ? [] : readConditions(status);
    this.#options.statuses.seen(this.#state, status);
    this.touch();
  }

  /** The sessions, or what is announced, are others. */
  touch(): void {
    if (!this.#isOpen || this.#cancel !== null) return;
    this.#cancel = this.#options.clock.after(SOON_MS, () => {
      this.#cancel = null;
      this.#report();
      this.#lookAgain();
    });
  }

  /** Other things were found in the configuration. */
  touchState(): void {
    this.#isStateDue = true;
    this.touch();
  }

  close(): void {
    this.#isOpen = false;
    this.#cancel?.();
    this.#cancel = null;
    this.#cancelAgain?.();
    this.#cancelAgain = null;
  }

  #lookAgain(): void {
    if (this.#cancelAgain !== null || !this.#options.changesByTime()) return;
    this.#cancelAgain = this.#options.clock.after(AGAIN_MS, () => {
      this.#cancelAgain = null;
      this.touch();
    });
  }

  #report(): void {
    const owner = this.#owner;
    if (owner === undefined) return;
    const now = timestamp(this.#options.wallClock());
    if (this.#said !== undefined) this.#reportSessions(owner, this.#said, now);
    if (this.#conditions !== undefined && this.#isStateDue) this.#reportState(owner, this.#conditions, now);
  }

  #reportSessions(owner: OwnerReference | null, said: Json | null, now: string): void {
    const { node, namespace, statuses, status: read } = this.#options;
    const { lastChange = now, ...before } = said ?? {};
    const content = read();
    const status = { ...content, lastChange: sameMeaning(content, before) ? lastChange : now };
    this.#said = status;
    const create: KubeObject = {
      apiVersion: 'metallb.io/v1beta1',
      kind: SPEAKER_STATUS.kind,
      metadata: {
        name: node,
        namespace,
        labels: nameLabel('metallb.io/node', node),
        ...(owner === null ? {} : { ownerReferences: [owner] }),
      },
    };
    statuses.set(this.#speakerStatus, { status, create });
  }

  #reportState(owner: OwnerReference | null, before: readonly Condition[], now: string): void {
    const { node, namespace, statuses, findings, ownConditions } = this.#options;
    const self = { type: 'speaker', node } as const;
    const status = configurationState(self, findings(), ownConditions(), before, now);
    this.#isStateDue = false;
    this.#conditions = readConditions(status);
    statuses.set(this.#state, { status, create: stateObject(self, namespace, owner) });
  }
}
