/**
 * Resources to configuration: each object for itself, then what one object means beside the others.
 *
 * One faulty object never hides the others (docs/decisions.md 24): it keeps the last good version that the process had of it, or is
 * absent, and everything else is applied. Where two objects exclude each other (ranges, aliases, local preferences), the younger gives way,
 * and among those that were never in a cluster the later in the order of the input. Pure: the same input gives the same configuration and
 * the same findings in the same order.
 */
import type { KeySecret } from '../cluster/secret.ts';
import { type BgpAdvertisement, parseBgpAdvertisement, parseL2Advertisement } from './advertisement.ts';
import { type BfdProfile, parseBfdProfile } from './bfd-profile.ts';
import { type Community, CommunityDirectory, parseCommunity } from './community.ts';
import type { Config } from './config.ts';
import { LocalPreferences } from './local-preference.ts';
import { bfdProfileOf, type NodeSelectorsPolicy, parsePeer } from './peer.ts';
import { parsePool, RangeClaims } from './pool.ts';
import { type Finding, findingOf, hasError, type Parsed, type Problem, problem, severityOf } from './problem.ts';
import { type Resource, refOf } from './resource.ts';
import type { Labels } from './selector.ts';

/** The switches that change what a configuration means. */
export interface ConfigOptions {
  /** The namespace of the process, where Secrets are looked up. */
  readonly namespace: string;
  /** For peers without a policy of their own. */
  readonly nodeSelectors: NodeSelectorsPolicy;
  /** Whether a Secret that is not there may well exist in the cluster. */
  readonly secretsMayBeElsewhere?: boolean;
}

/** A configuration, what was found on the way, and what the next one needs of this one. */
export interface BuiltConfig {
  readonly config: Config;
  readonly findings: readonly Finding[];
  /** The Communities in force: the last good versions of those that turn faulty. */
  readonly communities: readonly Community[];
}

/** What is kept of the configuration before. */
export interface PreviousConfig extends Pick<BuiltConfig, 'config' | 'communities'> {
  /** `KIND NAME` of objects that went since: what comes under the name now is another, for which the version of before does not count. */
  readonly gone?: ReadonlySet<string>;
}

/**
 * What parsing came to, kept from one configuration to the next by whoever builds many: an object that is the same, and depends on the
 * same, is not parsed again.
 */
export class ParseMemory {
  readonly #results = new WeakMap<
    Resource,
    { readonly dependencies: readonly unknown[]; readonly parsed: Parsed<unknown> }
  >();

  /** @param dependencies - what the outcome depends on besides the object, compared by identity, in order. */
  recall<T>(resource: Resource, dependencies: readonly unknown[], parse: () => Parsed<T>): Parsed<T> {
    const known = this.#results.get(resource);
    const same =
      known?.dependencies.length === dependencies.length && dependencies.every((d, i) => d === known.dependencies[i]);
    if (known !== undefined && same) return known.parsed as Parsed<T>;
    const parsed = parse();
    this.#results.set(resource, { dependencies, parsed });
    return parsed;
  }
}

type Kind = 'IPAddressPool' | 'BGPPeer' | 'BGPAdvertisement' | 'L2Advertisement' | 'Community' | 'BFDProfile';

const VERSIONS: Readonly<Record<Kind, readonly string[]>> = {
  IPAddressPool: ['metallb.io/v1beta1'],
  BGPPeer: ['metallb.io/v1beta1', 'metallb.io/v1beta2'],
  BGPAdvertisement: ['metallb.io/v1beta1'],
  L2Advertisement: ['metallb.io/v1beta1'],
  Community: ['metallb.io/v1beta1'],
  BFDProfile: ['metallb.io/v1beta1'],
};

/**
 * Builds the configuration from the metallb.io objects among the resources, which are in the order of the input.
 *
 * @param secrets - by `namespace/name`.
 * @param nodes - empty where none is known.
 * @param previous - what this process had in force before; absent on its first configuration.
 * @param memory - of the builds before; without one everything is parsed.
 */
