/**
 * Communities: their notation, Community objects, and what a name in an advertisement stands for.
 *
 * A name is looked up as an alias of some Community, then read as a literal, then as a well-known word, then looked up as the name of a
 * Community, which stands for all of its values (docs/decisions.md 4 and 5). Standard communities are RFC 1997, large ones RFC 8092; the
 * words are those of IANA's registry "BGP Well-known Communities".
 */
import type { LargeCommunity } from '../bgp/route.ts';
import { CommunitySpec } from '../crd/community.ts';
import { err, ok, type Result } from '../result.ts';
import { nearestOf } from './nearest.ts';
import { type Parsed, type Problem, problem } from './problem.ts';
import type { Resource } from './resource.ts';
import { parseSpec } from './shape.ts';

/** One community: a standard one as its 32-bit number, or a large one. */
export type CommunityValue = number | LargeCommunity;

/** A Community object: aliases and their values. */
export interface Community {
  readonly name: string;
  readonly aliases: readonly { readonly name: string; readonly value: CommunityValue }[];
}

const WELL_KNOWN: ReadonlyMap<string, number> = new Map([
  ['graceful-shutdown', 0xffff0000],
  ['accept-own', 0xffff0001],
  ['llgr-stale', 0xffff0006],
  ['no-llgr', 0xffff0007],
  ['blackhole', 0xffff029a],
  ['no-export', 0xffffff01],
  ['no-advertise', 0xffffff02],
  ['no-export-subconfed', 0xffffff03],
  ['no-peer', 0xffffff04],
]);

const STANDARD = /^([0-9]+):([0-9]+)$/;
const LARGE = /^large:([0-9]+):([0-9]+):([0-9]+)$/;

/** Reads `a:b`, `large:a:b:c` or a well-known word; undefined where the text is in none of these forms. */
function readLiteral(text: string): Result<CommunityValue, string> | undefined {
  const word = WELL_KNOWN.get(text);
  if (word !== undefined) return ok(word);
  const standard = STANDARD.exec(text)?.slice(1).map(Number);
  if (standard !== undefined) {
    const [high = 0, low = 0] = standard;
    if (high > 0xffff || low > 0xffff)
      return err(`"${text}" has a number above 65535; write large:… for a 32-bit AS number`);
    return ok(high * 0x1_0000 + low);
  }
  const large = LARGE.exec(text)?.slice(1).map(Number);
  if (large === undefined) return undefined;
  if (large.some((n) => n > 0xffff_ffff)) return err(`"${text}" has a number above 4294967295`);
  const [globalAdministrator = 0, localData1 = 0, localData2 = 0] = large;
  return ok({ globalAdministrator, localData1, localData2 });
}

/** Reads one community in the notation of a Community's `value`. */
export function parseCommunityValue(text: string): Result<CommunityValue, string> {
  const literal = readLiteral(text);
  if (literal !== undefined) return literal;
  const nearest = nearestOf(text, [...WELL_KNOWN.keys()]);
  return err(`"${text}" is no community${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`);
}

/** The text of a community as it is printed: `a:b`, or `a:b:c`. */
export const formatCommunity = (value: CommunityValue): string =>
  typeof value === 'number'
    ? `${value >>> 16}:${value & 0xffff}`
    : `${value.globalAdministrator}:${value.localData1}:${value.localData2}`;

/** Reads a Community; whether its aliases are free is {@link CommunityDirectory}'s to say. */
export const parseCommunity = (resource: Resource): Parsed<Community> =>
  parseSpec(CommunitySpec, resource, (spec, problems) => {
    const aliases = (spec.communities ?? []).flatMap(({ name, value: text }, i) => {
      const at = ['spec', 'communities', i];
      if (name === '') problems.push(problem('missing-field', [...at, 'name'], 'an alias has no name'));
      const value = parseCommunityValue(text);
      if (value.ok) return [{ name, value: value.value }];
      problems.push(problem('bad-community', [...at, 'value'], value.error));
      return [];
    });
    return { name: resource.metadata.name, aliases };
  });

/** What a name in an advertisement's `communities` stands for. */
export interface ResolvedName {
  readonly values: readonly CommunityValue[];
  /** The name is an alias, and the name of a Community that says something else. */
  readonly ambiguous: boolean;
}

/** All aliases and Communities by name. */
export class CommunityDirectory {
  readonly #aliases = new Map<string, { readonly value: CommunityValue; readonly owner: string }>();
  readonly #communities = new Map<string, Community>();

  /** Adds a Community, or nothing of it where one of its aliases is defined already; then the problems say where. */
  add(community: Community): readonly Problem[] {
    const problems: Problem[] = [];
    const own = new Set<string>();
    for (const [i, { name }] of community.aliases.entries()) {
      const owner = own.has(name) ? community.name : this.#aliases.get(name)?.owner;
      own.add(name);
      if (owner === undefined) continue;
      const message = `alias "${name}" is defined already, in Community "${owner}"`;
      problems.push(problem('duplicate-alias', ['spec', 'communities', i, 'name'], message));
    }
    if (problems.length > 0) return problems;
    this.#communities.set(community.name, community);
    for (const { name, value } of community.aliases) this.#aliases.set(name, { value, owner: community.name });
    return problems;
  }

  /** The Communities that were added. */
  get communities(): readonly Community[] {
    return [...this.#communities.values()];
  }

  resolve(name: string): Result<ResolvedName, string> {
    const alias = this.#aliases.get(name);
    const named = this.#communities.get(name)?.aliases.map((a) => a.value);
    if (alias !== undefined) {
      const same = named === undefined || named.every((v) => formatCommunity(v) === formatCommunity(alias.value));
      return ok({ values: [alias.value], ambiguous: !same });
    }
    const literal = readLiteral(name);
    if (literal !== undefined) return literal.ok ? ok({ values: [literal.value], ambiguous: false }) : literal;
    if (named !== undefined) return ok({ values: named, ambiguous: false });
    const nearest = nearestOf(name, [...this.#aliases.keys(), ...this.#communities.keys(), ...WELL_KNOWN.keys()]);
    const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
    return err(`"${name}" is no alias, no community and the name of no Community${hint}`);
  }
}
