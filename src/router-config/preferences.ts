/**
 * The translation of localPref for a router of another AS, which gets none (RFC 4271 section 5.1.5): each advertisement is told by a community
 * that its routes carry, and the router gives them the preference that the advertisement asks for.
 *
 * The rules are asked in order, and the first that matches decides. Where the community of one advertisement is carried by another one too,
 * that one comes first, with a community of its own. Routes that several advertisements make together carry the communities of all, and get
 * the highest preference, as an internal peer would (announce/merge.ts): so an advertisement that makes no route without another one that asks
 * for more needs no rule. Where no order does all of this, the need is ambiguous.
 */
import { formatCommunity, formatLargeCommunity, type LargeCommunity } from '../bgp/route.ts';
import { compareText } from '../compare-text.ts';
import { type BgpAdvertisement, scopeCovers } from '../config/advertisement.ts';
import type { Community } from '../config/community.ts';
import type { Pool } from '../config/pool.ts';
import { type Selector, selectorKey } from '../config/selector.ts';
import type { PreferenceRule, Untranslated } from './model.ts';
import { lengthOf } from './prefixes.ts';

/** What a route has whose advertisement does not say: the default of every router. */
export const DEFAULT_LOCAL_PREF = 100;

export interface Translation {
  readonly rules: readonly PreferenceRule[];
  readonly untranslated: readonly Untranslated[];
  readonly shadowed: readonly Shadowed[];
  readonly conflict: Conflict | null;
}

/** An advertisement of which every route is also one of another that asks for more. */
export interface Shadowed {
  readonly advertisement: string;
  readonly by: BgpAdvertisement;
}

/** Two advertisements that a router cannot tell apart. */
export interface Conflict {
  readonly a: BgpAdvertisement;
  readonly b: BgpAdvertisement;
  /** The text of the community by which one of them would be told. */
  readonly community: string;
}

interface Entry {
  readonly advertisement: BgpAdvertisement;
  readonly localPref: number;
  readonly community: number | LargeCommunity;
}

/** Translates what the advertisements that reach one router ask for. */
export function translate(
  advertisements: readonly BgpAdvertisement[],
  pools: readonly Pool[],
  communities: readonly Community[],
  routerAsn: number,
): Translation {
  const shadowed = advertisements.flatMap((one): Shadowed[] => {
    const by = advertisements
      // One that no community tells gets nothing, and so hides nothing.
      .filter((other) => wantedOf(other) > wantedOf(one) && usable(other).length > 0 && makesAllOf(other, one, pools))
      .sort((a, b) => wantedOf(b) - wantedOf(a) || compareText(a.name, b.name))[0];
    return by === undefined ? [] : [{ advertisement: one.name, by }];
  });
  const hidden = new Set(shadowed.map(({ advertisement }) => advertisement));
  const own = advertisements.filter(({ name }) => !hidden.has(name));
  const carried = carriedBy(advertisements, shadowed);
  const entries = entriesOf(own, carried);
  const asking = own.filter(({ localPref }) => localPref !== null);
  const untranslated = asking.flatMap((one): Untranslated[] =>
    usable(one).length > 0 || one.localPref === null
      ? []
      : [
          {
            advertisement: one.name,
            localPref: one.localPref,
            suggestion: suggestion(one.localPref, routerAsn, advertisements),
          },
        ],
  );
  const { ordered, conflict } = inOrder(entries, pools, carried);
  const rules: PreferenceRule[] = [];
  for (const { advertisement, localPref, community } of ordered) {
    const same = rules.findIndex((rule) => textOf(rule.community) === textOf(community));
    const rule = rules[same];
    if (rule === undefined)
      rules.push({
        community,
        localPref,
        advertisements: [advertisement.name],
        alias: aliasOf(community, communities),
      });
    else rules[same] = { ...rule, advertisements: [...rule.advertisements, advertisement.name] };
  }
  return { rules, untranslated, shadowed, conflict };
}

/** `a:b` or `a:b:c`. */
export const textOf = (community: number | LargeCommunity): string =>
  typeof community === 'number' ? formatCommunity(community) : formatLargeCommunity(community);

/** Communities that may tell an advertisement: reserved ones (RFC 1997) have a meaning of their own already. */
const usable = ({ communities, largeCommunities }: BgpAdvertisement): readonly (number | LargeCommunity)[] => [
  ...communities.filter((community) => community >>> 16 !== 0xffff && community >>> 16 !== 0),
  ...largeCommunities,
];

/** What the routes of an advertisement may carry. */
type Carried = ReadonlyMap<BgpAdvertisement, ReadonlySet<string>>;

/** Its own communities, and those of advertisements that make no route without it. */
const carriedBy = (advertisements: readonly BgpAdvertisement[], shadowed: readonly Shadowed[]): Carried => {
  const hidden = new Map(shadowed.map(({ advertisement, by }) => [advertisement, by]));
  const carried = new Map(advertisements.map((one) => [one, new Set(usable(one).map(textOf))]));
  for (const one of advertisements) {
    const by = hidden.get(one.name);
    if (by !== undefined) for (const community of usable(one)) carried.get(by)?.add(textOf(community));
  }
  return carried;
};

