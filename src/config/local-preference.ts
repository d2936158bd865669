/**
 * Two advertisements that give one prefix different local preferences (docs/decisions.md 16).
 *
 * Towards an internal peer only one of them could be sent, so the later advertisement is refused; so it is where no peer is known at all,
 * as MetalLB does. Towards external peers LOCAL_PREF is not sent (RFC 4271 section 5.1.5), so that nothing depends on it: an info says so.
 * Advertisements with serviceSelectors are judged for each Service when it is announced, not here.
 */
import type { BgpAdvertisement } from './advertisement.ts';
import { scopeCovers } from './advertisement.ts';
import { type NodeSelectorsPolicy, type Peer, sessionTypeOf } from './peer.ts';
import type { Pool } from './pool.ts';
import { type Problem, problem } from './problem.ts';
import { anySelectorMatches, type Labels, nodeSelectorsMatch, selectorKey } from './selector.ts';

/** What the judgement depends on. */
export interface LocalPreferenceContext {
  readonly pools: readonly Pool[];
  readonly peers: readonly Peer[];
  /** Empty where no node is known; then node selectors are compared as they are written. */
  readonly nodes: readonly { readonly name: string; readonly labels: Labels }[];
  readonly nodeSelectors: NodeSelectorsPolicy;
}

interface Entry {
  readonly advertisement: BgpAdvertisement;
  readonly pools: ReadonlySet<Pool>;
  readonly peers: readonly Peer[];
  /** Names of the nodes that the advertisement selects; worked out when they matter, which is seldom. */
  readonly nodes: () => ReadonlySet<string>;
}

/** The advertisements that were accepted so far, and whether one more goes with them. */
export class LocalPreferences {
  readonly #context: LocalPreferenceContext;
  readonly #accepted: Entry[] = [];
  readonly #nodesOfPeer = new Map<Peer, ReadonlySet<string>>();

  constructor(context: LocalPreferenceContext) {
    this.#context = context;
  }

  /** Accepts the advertisement, unless the problem that comes back is an error. */
  add(advertisement: BgpAdvertisement): Problem | undefined {
    if (advertisement.serviceSelectors.length > 0) return undefined;
    const entry = this.#entryOf(advertisement);
    let differs: Problem | undefined;
    for (const other of this.#accepted) {
      if (other.advertisement.localPref === advertisement.localPref || !samePrefixes(entry, other)) continue;
      const overlap = this.#overlap(entry, other);
      if (overlap === 'internal') return this.#conflict(advertisement, other.advertisement);
      if (overlap === 'external') differs ??= difference(advertisement, other.advertisement);
    }
    this.#accepted.push(entry);
    return differs;
  }

  #entryOf(advertisement: BgpAdvertisement): Entry {
    const { pools, peers, nodes } = this.#context;
    const named = advertisement.peers;
    let selected: ReadonlySet<string> | undefined;
    return {
      advertisement,
      pools: new Set(pools.filter((pool) => scopeCovers(advertisement, pool))),
      peers: peers.filter((peer) => named.length === 0 || named.includes(peer.name)),
      nodes: () => {
        selected ??= new Set(
          nodes.filter((node) => anySelectorMatches(advertisement.nodeSelectors, node.labels)).map((node) => node.name),
        );
        return selected;
      },
    };
  }

  #overlap(a: Entry, b: Entry): 'none' | 'external' | 'internal' {
    const { peers, nodes } = this.#context;
    const [ofA, ofB] = [a.nodes(), b.nodes()];
    const shared = nodes.filter((node) => ofA.has(node.name) && ofB.has(node.name)).map((node) => node.name);
    if (nodes.length > 0 ? shared.length === 0 : !mayShareNodes(a.advertisement, b.advertisement)) return 'none';
    if (peers.length === 0) return shareNames(a.advertisement.peers, b.advertisement.peers) ? 'internal' : 'none';
    let overlap: 'none' | 'external' = 'none';
    for (const p of a.peers)
      for (const q of b.peers) {
        if (!sameSession(p, q)) continue;
        if (nodes.length > 0 && !shared.some((node) => this.#selects(p, node) && this.#selects(q, node))) continue;
        if (sessionTypeOf(p) === 'internal' || sessionTypeOf(q) === 'internal') return 'internal';
        overlap = 'external';
      }
    return overlap;
  }

  #selects(peer: Peer, node: string): boolean {
    let selected = this.#nodesOfPeer.get(peer);
    if (selected === undefined) {
      const policy = peer.nodeSelectorsPolicy ?? this.#context.nodeSelectors;
      selected = new Set(
        this.#context.nodes.filter((n) => nodeSelectorsMatch(peer.nodeSelectors, policy, n.labels)).map((n) => n.name),
      );
      this.#nodesOfPeer.set(peer, selected);
    }
    return selected.has(node);
  }

  #conflict(later: BgpAdvertisement, earlier: BgpAdvertisement): Problem {
    const who = this.#context.peers.length === 0 ? 'and no peer is known' : 'to an internal peer';
    const message = `localPref ${later.localPref ?? 'unset'} here and ${earlier.localPref ?? 'unset'} in BGPAdvertisement "${earlier.name}" for the same prefixes ${who}`;
    return problem('local-pref-conflict', ['spec', 'localPref'], message);
  }
}

function difference(later: BgpAdvertisement, earlier: BgpAdvertisement): Problem {
  const message = `localPref ${later.localPref ?? 'unset'} here and ${earlier.localPref ?? 'unset'} in BGPAdvertisement "${earlier.name}" for the same prefixes: their peers are external, and get neither`;
  return problem('local-pref-differs', ['spec', 'localPref'], message);
}

/** Whether both make the same prefixes of some pool: they share it, and the length for a family that it has. */
function samePrefixes(a: Entry, b: Entry): boolean {
  const sameV4 = a.advertisement.aggregationLength === b.advertisement.aggregationLength;
  const sameV6 = a.advertisement.aggregationLengthV6 === b.advertisement.aggregationLengthV6;
  for (const pool of a.pools)
    if (b.pools.has(pool) && pool.ranges.some((range) => (range.first.family === 4 ? sameV4 : sameV6))) return true;
  return false;
}

/** Peers with one address, port and VRF are one session on a node (docs/decisions.md 17). */
const sameSession = (p: Peer, q: Peer): boolean =>
  p === q ||
  (p.peerAddress?.value === q.peerAddress?.value &&
    p.peerAddress?.family === q.peerAddress?.family &&
    p.interface === q.interface &&
    p.peerPort === q.peerPort &&
    p.vrf === q.vrf);

const shareNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === 0 || b.length === 0 || a.some((name) => b.includes(name));

/** Without nodes only what is sure counts: one of the two selects every node, or both say the same. */
function mayShareNodes(a: BgpAdvertisement, b: BgpAdvertisement): boolean {
  if (a.nodeSelectors.length === 0 || b.nodeSelectors.length === 0) return true;
  const keys = new Set(a.nodeSelectors.map(selectorKey));
  return b.nodeSelectors.some((selector) => keys.has(selectorKey(selector)));
}
