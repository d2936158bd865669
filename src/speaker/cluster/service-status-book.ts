/** The ServiceBGPStatus objects that a node has, by their names and by the Services that they stand for. */
import type { Settled } from '../../kube/settled.ts';
import type { SeenServiceStatus } from './service-status-object.ts';

/** An object, and what the API made of what was last written to it. */
export interface KnownServiceStatus extends SeenServiceStatus {
  readonly settled: Settled | null;
}

export class ServiceStatusBook {
  readonly #byName = new Map<string, KnownServiceStatus>();
  readonly #namesOf = new Map<string, Set<string>>();

  get(name: string): KnownServiceStatus | undefined {
    return this.#byName.get(name);
  }

  /** Whether an object stands for the Service. */
  has(service: string): boolean {
    return this.#namesOf.has(service);
  }

  /** The names of those that do, in order. */
  namesOf(service: string): readonly string[] {
    return [...(this.#namesOf.get(service) ?? [])].sort();
  }

  /** The Services that objects stand for. */
  services(): Iterable<string> {
    return this.#namesOf.keys();
  }

  /** Files an object as it is; undefined: it is gone. Answers the Services that it stood for and stands for. */
  file(
    name: string,
    object: (SeenServiceStatus & { readonly settled?: Settled | null }) | undefined,
  ): ReadonlySet<string> {
    const before = this.#byName.get(name);
    const services = new Set<string>();
    if (before !== undefined && before.service !== null) {
      services.add(before.service);
      this.#unfile(before.service, name);
    }
    if (object === undefined) {
      this.#byName.delete(name);
      return services;
    }
    const { uid, service, status } = object;
    const { settled = before?.uid === uid ? before.settled : null } = object;
    this.#byName.set(name, { uid, service, status, settled });
    if (service === null) return services;
    const names = this.#namesOf.get(service);
    if (names === undefined) this.#namesOf.set(service, new Set([name]));
    else names.add(name);
    return services.add(service);
  }

  #unfile(service: string, name: string): void {
    const names = this.#namesOf.get(service);
    names?.delete(name);
    if (names?.size === 0) this.#namesOf.delete(service);
  }
}
