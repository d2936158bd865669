/** Collects what parsers read, line by line, into a {@link RunningConfig}. A later line replaces an earlier one, as on the router. */
import { formatIp, type IpFamily, parseIp } from '../../net/ip.ts';
import { type Prefix, parsePrefix } from '../../net/prefix.ts';
import type {
  CommunityListEntry,
  PrefixListEntry,
  RouteMapEntry,
  RunningConfig,
  RunningFamily,
  RunningNeighbor,
  RunningPaths,
  RunningTimers,
  Setting,
} from './running.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type NeighborDraft = Mutable<Omit<RunningNeighbor, 'families'>> & { families: Map<IpFamily, Mutable<RunningFamily>> };
type RouteMapDraft = Mutable<Omit<RouteMapEntry, 'prefixLists' | 'communityLists'>> & {
  prefixLists: { family: IpFamily; name: string }[];
  communityLists: string[];
};

export class RunningBuilder {
  asn: Setting<number> | null = null;
  routerId: Setting<string> | null = null;
  timers: Setting<RunningTimers> | null = null;
  ipv4ByDefault: boolean;
  policyRequired: boolean;
  unknownLines = 0;
  readonly outdated: Setting<string>[] = [];
  readonly ranges: Setting<{ prefix: Prefix; group: string }>[] = [];
  readonly maximumPaths: Setting<RunningPaths>[] = [];
  readonly #neighbors = new Map<string, NeighborDraft>();
  readonly #groups = new Map<string, NeighborDraft>();
  readonly #prefixLists = new Map<string, Map<number, PrefixListDraft>>();
  readonly #lastSeqs = new Map<string, number>();
  readonly #communityLists = new Map<string, CommunityListEntry[]>();
  readonly #routeMaps = new Map<string, Map<number, RouteMapDraft>>();

  constructor(defaults: Pick<RunningConfig, 'ipv4ByDefault' | 'policyRequired'>) {
    this.ipv4ByDefault = defaults.ipv4ByDefault;
    this.policyRequired = defaults.policyRequired;
  }

  /** The neighbor of an address, or the peer group of a name. */
  neighbor(who: string, line: number): NeighborDraft {
    const ip = parseIp(who);
    return ip.ok ? draftIn(this.#neighbors, formatIp(ip.value), line) : this.group(who, line);
  }

  group(name: string, line: number): NeighborDraft {
    return draftIn(this.#groups, name, line);
  }

  family(neighbor: NeighborDraft, family: IpFamily): Mutable<RunningFamily> {
    let draft = neighbor.families.get(family);
    if (draft === undefined) {
      draft = { active: null, routeMap: null, prefixList: null, otherFilter: null, maximumPrefix: null };
      neighbor.families.set(family, draft);
    }
    return draft;
  }

  /** The entry of a prefix list, of which the parts may come one by one. */
  prefixListEntry(name: string, seq: number | null, line: number): PrefixListDraft {
    const list = this.#prefixLists.get(name) ?? new Map<number, PrefixListDraft>();
    this.#prefixLists.set(name, list);
    const at = seq ?? (this.#lastSeqs.get(name) ?? 0) + 5;
    this.#lastSeqs.set(name, Math.max(at, this.#lastSeqs.get(name) ?? 0));
    const entry = list.get(at) ?? { line, permit: true, prefix: null, ge: null, le: null };
    list.set(at, entry);
    return entry;
  }

  communityListEntry(name: string, entry: CommunityListEntry): void {
    const list = this.#communityLists.get(name);
    if (list === undefined) this.#communityLists.set(name, [entry]);
    else list.push(entry);
  }

  routeMapEntry(name: string, seq: number, line: number): RouteMapDraft {
    const map = this.#routeMaps.get(name) ?? new Map<number, RouteMapDraft>();
    this.#routeMaps.set(name, map);
    const entry = map.get(seq) ?? {
      line,
      seq,
      permit: true,
      prefixLists: [],
      communityLists: [],
      localPref: null,
      unknown: false,
    };
    map.set(seq, entry);
    return entry;
  }

  build(): RunningConfig {
    return {
      asn: this.asn,
      routerId: this.routerId,
      neighbors: this.#neighbors,
      groups: this.#groups,
      ranges: this.ranges,
      timers: this.timers,
      maximumPaths: this.maximumPaths,
      ipv4ByDefault: this.ipv4ByDefault,
      policyRequired: this.policyRequired,
      prefixLists: new Map([...this.#prefixLists].map(([name, list]) => [name, entriesOf(list)])),
      communityLists: this.#communityLists,
      routeMaps: new Map(
        [...this.#routeMaps].map(([name, map]) => [name, [...map.values()].sort((a, b) => a.seq - b.seq)]),
      ),
      outdated: this.outdated,
      unknownLines: this.unknownLines,
    };
  }
}

export interface PrefixListDraft {
  line: number;
  permit: boolean;
  prefix: Prefix | null;
  ge: number | null;
  le: number | null;
}

/** Reads `A/L`; `any` is everything of the family. Null where it is neither. */
export function readPrefix(text: string, family: IpFamily): Prefix | null {
  if (text === 'any') return { address: { family, value: 0n }, length: 0 };
  const prefix = parsePrefix(text);
  return prefix.ok && prefix.value.address.family === family ? prefix.value : null;
}

/** In the order in which they are asked; `any` matches every length. */
const entriesOf = (list: ReadonlyMap<number, PrefixListDraft>): readonly PrefixListEntry[] =>
  [...list]
    .sort(([a], [b]) => a - b)
    .flatMap(([seq, { line, permit, prefix, ge, le }]): PrefixListEntry[] => {
      if (prefix === null) return [];
      const bits = prefix.address.family === 4 ? 32 : 128;
      const longest = le ?? (ge === null ? prefix.length : bits);
      return [{ line, seq, permit, prefix, shortest: ge ?? prefix.length, longest }];
    });

function draftIn(drafts: Map<string, NeighborDraft>, name: string, line: number): NeighborDraft {
  let draft = drafts.get(name);
  if (draft === undefined) {
    draft = {
      line,
      group: null,
      remoteAsn: null,
      password: null,
      timers: null,
      bfd: null,
      multihop: null,
      ttlSecurity: null,
      shutdown: null,
      inherits: false,
      families: new Map(),
    };
    drafts.set(name, draft);
  }
  return draft;
}