const wantedOf = ({ localPref }: BgpAdvertisement): number => localPref ?? DEFAULT_LOCAL_PREF;

/** The advertisements that need a rule: those that ask, and those that do not ask and carry a community of one that does. */
function entriesOf(advertisements: readonly BgpAdvertisement[], carried: Carried): readonly Entry[] {
  const entries = new Map<BgpAdvertisement, Entry>();
  const add = (advertisement: BgpAdvertisement): void => {
    if (entries.has(advertisement)) return;
    const localPref = wantedOf(advertisement);
    const rivals = (community: number | LargeCommunity): readonly BgpAdvertisement[] =>
      advertisements.filter((other) => wantedOf(other) !== localPref && carried.get(other)?.has(textOf(community)));
    const [best] = usable(advertisement)
      .map((community) => ({ community, rivals: rivals(community) }))
      .sort((a, b) => a.rivals.length - b.rivals.length);
    if (best === undefined) return;
    entries.set(advertisement, { advertisement, localPref, community: best.community });
    for (const rival of best.rivals) add(rival);
  };
  for (const advertisement of advertisements) if (advertisement.localPref !== null) add(advertisement);
  return [...entries.values()];
}

function inOrder(
  entries: readonly Entry[],
  pools: readonly Pool[],
  carried: Carried,
): { readonly ordered: readonly Entry[]; readonly conflict: Conflict | null } {
  /** Whether `b` has to be asked before `a`, whose community its routes carry. */
  const precedes = (b: Entry, a: Entry): boolean =>
    b.localPref !== a.localPref && carried.get(b.advertisement)?.has(textOf(a.community)) === true;
  const left = [...entries].sort(
    (a, b) => b.localPref - a.localPref || compareText(a.advertisement.name, b.advertisement.name),
  );
  const ordered: Entry[] = [];
  while (left.length > 0) {
    const next = left.find((a) => !left.some((b) => b !== a && precedes(b, a)));
    if (next === undefined) {
      const a = left[0] as Entry;
      const b = left.find((other) => precedes(other, a)) as Entry;
      return { ordered: [], conflict: conflictOf(a, b) };
    }
    left.splice(left.indexOf(next), 1);
    ordered.push(next);
  }
  for (const [i, earlier] of ordered.entries())
    for (const later of ordered.slice(i + 1))
      if (earlier.localPref < later.localPref && makeOnePrefix(earlier.advertisement, later.advertisement, pools))
        return { ordered: [], conflict: conflictOf(later, earlier) };
  return { ordered, conflict: null };
}

const conflictOf = (a: Entry, b: Entry): Conflict => ({
  a: a.advertisement,
  b: b.advertisement,
  community: textOf(a.community),
});

/** Whether each route of `b` is one of `a` too, as far as their selectors say it. */
function makesAllOf(a: BgpAdvertisement, b: BgpAdvertisement, pools: readonly Pool[]): boolean {
  const covered = pools.filter((pool) => scopeCovers(b, pool));
  return (
    covered.length > 0 &&
    selectsAll(a.nodeSelectors, b.nodeSelectors) &&
    selectsAll(a.serviceSelectors, b.serviceSelectors) &&
    covered.every(
      (pool) =>
        scopeCovers(a, pool) &&
        pool.ranges.every(({ first: { family } }) => lengthOf(a, family) === lengthOf(b, family)),
    )
  );
}

/** No selector selects everything; the same ones select the same. */
const selectsAll = (a: readonly Selector[], b: readonly Selector[]): boolean =>
  a.length === 0 || (b.length > 0 && b.every((one) => a.some((other) => selectorKey(other) === selectorKey(one))));

/** Whether a route may be made by both, and so carry the communities of both. */
const makeOnePrefix = (a: BgpAdvertisement, b: BgpAdvertisement, pools: readonly Pool[]): boolean =>
  pools.some(
    (pool) =>
      scopeCovers(a, pool) &&
      scopeCovers(b, pool) &&
      pool.ranges.some(({ first: { family } }) => lengthOf(a, family) === lengthOf(b, family)),
  );

/** The router's AS and the preference, where that is free; else a large community. */
function suggestion(localPref: number, routerAsn: number, advertisements: readonly BgpAdvertisement[]): string {
  const taken = new Set(advertisements.flatMap((one) => usable(one).map(textOf)));
  if (routerAsn <= 0xffff && localPref <= 0xffff && !taken.has(`${routerAsn}:${localPref}`))
    return `${routerAsn}:${localPref}`;
  let n = 0;
  while (taken.has(`${routerAsn}:${n}:${localPref}`)) n++;
  return `large:${routerAsn}:${n}:${localPref}`;
}

/** `dc1-primary of Community dc1-primary-community`. */
function aliasOf(community: number | LargeCommunity, communities: readonly Community[]): string | null {
  for (const { name, aliases } of communities)
    for (const alias of aliases)
      if (textOf(alias.value) === textOf(community)) return `${alias.name} of Community ${name}`;
  return null;
}