export function buildConfig(
  resources: readonly Resource[],
  secrets: ReadonlyMap<string, KeySecret>,
  nodes: readonly { readonly name: string; readonly labels: Labels }[],
  options: ConfigOptions,
  previous?: PreviousConfig,
  memory: ParseMemory = new ParseMemory(),
): BuiltConfig {
  const builder = new Builder(olderFirst(resources.filter(isOurs)), memory);
  const left = <T extends { readonly name: string }>(kind: Kind, values: readonly T[] = []): readonly T[] =>
    values.filter(({ name }) => previous?.gone?.has(`${kind} ${name}`) !== true);

  const claims = new RangeClaims();
  const pools = builder.build('IPAddressPool', {
    parse: parsePool,
    previous: left('IPAddressPool', previous?.config.pools),
    admit: (pool) => claims.claim(pool),
  });
  const bfdProfiles = builder.build('BFDProfile', {
    parse: parseBfdProfile,
    previous: left('BFDProfile', previous?.config.bfdProfiles),
  });
  const profileNames = builder.of('BFDProfile').map((resource) => resource.metadata.name);
  const bfdProfileNames = new Set(profileNames);
  const bfdProfilesInForce = byName(bfdProfiles);
  const bfdProfilesBefore = byName(previous?.config.bfdProfiles ?? []);
  const peersBefore = byName(left('BGPPeer', previous?.config.peers));
  const bfdProfileBefore = (name: string): BfdProfile | null => {
    const before = peersBefore.get(name);
    return before === undefined ? null : bfdProfileOf(before, bfdProfilesBefore);
  };
  const peers = builder.build('BGPPeer', {
    parse: (resource) =>
      parsePeer(resource, {
        namespace: options.namespace,
        secrets,
        previous: peersBefore.get(resource.metadata.name),
        bfdProfiles: bfdProfileNames,
        bfdProfilesInForce,
        previousBfdProfile: bfdProfileBefore(resource.metadata.name),
        secretsMayBeElsewhere: options.secretsMayBeElsewhere,
      }),
    dependencies: ({ metadata: { name } }) => [
      secrets,
      peersBefore.get(name),
      bfdProfileBefore(name),
      ...profileNames,
      null,
      ...bfdProfilesInForce.keys(),
    ],
    previous: left('BGPPeer', previous?.config.peers),
  });
  const directory = new CommunityDirectory();
  const communities = builder.build('Community', {
    parse: parseCommunity,
    previous: left('Community', previous?.communities),
    admit: (community) => directory.add(community),
  });
  const preferences = new LocalPreferences({ pools, peers, nodes, nodeSelectors: options.nodeSelectors });
  const bgpAdvertisements = builder.build<BgpAdvertisement>('BGPAdvertisement', {
    parse: (resource) => parseBgpAdvertisement(resource, directory, pools),
    dependencies: () => [...communities, null, ...pools],
    previous: left('BGPAdvertisement', previous?.config.bgpAdvertisements),
    admit: (advertisement) => {
      const found = preferences.add(advertisement);
      return found === undefined ? [] : [found];
    },
  });
  const l2Advertisements = builder.build('L2Advertisement', {
    parse: parseL2Advertisement,
    previous: left('L2Advertisement', previous?.config.l2Advertisements),
  });

  return {
    config: {
      pools: sorted(pools),
      peers: sorted(peers),
      bgpAdvertisements: sorted(bgpAdvertisements),
      l2Advertisements: sorted(l2Advertisements),
      bfdProfiles: sorted(bfdProfiles),
    },
    findings: builder.findings(),
    communities,
  };
}

const isOurs = ({ apiVersion }: Resource): boolean => apiVersion.startsWith('metallb.io/');

/** So that a restart, which lists by name, settles a conflict as it was settled when the second object came. */
function olderFirst(resources: readonly Resource[]): readonly Resource[] {
  const born = ({ metadata: { creationTimestamp: text } }: Resource): number => {
    const at = text === null ? Number.NaN : Date.parse(text);
    return Number.isNaN(at) ? Number.MAX_SAFE_INTEGER : at;
  };
  return resources
    .map((resource) => ({ resource, at: born(resource) }))
    .sort((a, b) => a.at - b.at)
    .map(({ resource }) => resource);
}

/** How the objects of a kind become values. */
interface Recipe<T> {
  readonly parse: (resource: Resource) => Parsed<T>;
  /** What that depends on besides the object. */
  readonly dependencies?: (resource: Resource) => readonly unknown[];
  readonly previous: readonly T[] | undefined;
  /** Takes the value in beside those before it; an error means that it was not taken in. */
  readonly admit?: (value: T) => readonly Problem[];
}

class Builder {
  readonly #resources: readonly Resource[];
  readonly #memory: ParseMemory;
  readonly #problems = new Map<Resource, readonly Problem[]>();

  constructor(resources: readonly Resource[], memory: ParseMemory) {
    this.#resources = resources;
    this.#memory = memory;
  }

  of(kind: Kind): readonly Resource[] {
    return this.#resources.filter((resource) => resource.kind === kind);
  }

  build<T extends { readonly name: string }>(kind: Kind, recipe: Recipe<T>): readonly T[] {
    const before = new Map(recipe.previous?.map((value) => [value.name, value]));
    return this.of(kind).flatMap((resource) => {
      const problems: Problem[] = [];
      const fresh = this.#fresh(kind, resource, recipe, problems);
      const kept = fresh ?? this.#lastGood(before.get(resource.metadata.name), recipe, problems);
      this.#problems.set(resource, problems);
      return kept === undefined ? [] : [kept];
    });
  }

  /** The findings in the order of the resources. */
  findings(): readonly Finding[] {
    return this.#resources.flatMap((resource) =>
      (this.#problems.get(resource) ?? []).map((found) => findingOf(found, refOf(resource))),
    );
  }

  #fresh<T>(kind: Kind, resource: Resource, recipe: Recipe<T>, problems: Problem[]): T | undefined {
    if (!VERSIONS[kind].includes(resource.apiVersion)) {
      problems.push(problem('unsupported-version', ['apiVersion'], `${kind} is not served as ${resource.apiVersion}`));
      return undefined;
    }
    const dependencies = recipe.dependencies?.(resource) ?? [];
    const parsed = this.#memory.recall(resource, dependencies, () => recipe.parse(resource));
    problems.push(...parsed.problems);
    if (parsed.value === null || hasError(parsed.problems)) return undefined;
    const found = recipe.admit?.(parsed.value) ?? [];
    problems.push(...found.map((p) => ({ ...p, path: parsed.original?.(p.path) ?? p.path })));
    return found.some((p) => severityOf(p) === 'error') ? undefined : parsed.value;
  }

  /** The version of before, if there is one and it goes with the others as they are now. */
  #lastGood<T>(before: T | undefined, recipe: Recipe<T>, problems: Problem[]): T | undefined {
    if (before === undefined || hasError(recipe.admit?.(before) ?? [])) return undefined;
    problems.push(problem('last-good-version', [], 'the object has an error: its last good version stays in force'));
    return before;
  }
}

const byName = <T extends { readonly name: string }>(values: readonly T[]): ReadonlyMap<string, T> =>
  new Map(values.map((value) => [value.name, value]));

const sorted = <T extends { readonly name: string }>(values: readonly T[]): readonly T[] =>
  [...values].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
