/** What a running configuration says of BGP towards nodes: what the parsers of all vendors make, and what is compared with the model. */
import type { IpFamily } from '../../net/ip.ts';
import type { Prefix } from '../../net/prefix.ts';

/** A value and the line that it stands on. */
export interface Setting<T> {
  readonly value: T;
  readonly line: number;
}

export interface RunningConfig {
  /** Null where there is no BGP at all. */
  readonly asn: Setting<number> | null;
  readonly routerId: Setting<string> | null;
  /** By address in its canonical text. */
  readonly neighbors: ReadonlyMap<string, RunningNeighbor>;
  readonly groups: ReadonlyMap<string, RunningNeighbor>;
  readonly ranges: readonly Setting<{ readonly prefix: Prefix; readonly group: string }>[];
  /** For neighbors that say nothing. */
  readonly timers: Setting<RunningTimers> | null;
  readonly maximumPaths: readonly Setting<RunningPaths>[];
  /** Whether a neighbor is active in IPv4 unless it is told otherwise. */
  readonly ipv4ByDefault: boolean;
  /** Whether an external neighbor without a policy is let nothing in (RFC 8212). */
  readonly policyRequired: boolean;
  readonly prefixLists: ReadonlyMap<string, readonly PrefixListEntry[]>;
  readonly communityLists: ReadonlyMap<string, readonly CommunityListEntry[]>;
  readonly routeMaps: ReadonlyMap<string, readonly RouteMapEntry[]>;
  /** Lines that newer versions of the software do not take. */
  readonly outdated: readonly Setting<string>[];
  /** Lines that were not understood, comments apart. */
  readonly unknownLines: number;
}

export interface RunningTimers {
  readonly keepalive: number | null;
  readonly hold: number | null;
}

export interface RunningPaths {
  readonly family: IpFamily;
  readonly type: 'external' | 'internal';
  readonly paths: number;
}

/** A neighbor or a peer group. */
export interface RunningNeighbor {
  readonly line: number;
  readonly group: string | null;
  readonly remoteAsn: Setting<number | 'external' | 'internal'> | null;
  readonly password: Setting<RunningPassword> | null;
  readonly timers: Setting<RunningTimers> | null;
  readonly bfd: Setting<true> | null;
  readonly multihop: Setting<number> | null;
  readonly ttlSecurity: Setting<number> | null;
  readonly shutdown: Setting<true> | null;
  /** It takes settings from somewhere that is not read here (a template): what it lacks may stand there. */
  readonly inherits: boolean;
  readonly families: ReadonlyMap<IpFamily, RunningFamily>;
}

export type RunningPassword =
  | { readonly type: 'plain'; readonly key: string }
  | { readonly type: 'encrypted' }
  /** What no router takes for a key in the form that the line announces. */
  | { readonly type: 'unreadable' };

export interface RunningFamily {
  readonly active: Setting<boolean> | null;
  readonly routeMap: Setting<string> | null;
  readonly prefixList: Setting<string> | null;
  /** A filter that is not read here. */
  readonly otherFilter: Setting<true> | null;
  readonly maximumPrefix: Setting<number> | null;
}

export interface PrefixListEntry {
  readonly line: number;
  readonly seq: number;
  readonly permit: boolean;
  readonly prefix: Prefix;
  /** The lengths that it matches. */
  readonly shortest: number;
  readonly longest: number;
}

export interface CommunityListEntry {
  readonly permit: boolean;
  readonly matches: CommunityMatch;
}

export type CommunityMatch =
  /** Each of them has to be there. */
  | { readonly type: 'all'; readonly communities: readonly string[] }
  | { readonly type: 'pattern'; readonly pattern: RegExp }
  /** An expression that is not evaluated here. */
  | { readonly type: 'unknown' };

export interface RouteMapEntry {
  readonly line: number;
  readonly seq: number;
  readonly permit: boolean;
  /** One of them has to match, of each family. */
  readonly prefixLists: readonly { readonly family: IpFamily; readonly name: string }[];
  readonly communityLists: readonly string[];
  readonly localPref: number | null;
  /** It has conditions, or goes on in a way, that are not read here. */
  readonly unknown: boolean;
}
