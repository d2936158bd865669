/**
 * The configuration of a world: the metallb.io objects and Secrets that it is made of, and what it came to.
 *
 * It is made as a whole, by the same function as everybody's, because objects judge each other (ranges, aliases, local preferences); it is
 * small. What matters is what comes out: {@link ConfigState.build} says which pools, peers and advertisements mean something else than
 * before, and keeps the very objects of all others.
 */
import type { KeySecret } from '../../cluster/secret.ts';
import type { BgpAdvertisement, L2Advertisement } from '../../config/advertisement.ts';
import {
  type BuiltConfig,
  buildConfig,
  type ConfigOptions,
  ParseMemory,
  type PreviousConfig,
} from '../../config/build-config.ts';
import type { Config } from '../../config/config.ts';
import type { Pool } from '../../config/pool.ts';
import type { Finding } from '../../config/problem.ts';
import { type ObjectRef, type Resource, refOf } from '../../config/resource.ts';
import type { Labels } from '../../config/selector.ts';
import { lateSecrets } from '../snapshot-builder.ts';
import { sameData } from './same-data.ts';
import { keyOf, versionOf } from './world-object.ts';

/** One pool or advertisement before and after. */
export interface Difference<T> {
  readonly before: T | undefined;
  readonly after: T | undefined;
}

export interface ConfigDifference {
  readonly pools: readonly Difference<Pool>[];
  readonly advertisements: readonly Difference<BgpAdvertisement>[];
  readonly layer2Advertisements: readonly Difference<L2Advertisement>[];
  /** Peers, or the BFD profiles that they name. */
  readonly peers: boolean;
}

/** Kinds in the order in which they depend on one another: in {@link ConfigState.prepare} those of a step are parsed with all before. */
const STEPS: readonly (readonly string[])[] = [
  ['Secret', 'IPAddressPool'],
  ['BFDProfile', 'BGPPeer'],
  ['Community', 'BGPAdvertisement', 'L2Advertisement'],
];

const EMPTY: Config = { pools: [], peers: [], bgpAdvertisements: [], l2Advertisements: [], bfdProfiles: [] };

export class ConfigState {
  readonly #options: ConfigOptions;
  readonly #memory = new ParseMemory();
  /** The metallb.io objects, and the Secrets without their contents, in the order in which they came. */
  readonly #resources = new Map<string, Resource>();
  #secrets: ReadonlyMap<string, KeySecret> = new Map();
  /** Objects that went since the last build: one that comes back under the name is another. */
  readonly #gone = new Set<string>();
  #built: BuiltConfig = { config: EMPTY, findings: [], communities: [] };
  #findings: readonly Finding[] = [];

  constructor(options: ConfigOptions) {
    this.#options = options;
  }

  /** What is in force. */
  get config(): Config {
    return this.#built.config;
  }

  /** What was found in the objects, in their order. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /**
   * Whether the labels of nodes can matter to the configuration: two advertisements may want different local preferences at one node
   * (docs/decisions.md 16).
   */
  get judgesNodes(): boolean {
    const preferences = new Set<unknown>(this.config.bgpAdvertisements.map(({ localPref }) => localPref));
    for (const { kind, body } of this.#resources.values()) {
      if (kind !== 'BGPAdvertisement') continue;
      const { spec } = body;
      const written = typeof spec === 'object' && spec !== null && 'localPref' in spec ? spec.localPref : null;
      preferences.add(written || null);
    }
    return preferences.size > 1;
  }

  /** Takes in an object; false where exactly this writing of it is known. */
  put(resource: Resource): boolean {
    const key = objectKey(refOf(resource));
    const known = this.#resources.get(key);
    if (known !== undefined && isSameWriting(known, resource)) return false;
    if (known !== undefined && isOther(known, resource)) this.remove(refOf(resource));
    this.#resources.set(key, resource);
    return true;
  }

