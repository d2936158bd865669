/** The objects of a world, kind by kind, and what happens when one of them changes. */
import { type EndpointSlice, endpointPolicyOf } from '../../cluster/endpoints.ts';
import type { Node } from '../../cluster/node.ts';
import type { KeySecret } from '../../cluster/secret.ts';
import type { Service } from '../../cluster/service.ts';
import type { ConfigOptions } from '../../config/build-config.ts';
import { type Finding, findingOf } from '../../config/problem.ts';
import { type ObjectRef, refOf } from '../../config/resource.ts';
import type { Labels } from '../../config/selector.ts';
import type { Happening } from '../affected.ts';
import { type Change, FindingsLedger } from './change.ts';
import { ConfigState } from './config-state.ts';
import { EndpointIndex } from './endpoint-index.ts';
import { ObjectStore, type StoreChange } from './object-store.ts';
import { sameData } from './same-data.ts';
import { type CoreObject, coreKindOf, isConfigObject, keyOf, understand, versionOf } from './world-object.ts';

const NONE: readonly Finding[] = [];

export class WorldObjects {
  readonly config: ConfigState;
  readonly endpoints = new EndpointIndex();
  readonly services = new ObjectStore<Service>(true);
  readonly nodes = new ObjectStore<Node>(true);
  /** Labels by name of namespace. */
  readonly namespaces = new Map<string, Labels>();
  readonly #stores = {
    Node: this.nodes,
    Service: this.services,
    Secret: new ObjectStore<KeySecret>(false),
    EndpointSlice: new ObjectStore<EndpointSlice>(false),
    Endpoints: new ObjectStore<EndpointSlice>(false),
    Namespace: new ObjectStore<Labels>(false),
  } as const;
  readonly #servicesOfNamespace = new Map<string, Set<string>>();
  readonly #policyFindings = new Map<string, readonly Finding[]>();
  readonly #namespace: string;
  #ledger = new FindingsLedger();

  constructor(options: ConfigOptions) {
    this.#namespace = options.namespace;
    this.config = new ConfigState(options);
  }

  /** Takes in a change; what comes back is what is no longer as it was. */
  take(change: Change): readonly Happening[] {
    if (change.type === 'delete') {
      const { object } = change;
      if (isConfigObject(object)) return this.config.remove(object) ? [{ type: 'configObject' }] : [];
      const kind = coreKindOf(object);
      return kind === undefined ? [] : this.#remove(kind, object);
    }
    const { object } = change;
    if (!('body' in object)) return this.#put(object);
    if (isConfigObject(object)) return this.config.put(object) ? [{ type: 'configObject' }] : [];
    const kind = coreKindOf(object);
    if (kind === undefined || this.#isForeign(object.metadata.namespace, kind)) return [];
    if (this.#stores[kind].knows(keyOf(refOf(object)), versionOf(object))) return [];
    const understood = understand(object);
    return understood === undefined ? [] : this.#put(understood);
  }

  servicesOfNamespace(namespace: string): Iterable<string> {
    return this.#servicesOfNamespace.get(namespace) ?? [];
  }

  /** Everything that was found in the objects, in the order of {@link buildSnapshot}. */
  get findings(): readonly Finding[] {
    const { Node, Service, Secret, EndpointSlice, Endpoints } = this.#stores;
    const policies = this.#policyFindings.size === 0 ? NONE : [...this.services.values()].flatMap(this.#policiesOf);
    const core = [Node, Service, Secret, EndpointSlice, Endpoints].flatMap((store) => store.findings());
    return [...core, ...policies, ...this.config.findings];
  }

  /** What came and went of the findings since it was asked last; those of the configuration are told by {@link noteConfigFindings}. */
  takeFindings(): FindingsLedger['change'] {
    const { change } = this.#ledger;
    this.#ledger = new FindingsLedger();
    return change;
  }

  noteConfigFindings(before: readonly Finding[]): void {
    this.#ledger.replace(before, this.config.findings);
  }

  /** Where findings are noted that are made of many objects. */
  get ledger(): FindingsLedger {
    return this.#ledger;
  }

  readonly #policiesOf = ({ key }: Service): readonly Finding[] => this.#policyFindings.get(key) ?? NONE;

  #isForeign(namespace: string, kind: CoreObject['kind']): boolean {
    return kind === 'Secret' && namespace !== this.#namespace;
  }

  #put(object: CoreObject): readonly Happening[] {
    if (this.#isForeign(object.ref.namespace, object.kind)) return [];
    const key = keyOf(object.ref);
    const former = this.#stores[object.kind].isOther(key, object.version) ? this.#remove(object.kind, object.ref) : [];
    return [...former, ...this.#store(object, key)];
  }

  #store(object: CoreObject, key: string): readonly Happening[] {
    const { kind, ref, version } = object;
    switch (kind) {
      case 'Service':
        return this.#service(key, ref, this.services.put(key, ref, version, object.parsed));
      case 'EndpointSlice':
        return this.#slice(this.#stores.EndpointSlice.put(key, ref, version, object.parsed));
      case 'Endpoints':
        return this.#mirrored(key, this.#stores.Endpoints.put(key, ref, version, object.parsed));
      case 'Node':
        return this.#node(ref.name, this.nodes.put(key, ref, version, object.parsed));
      case 'Namespace':
        return this.#namespaceLabels(ref.name, this.#stores.Namespace.put(key, ref, version, object.parsed));
      case 'Secret':
        return this.#secret(key, this.#stores.Secret.put(key, ref, version, object.parsed));
    }
  }

  #remove(kind: CoreObject['kind'], ref: ObjectRef): readonly Happening[] {
    const key = keyOf(ref);
    switch (kind) {
      case 'Service':
        return this.#service(key, ref, this.services.remove(key));
      case 'EndpointSlice':
        return this.#slice(this.#stores.EndpointSlice.remove(key));
      case 'Endpoints':
        return this.#mirrored(key, this.#stores.Endpoints.remove(key));
      case 'Node':
        return this.#node(ref.name, this.nodes.remove(key));
      case 'Namespace':
        return this.#namespaceLabels(ref.name, this.#stores.Namespace.remove(key));
      case 'Secret':
        return this.#secret(key, this.#stores.Secret.remove(key));
    }
  }

  #service(key: string, ref: ObjectRef, change: StoreChange<Service> | undefined): readonly Happening[] {
    if (!this.#differs(change)) return [];
    const { before, after } = change;
    if (before === undefined || after === undefined) {
      const { namespace } = ref;
      const keys = this.#servicesOfNamespace.get(namespace);
      if (after === undefined) keys?.delete(key);
      else if (keys === undefined) this.#servicesOfNamespace.set(namespace, new Set([key]));
      else keys.add(key);
      if (keys?.size === 0) this.#servicesOfNamespace.delete(namespace);
    }
    const policies = after === undefined ? NONE : endpointPolicyOf(after).problems.map((p) => findingOf(p, ref));
    const policiesBefore = this.#policyFindings.get(key) ?? NONE;
    if (policies.length > 0 || policiesBefore.length > 0) this.#ledger.replace(policiesBefore, policies);
    if (policies.length === 0) this.#policyFindings.delete(key);
    else this.#policyFindings.set(key, policies);
    return [{ type: 'service', key, gone: after === undefined }];
  }

  #slice(change: StoreChange<EndpointSlice> | undefined): readonly Happening[] {
    if (!this.#differs(change)) return [];
    return this.endpoints.slice(change).map((service) => ({ type: 'endpoints', key: service }));
  }

  #mirrored(key: string, change: StoreChange<EndpointSlice> | undefined): readonly Happening[] {
    if (!this.#differs(change)) return [];
    this.endpoints.mirrored(key, change);
    return [{ type: 'endpoints', key }];
  }

  #node(name: string, change: StoreChange<Node> | undefined): readonly Happening[] {
    if (!this.#differs(change)) return [];
    return [{ type: 'node', name, labels: !sameData(change.before?.labels, change.after?.labels) }];
  }

  #namespaceLabels(name: string, change: StoreChange<Labels> | undefined): readonly Happening[] {
    if (!this.#differs(change)) return [];
    if (change.after === undefined) this.namespaces.delete(name);
    else this.namespaces.set(name, change.after);
    return [{ type: 'namespace', name }];
  }

  #secret(key: string, change: StoreChange<KeySecret> | undefined): readonly Happening[] {
    if (!this.#differs(change)) return [];
    this.config.secret(key, change.after);
    return [{ type: 'secret' }];
  }

  /** Notes the findings of a change, and says whether the object means something else now. */
  #differs<T>(change: StoreChange<T> | undefined): change is StoreChange<T> {
    if (change === undefined) return false;
    this.#ledger.replace(change.findingsBefore, change.findingsAfter);
    return change.before !== change.after;
  }
}
