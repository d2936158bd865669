/** Says what became of a Service, in the log and as events on it. */

import type { AllocationChange } from '../allocator/live-allocation.ts';
import type { Service } from '../cluster/service.ts';
import type { Logger } from '../io/logger.ts';
import type { EventRecorder } from '../kube/events.ts';
import { parseKey } from '../kube/object-key.ts';
import { eventsOfChange, lineOfChange } from './service-events.ts';

export interface ServiceTellerOptions {
  readonly log: Logger;
  readonly events: Pick<EventRecorder, 'record'>;
  /** Of the Service that is there now. */
  readonly uidOf: (key: string) => string | undefined;
}

export class ServiceTeller {
  readonly #options: ServiceTellerOptions;

  constructor(options: ServiceTellerOptions) {
    this.#options = options;
  }

  /** @param adopting - the leader takes over what is: who keeps what it has is no news. */
  changed(service: Service | undefined, change: AllocationChange, adopting: boolean): void {
    const line = lineOfChange(service, change);
    if (line !== null) this.#options.log[line.level](line.fields, line.message);
    if (service === undefined) return;
    for (const { type, reason, message } of eventsOfChange(service, change, adopting))
      this.#record(change.service, type, reason, message);
  }

  /** The Service is faulty. */
  notUnderstood(key: string, message: string): void {
    this.#record(key, 'Warning', 'AllocationFailed', `Failed to allocate IP for "${key}": ${message}`);
  }

  /** Somebody else keeps setting the status back. */
  contested(key: string, times: number, nextInMs: number): void {
    this.#options.log.warn(
      {
        event: 'statusContested',
        service: key,
        times,
        nextInMs,
        help: 'find out who else writes the status of this Service (kubectl get -o yaml --show-managed-fields), and give one of the two a loadBalancerClass',
      },
      'somebody else keeps changing the status of the service',
    );
    this.#record(
      key,
      'Warning',
      'StatusContested',
      'somebody else keeps changing status.loadBalancer; it is put right, at most every 30 s: give one of the two controllers a loadBalancerClass',
    );
  }

  /** The API server refuses to have its status written. */
  refused(key: string, message: string): void {
    this.#record(key, 'Warning', 'StatusRefused', `Failed to write status.loadBalancer: ${message}`);
  }

  #record(key: string, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const uid = this.#options.uidOf(key);
    const target = { apiVersion: 'v1', kind: 'Service', ...parseKey(key), ...(uid === undefined ? {} : { uid }) };
    this.#options.events.record(target, type, reason, message);
  }
}
