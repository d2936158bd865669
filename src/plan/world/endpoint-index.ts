/** Where each Service can be served, kept up to date slice by slice. */
import {
  type EndpointSlice,
  endpointPolicyOf,
  NO_ENDPOINTS,
  reduceEndpoints,
  type ServiceEndpoints,
} from '../../cluster/endpoints.ts';
import type { Service } from '../../cluster/service.ts';
import { Interner } from '../../interner.ts';
import { mirroredFor } from '../snapshot-builder.ts';
import type { StoreChange } from './object-store.ts';
import { sameData } from './same-data.ts';

export class EndpointIndex {
  /** By Service key: nearly always one. */
  readonly #slices = new Map<string, readonly EndpointSlice[]>();
  readonly #mirrored = new Map<string, EndpointSlice>();
  readonly #summaries = new Map<string, ServiceEndpoints>();
  /** The Services of a cluster are served in few different sets of places, or each on few nodes. */
  readonly #alike = new Interner<ServiceEndpoints>(1_000);

  of(service: string): ServiceEndpoints {
    return this.#summaries.get(service) ?? NO_ENDPOINTS;
  }

  /** Notes a slice that changed; what comes back are the Services that it was and is of. */
  slice({ before, after }: StoreChange<EndpointSlice>): readonly string[] {
    if (before !== undefined) {
      const others = (this.#slices.get(before.service) ?? []).filter((slice) => slice !== before);
      if (others.length === 0) this.#slices.delete(before.service);
      else this.#slices.set(before.service, others);
    }
    if (after !== undefined) {
      const others = this.#slices.get(after.service);
      this.#slices.set(after.service, others === undefined ? [after] : [...others, after]);
    }
    return [before, after].flatMap((slice) => (slice === undefined ? [] : [slice.service]));
  }

  /** Notes Endpoints that changed; they have the key of their Service. */
  mirrored(key: string, { after }: StoreChange<EndpointSlice>): void {
    if (after === undefined) this.#mirrored.delete(key);
    else this.#mirrored.set(key, after);
  }

  /** Sums up the slices of a Service again, which is undefined where it is gone; says whether the sum is another. */
  sumUp(key: string, service: Service | undefined): boolean {
    const own = service === undefined ? [] : this.#slicesOf(service);
    const before = this.of(key);
    if (service === undefined || own.length === 0) {
      this.#summaries.delete(key);
      return before !== NO_ENDPOINTS;
    }
    const after = reduceEndpoints(own, endpointPolicyOf(service).value ?? 'ready-or-serving');
    if (sameData(before, after)) return false;
    this.#summaries.set(key, this.#shared(after));
    return true;
  }

  #shared(endpoints: ServiceEndpoints): ServiceEndpoints {
    const { servable, servableNodes } = endpoints;
    return this.#alike.of([servable, ...[...servableNodes].sort()].join(' '), () => endpoints);
  }

  #slicesOf(service: Service): readonly EndpointSlice[] {
    const slices = this.#slices.get(service.key);
    return slices ?? mirroredFor(service, this.#mirrored);
  }
}
