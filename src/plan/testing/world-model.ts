/**
 * The naive counterpart of a world: it keeps every object, and after each step makes the snapshot and the plan of all of them. It hands
 * `plan` the statuses that the world wrote, and, through the snapshot before, the last good version of what is faulty.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Service } from '../../cluster/service.ts';
import { type Resource, refOf } from '../../config/resource.ts';
import type { Ip } from '../../net/ip.ts';
import { type Plan, plan } from '../plan.ts';
import type { PlanOptions } from '../snapshot.ts';
import { type BuiltSnapshot, buildSnapshot } from '../snapshot-builder.ts';
import type { Change } from '../world/change.ts';
import { coreKindOf, isConfigObject, keyOf } from '../world/world-object.ts';
import { edited, resourceOf, type Step, type Written } from './world-steps.ts';

interface Kept {
  readonly written: Written;
  readonly resource: Resource;
  readonly uid: string;
}

export class WorldModel {
  readonly #options: PlanOptions;
  readonly #objects = new Map<string, Kept>();
  #snapshot: BuiltSnapshot | undefined;
  /** The Services as they were written, with the statuses that came with them. */
  #written: ReadonlyMap<string, Service> = new Map();
  #writtenBefore: ReadonlyMap<string, Service> = new Map();
  #count = 0;

  constructor(options: PlanOptions) {
    this.#options = options;
  }

  /** Carries out the steps; what comes back are the changes that a watch would report. One object is touched once. */
  take(steps: readonly Step[]): readonly Change[] {
    const touched = new Set<string>();
    return steps.flatMap((step) => {
      const key = this.#keyOf(step);
      if (key === undefined || touched.has(key)) return [];
      touched.add(key);
      return this.#take(step, key);
    });
  }

  /**
   * What a restart would come to: the plan of the same objects with the statuses of before the step, where a Service that the step made
   * another, and that has no address, has what its own status says.
   *
   * @param gone - keys of the Services that were deleted in the step, be it that they were made anew.
   */
  planAfterRestart(before: ReadonlyMap<string, readonly Ip[]>, gone: ReadonlySet<string>): Plan {
    const services = (this.#snapshot?.services ?? []).map((service) => {
      const held = gone.has(service.key) ? [] : (before.get(service.key) ?? []);
      const written = this.#written.get(service.key);
      const isNews = gone.has(service.key) || !isDeepStrictEqual(written, this.#writtenBefore.get(service.key));
      return { ...service, ingress: held.length > 0 || !isNews ? held : (written?.ingress ?? []) };
    });
    return plan({ ...(this.#snapshot as BuiltSnapshot), services }, this.#options);
  }

  /** The plan of everything, with these addresses in the statuses. */
  plan(addressesOf: (service: string) => readonly Ip[]): Plan {
    const resources = [...this.#objects.values()].map(({ resource }) => resource);
    const built = buildSnapshot(resources, this.#options, this.#snapshot);
    this.#writtenBefore = this.#written;
    this.#written = new Map(
      built.services.map((service) => {
        const kept = this.#snapshot?.services.includes(service) === true;
        return [service.key, (kept ? this.#writtenBefore.get(service.key) : undefined) ?? service];
      }),
    );
    this.#snapshot = {
      ...built,
      services: built.services.map((service) => ({ ...service, ingress: addressesOf(service.key) })),
    };
    return plan(this.#snapshot, this.#options);
  }

  #keyOf(step: Step): string | undefined {
    if (step.type === 'write') return objectKey(resourceOf(step.object, null));
    const keys = [...this.#objects.keys()];
    return keys.length === 0 ? undefined : keys[step.pick % keys.length];
  }

  #take(step: Step, key: string): readonly Change[] {
    const known = this.#objects.get(key);
    switch (step.type) {
      case 'write':
        return [
          this.#write(key, writtenOf(step, known?.written), known?.uid ?? (step.versioned ? `uid-${this.#count}` : '')),
        ];
      case 'again':
        return known === undefined ? [] : [{ type: 'upsert', object: known.resource }];
      case 'delete':
        return known === undefined ? [] : [this.#delete(key, known)];
      case 'remake': {
        if (known === undefined) return [];
        const gone = this.#delete(key, known);
        // Nothing of the former one counts for the new one, its last good version neither.
        this.#forget();
        return [gone, this.#write(key, known.written, known.uid === '' ? '' : `uid-${this.#count}`)];
      }
    }
  }

  #write(key: string, written: Written, uid: string): Change {
    this.#count++;
    const resource = resourceOf(written, uid === '' ? null : { uid, resourceVersion: String(this.#count) });
    this.#objects.set(key, { written, resource, uid });
    return { type: 'upsert', object: resource };
  }

  #delete(key: string, { resource }: Kept): Change {
    this.#objects.delete(key);
    return { type: 'delete', object: { apiVersion: resource.apiVersion, ...refOf(resource) } };
  }

  /** Takes what is gone out of what is remembered. */
  #forget(): void {
    if (this.#snapshot === undefined) return;
    const resources = [...this.#objects.values()].map(({ resource }) => resource);
    const { services, nodes, config, communities } = this.#snapshot;
    const left = new Set(resources.map(objectKey));
    const named = <T extends { readonly name: string }>(kind: string, values: readonly T[]): readonly T[] =>
      values.filter(({ name }) =>
        [...left].some((key) => key.startsWith(`metallb.io/${kind}/`) && key.endsWith(`/${name}`)),
      );
    this.#snapshot = {
      ...this.#snapshot,
      services: services.filter(({ key }) => left.has(`/Service/${key}`)),
      nodes: nodes.filter(({ name }) => left.has(`/Node//${name}`)),
      communities: named('Community', communities),
      config: {
        pools: named('IPAddressPool', config.pools),
        peers: named('BGPPeer', config.peers),
        bgpAdvertisements: named('BGPAdvertisement', config.bgpAdvertisements),
        l2Advertisements: named('L2Advertisement', config.l2Advertisements),
        bfdProfiles: named('BFDProfile', config.bfdProfiles),
      },
    };
  }
}

const writtenOf = ({ object, part }: Extract<Step, { type: 'write' }>, known: Written | undefined): Written =>
  known === undefined || part === null ? object : edited(known, object, part);

/** An object by group, kind, namespace and name. */
function objectKey(resource: Resource): string {
  const ref = refOf(resource);
  const group = isConfigObject(resource) ? 'metallb.io' : coreKindOf(resource) === undefined ? resource.apiVersion : '';
  return `${group}/${ref.kind}/${keyOf(ref)}`;
}
