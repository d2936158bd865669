/**
 * Which node answers ARP and NDP for an address.
 *
 * Every speaker computes the same order from what it sees, without asking the others: the highest score first (preferredNodeSelectors),
 * then ascending by the SHA-256 of `node#address` (metallb-behaviour 5.1). So a node that goes moves only the addresses that it held,
 * and one that comes moves only those that it now wins.
 */
import { formatIp, type Ip } from '../net/ip.ts';
import { sha256Hex } from '../wire/digest.ts';

/** A node that may answer. */
export interface Candidate {
  readonly name: string;
  /** The sum of the weights that prefer it. */
  readonly score: number;
}

/** The candidates in the order in which they would answer; the first one does. */
export function electionOrder<C extends Candidate>(candidates: Iterable<C>, ip: Ip): readonly C[] {
  const digestOf = digester(ip);
  return [...candidates]
    .map((candidate) => ({ candidate, digest: digestOf(candidate.name) }))
    .sort((a, b) => b.candidate.score - a.candidate.score || (a.digest < b.digest ? -1 : a.digest > b.digest ? 1 : 0))
    .map(({ candidate }) => candidate);
}

/** The first of {@link electionOrder}, without sorting the others; null where nobody is a candidate. */
export function elect<C extends Candidate>(candidates: Iterable<C>, ip: Ip): C | null {
  const digestOf = digester(ip);
  let winner: C | null = null;
  let digest: string | undefined;
  for (const candidate of candidates) {
    if (winner !== null && candidate.score < winner.score) continue;
    if (winner === null || candidate.score > winner.score) {
      winner = candidate;
      digest = undefined; // worked out only if somebody comes level
      continue;
    }
    digest ??= digestOf(winner.name);
    const rival = digestOf(candidate.name);
    if (rival >= digest) continue;
    winner = candidate;
    digest = rival;
  }
  return winner;
}

/**
 * Somebody who comes before this candidate in {@link electionOrder}, or null where nobody does: whether a node is elected, at a
 * handful of digests where {@link elect} needs one for each candidate.
 *
 * Where the search begins depends on the address, so that who is found is spread over the candidates.
 *
 * @param turn - any number; another one lets the search begin elsewhere. Where nodes are replaced one after the other, oldest first, those
 * at the front of the list go next: a search that always began there would have to be made again at nearly each of them.
 */
export function findAhead<C extends Candidate>(own: C, candidates: readonly C[], ip: Ip, turn = 0): C | null {
  const digestOf = digester(ip);
  const digest = digestOf(own.name);
  const start = Number.parseInt(digest.slice((turn % 8) * 8, (turn % 8) * 8 + 8), 16);
  for (let i = 0; i < candidates.length; i++) {
    const rival = candidates[(start + i) % candidates.length] as C;
    if (rival.name === own.name || rival.score < own.score) continue;
    if (rival.score > own.score || digestOf(rival.name) < digest) return rival;
  }
  return null;
}

function digester(ip: Ip): (node: string) => string {
  const suffix = `#${formatIp(ip)}`;
  return (node) => sha256Hex(node + suffix);
}
