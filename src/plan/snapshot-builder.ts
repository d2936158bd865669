/**
 * Objects to a snapshot: everything that a plan is made from, understood.
 *
 * metallb.io objects become the configuration (config/), core objects what decisions need of them (cluster/). An object with an error is
 * left out, or keeps its last good version where the process had one, and everything else is used. Pure; the findings are in the order of
 * the objects, those about the configuration after those about core objects.
 */
import {
  type EndpointSlice,
  endpointPolicyOf,
  parseEndpointSlice,
  parseEndpoints,
  reduceEndpoints,
  type ServiceEndpoints,
} from '../cluster/endpoints.ts';
import { type Node, parseNode } from '../cluster/node.ts';
import { type KeySecret, parseSecret } from '../cluster/secret.ts';
import { parseService, type Service } from '../cluster/service.ts';
import { type BuiltConfig, buildConfig } from '../config/build-config.ts';
import type { Peer } from '../config/peer.ts';
import { type Finding, findingOf, type Parsed, problem } from '../config/problem.ts';
import { type ObjectRef, type Resource, refOf } from '../config/resource.ts';
import type { PlanOptions, Snapshot } from './snapshot.ts';

/** A snapshot, with what the next one needs of this one. */
export interface BuiltSnapshot extends Snapshot {
  readonly communities: BuiltConfig['communities'];
}

/** How objects are read. */
export interface SnapshotOptions extends Pick<PlanOptions, 'namespace' | 'nodeSelectors'> {
  /**
   * Whether the objects may be a part of what is in the cluster, as the manifests of a repository are: where they have no Secret of the
   * namespace at all, one that a peer names is taken to exist. A process that runs never says so: it needs the key.
   */
  readonly mayBePart?: boolean;
}

/**
 * Builds the snapshot of these objects, which are in the order of the input, each name once.
 *
 * @param previous - the snapshot that the process had before, whose objects are kept where their new versions are faulty.
 */
export function buildSnapshot(
  objects: readonly Resource[],
  options: SnapshotOptions,
  previous?: BuiltSnapshot,
): BuiltSnapshot {
  const reader = new Reader(objects);
  const nodes = reader.read('Node', parseNode, byName(previous?.nodes));
  const services = reader.read('Service', parseService, byKey(previous?.services));
  const secrets = reader.readSecrets(options.namespace);
  const endpoints = reader.readEndpoints(services);
  const built = buildConfig(
    objects,
    secrets,
    nodes,
    { ...options, secretsMayBeElsewhere: options.mayBePart === true && !hasSecret(objects, options.namespace) },
    previous === undefined ? undefined : { config: previous.config, communities: previous.communities },
  );
  return {
    config: built.config,
    communities: built.communities,
    services,
    endpoints,
    nodes,
    namespaces: new Map(reader.of('Namespace').map(({ metadata }) => [metadata.name, metadata.labels])),
    findings: [...reader.findings, ...built.findings, ...lateSecrets(objects, built.config.peers)],
  };
}

const hasSecret = (objects: readonly Resource[], namespace: string): boolean =>
  objects.some(
    ({ apiVersion, kind, metadata }) => apiVersion === 'v1' && kind === 'Secret' && metadata.namespace === namespace,
  );

/** Says that an object has an error and counts as it was before (docs/decisions.md 24). */
export const keptFinding = (object: ObjectRef): Finding =>
  findingOf(problem('last-good-version', [], 'the object has an error: its last good version stays in force'), object);

const byName = (nodes: readonly Node[] = []) => {
  const map = new Map(nodes.map((node) => [node.name, node]));
  return (resource: Resource): Node | undefined => map.get(resource.metadata.name);
};

const byKey = (services: readonly Service[] = []) => {
  const map = new Map(services.map((service) => [service.key, service]));
  return (resource: Resource): Service | undefined =>
    map.get(`${resource.metadata.namespace}/${resource.metadata.name}`);
};

/** Core kinds by their group-less name; EndpointSlice is the one with a group. */
const API_VERSIONS: Readonly<Record<string, string>> = { EndpointSlice: 'discovery.k8s.io/v1' };

class Reader {
  readonly findings: Finding[] = [];
  readonly #byKind: ReadonlyMap<string, readonly Resource[]>;