  /** Takes an object out; false where it is not known. */
  remove(ref: ObjectRef): boolean {
    if (!this.#resources.delete(objectKey(ref))) return false;
    this.#gone.add(`${ref.kind} ${ref.name}`);
    return true;
  }

  /** Takes in a Secret that peers may name; undefined where it went. Its place among the objects is kept for what depends on the order. */
  secret(key: string, secret: KeySecret | undefined): void {
    const secrets = new Map(this.#secrets);
    if (secret === undefined) {
      secrets.delete(key);
      this.#resources.delete(`Secret/${key}`);
    } else {
      secrets.set(key, secret);
      const { namespace, name } = secret;
      const metadata = { namespace, name, labels: {}, annotations: {}, creationTimestamp: null };
      this.#resources.set(`Secret/${key}`, { apiVersion: 'v1', kind: 'Secret', metadata, body: {} });
    }
    this.#secrets = secrets;
  }

  /**
   * Parses what is known, some kinds at a time, so that the first {@link build} finds it parsed: a schema that is used for the first time, and
   * many objects, take tens of milliseconds in which nobody else has a turn.
   */
  async prepare(breathe: () => Promise<void>): Promise<void> {
    const kinds = new Set<string>();
    for (const step of STEPS) {
      for (const kind of step) kinds.add(kind);
      const resources = [...this.#resources.values()].filter(({ kind }) => kinds.has(kind));
      buildConfig(resources, this.#secrets, [], this.#options, this.#previous(), this.#memory);
      await breathe();
    }
  }

  /** Makes the configuration anew and says what it changes. */
  build(nodes: readonly { readonly name: string; readonly labels: Labels }[]): ConfigDifference {
    const before = this.#built;
    const resources = [...this.#resources.values()];
    const built = buildConfig(resources, this.#secrets, nodes, this.#options, this.#previous(), this.#memory);
    const peers = kept(before.config.peers, built.config.peers);
    const config: Config = {
      pools: kept(before.config.pools, built.config.pools),
      peers,
      bgpAdvertisements: kept(before.config.bgpAdvertisements, built.config.bgpAdvertisements),
      l2Advertisements: kept(before.config.l2Advertisements, built.config.l2Advertisements),
      bfdProfiles: kept(before.config.bfdProfiles, built.config.bfdProfiles),
    };
    this.#built = { ...built, config };
    this.#findings = [...built.findings, ...lateSecrets(resources, peers)];
    this.#gone.clear();
    return {
      pools: differences(before.config.pools, config.pools),
      advertisements: differences(before.config.bgpAdvertisements, config.bgpAdvertisements),
      layer2Advertisements: differences(before.config.l2Advertisements, config.l2Advertisements),
      peers:
        differences(before.config.peers, config.peers).length > 0 ||
        differences(before.config.bfdProfiles, config.bfdProfiles).length > 0,
    };
  }

  /** What counts where a new version is faulty. */
  #previous(): PreviousConfig {
    return { ...this.#built, gone: this.#gone };
  }
}

const objectKey = (ref: ObjectRef): string => `${ref.kind}/${keyOf(ref)}`;

function isSameWriting(a: Resource, b: Resource): boolean {
  const [x, y] = [versionOf(a), versionOf(b)];
  if (x.resourceVersion !== null && y.resourceVersion !== null) return sameData(x, y);
  return sameData([a.apiVersion, a.metadata, a.body], [b.apiVersion, b.metadata, b.body]);
}

function isOther(a: Resource, b: Resource): boolean {
  const [x, y] = [versionOf(a).uid, versionOf(b).uid];
  return x !== null && y !== null && x !== y;
}

/** The values of `after`, each the object of `before` where it says the same. */
function kept<T extends { readonly name: string }>(before: readonly T[], after: readonly T[]): readonly T[] {
  const known = new Map(before.map((value) => [value.name, value]));
  return after.map((value) => {
    const same = known.get(value.name);
    return same !== undefined && sameData(same, value) ? same : value;
  });
}

function differences<T extends { readonly name: string }>(
  before: readonly T[],
  after: readonly T[],
): readonly Difference<T>[] {
  const known = new Map(before.map((value) => [value.name, value]));
  const found: Difference<T>[] = [];
  for (const value of after) {
    const same = known.get(value.name);
    known.delete(value.name);
    if (same !== value) found.push({ before: same, after: value });
  }
  for (const value of known.values()) found.push({ before: value, after: undefined });
  return found;
}