  constructor(objects: readonly Resource[]) {
    this.#byKind = Map.groupBy(
      objects.filter(({ kind, apiVersion }) => apiVersion === (API_VERSIONS[kind] ?? 'v1')),
      ({ kind }) => kind,
    );
  }

  of(kind: string): readonly Resource[] {
    return this.#byKind.get(kind) ?? [];
  }

  read<T extends object>(
    kind: string,
    parse: (resource: Resource) => Parsed<T>,
    before: (resource: Resource) => T | undefined = () => undefined,
  ): readonly T[] {
    return this.of(kind).flatMap((resource) => {
      const parsed = parse(resource);
      this.#report(resource, parsed);
      if (parsed.value !== null) return [parsed.value];
      const kept = before(resource);
      if (kept === undefined) return [];
      this.findings.push(keptFinding(refOf(resource)));
      return [kept];
    });
  }

  /** The Secrets that a peer may name, by `namespace/name`; those of other namespaces are not even looked at. */
  readSecrets(namespace: string): ReadonlyMap<string, KeySecret> {
    return new Map(
      this.of('Secret').flatMap((resource) => {
        if (resource.metadata.namespace !== namespace) return [];
        const parsed = parseSecret(resource);
        this.#report(resource, parsed);
        return parsed.value === null ? [] : [[`${namespace}/${parsed.value.name}`, parsed.value] as const];
      }),
    );
  }

  /** Endpoints by Service key. A slice with an error is left out, and its Service served by the others. */
  readEndpoints(services: readonly Service[]): ReadonlyMap<string, ServiceEndpoints> {
    const slices = Map.groupBy(this.read('EndpointSlice', parseEndpointSlice), ({ service }) => service);
    const mirrored = new Map(this.read('Endpoints', parseEndpoints).map((endpoints) => [endpoints.service, endpoints]));
    const resources = new Map(
      this.of('Service').map((resource) => [`${resource.metadata.namespace}/${resource.metadata.name}`, resource]),
    );
    const reduced = new Map<string, ServiceEndpoints>();
    for (const service of services) {
      const own = slices.get(service.key) ?? mirroredFor(service, mirrored);
      const policy = endpointPolicyOf(service);
      const resource = resources.get(service.key);
      if (resource !== undefined) this.#report(resource, policy);
      if (own.length > 0) reduced.set(service.key, reduceEndpoints(own, policy.value ?? 'ready-or-serving'));
    }
    return reduced;
  }

  #report(resource: Resource, parsed: Parsed<unknown>): void {
    for (const found of parsed.problems) this.findings.push(findingOf(found, refOf(resource)));
  }
}

/** The cluster mirrors Endpoints into a slice where the Service has no selector: without one they are nobody's. */
export function mirroredFor(service: Service, mirrored: ReadonlyMap<string, EndpointSlice>): readonly EndpointSlice[] {
  const endpoints = Object.keys(service.selector).length === 0 ? mirrored.get(service.key) : undefined;
  return endpoints === undefined ? [] : [endpoints];
}

/**
 * Secrets that stand after the peer that names them: applied in this order, the session starts with the Secret's name as its key and is
 * keyed again. Objects that come from a cluster have no such order.
 */
export function lateSecrets(objects: readonly Resource[], peers: readonly Peer[]): readonly Finding[] {
  const position = new Map(objects.map((object, i) => [`${object.kind}/${object.metadata.name}`, i]));
  const secretPosition = new Map(
    objects.flatMap(({ kind, metadata }, i) =>
      kind === 'Secret' ? [[`${metadata.namespace}/${metadata.name}`, i]] : [],
    ),
  );
  return peers.flatMap((peer) => {
    if (peer.authentication.type !== 'md5' || peer.authentication.source.type !== 'secret') return [];
    const object = objects[position.get(`BGPPeer/${peer.name}`) ?? -1];
    if (object === undefined || object.metadata.creationTimestamp !== null) return [];
    const { name } = peer.authentication.source;
    const secret = secretPosition.get(`${object.metadata.namespace}/${name}`) ?? -1;
    if (secret < (position.get(`BGPPeer/${peer.name}`) ?? 0)) return [];
    const field =
      object.body.spec !== null && typeof object.body.spec === 'object' && 'passwordSecret' in object.body.spec;
    const path = field ? ['spec', 'passwordSecret', 'name'] : ['spec', 'password'];
    const message = `Secret "${name}" comes after this peer: until it is applied, the session has no key or a wrong one`;
    return [findingOf(problem('secret-after-peer', path, message), refOf(object))];
  });
}
