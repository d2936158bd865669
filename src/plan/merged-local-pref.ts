/**
 * Findings for prefixes that several Services share towards an internal peer, with different LOCAL_PREFs.
 *
 * Within one Service this is `conflictingAdvertisements`; across Services the highest is sent (see `announce/merge.ts`), and that is said
 * here, once for each prefix and peer.
 */
import { type AssignedService, type Contribution, type NodeView, routesOf } from '../announce/bgp.ts';
import { NO_ENDPOINTS, type ServiceEndpoints } from '../cluster/endpoints.ts';
import { compareText } from '../compare-text.ts';
import type { BgpAdvertisement } from '../config/advertisement.ts';
import type { Finding } from '../config/problem.ts';
import { formatPrefix, type Prefix, prefixOf, samePrefix } from '../net/prefix.ts';
import type { Snapshot } from './snapshot.ts';

export const MERGED_LOCAL_PREF = 'merged-local-pref';

/** The findings of a snapshot, by prefix and peer. */
export function mergedLocalPrefFindings(
  snapshot: Snapshot,
  services: readonly AssignedService[],
  views: readonly NodeView[],
  namespace: string,
): readonly Finding[] {
  const internal = views.filter(isInternal);
  if (!prefersSome(snapshot.config.bgpAdvertisements) || internal.length === 0) return [];
  const sharersOf = new Map<string, { readonly prefix: Prefix; readonly sharers: AssignedService[] }>();
  for (const service of services)
    for (const [text, prefix] of prefixesOf(service)) {
      const shared = sharersOf.get(text);
      if (shared === undefined) sharersOf.set(text, { prefix, sharers: [service] });
      else shared.sharers.push(service);
    }
  const endpointsOf = (key: string): ServiceEndpoints => snapshot.endpoints.get(key) ?? NO_ENDPOINTS;
  return [...sharersOf]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([, { prefix, sharers }]) => {
      const audiences = new Set(sharers.map(({ audience }) => audience));
      return sharedPrefixFindings({ prefix, audiences, sharers: () => sharers }, internal, endpointsOf, namespace);
    });
}

/** Whether advertisements want different LOCAL_PREFs at all: unset is sent as 100 (docs/decisions.md 6). */
export const prefersSome = (advertisements: readonly BgpAdvertisement[]): boolean =>
  new Set(advertisements.map(({ localPref }) => localPref ?? 100)).size > 1;

/** Whether the node has an internal peer. */
export const isInternal = (view: NodeView): boolean => view.sessions.some(({ type }) => type === 'internal');

/** The prefixes that a Service's advertisements make of its addresses, by their text. */
export function prefixesOf({ ips, audience }: AssignedService): ReadonlyMap<string, Prefix> {
  const prefixes = new Map<string, Prefix>();
  for (const ip of ips)
    for (const advertisement of audience.forService) {
      const length = ip.family === 4 ? advertisement.aggregationLength : advertisement.aggregationLengthV6;
      const prefix = prefixOf(ip, length);
      prefixes.set(formatPrefix(prefix), prefix);
    }
  return prefixes;
}

/** A prefix, and the Services of which some advertisement makes it. */
export interface SharedPrefix {
  readonly prefix: Prefix;
  /** Each once: those of the Services. */
  readonly audiences: Iterable<AssignedService['audience']>;
  /** By key; asked only where the audiences differ towards some peer. */
  sharers(): readonly AssignedService[];
}

/**
 * What is to be said of one prefix: at most one finding for each peer, by peer.
 *
 * @param internal - nodes that have an internal peer, by name.
 */
export function sharedPrefixFindings(
  { prefix, audiences, sharers }: SharedPrefix,
  internal: readonly NodeView[],
  endpointsOf: (key: string) => ServiceEndpoints,
  namespace: string,
): readonly Finding[] {
  const all = [...audiences];
  if (all.length < 2) return [];
  const findings = new Map<string, Finding>();
  let services: readonly AssignedService[] | null = null;
  for (const view of internal) {
    const disputed = disputedPeers(prefix, all, view).filter((peer) => !findings.has(peer));
    if (disputed.length === 0) continue;
    const first = new Map<string, Contribution>();
    services ??= sharers();
    for (const service of services) {
      for (const contribution of routesOf(service, endpointsOf(service.service.key), view).contributions) {
        const { name } = contribution.target.session.peer;
        if (!disputed.includes(name) || findings.has(name) || !samePrefix(contribution.prefix, prefix)) continue;
        const other = first.get(name);
        if (other === undefined) first.set(name, contribution);
        else if (prefOf(other) !== prefOf(contribution))
          findings.set(name, findingOf(prefix, other, contribution, namespace));
      }
      if (disputed.every((peer) => findings.has(peer))) break;
    }
  }
  return [...findings].sort(([a], [b]) => compareText(a, b)).map(([, finding]) => finding);
}

/** The internal peers of a node towards which the advertisements differ, whoever of the Services can be announced there. */
function disputedPeers(prefix: Prefix, audiences: Iterable<AssignedService['audience']>, view: NodeView): string[] {
  const wanted = new Map<string, Set<number>>();
  for (const audience of audiences) {
    const { v4, v6 } = view.reachOf(audience);
    for (const { session, length, attributes } of (prefix.address.family === 4 ? v4 : v6).targets) {
      if (length !== prefix.length || session.type !== 'internal') continue;
      const preferences = wanted.get(session.peer.name);
      if (preferences === undefined) wanted.set(session.peer.name, new Set([attributes.localPref ?? 100]));
      else preferences.add(attributes.localPref ?? 100);
    }
  }
  return [...wanted].flatMap(([peer, preferences]) => (preferences.size > 1 ? [peer] : []));
}

const prefOf = (contribution: Contribution): number => contribution.target.attributes.localPref ?? 100;

function findingOf(prefix: Prefix, a: Contribution, b: Contribution, namespace: string): Finding {
  const [name = ''] = b.target.advertisements;
  return {
    rule: MERGED_LOCAL_PREF,
    severity: 'warning',
    message:
      `${formatPrefix(prefix)} is announced to the internal peer ${a.target.session.peer.name} for ${a.service} with LOCAL_PREF ${prefOf(a)} and for ` +
      `${b.service} with ${prefOf(b)}: the highest is sent for both`,
    help: 'A prefix has one LOCAL_PREF: give the advertisements the same localPref, or aggregation lengths that keep the Services apart.',
    object: { kind: 'BGPAdvertisement', namespace, name },
    path: ['spec', 'localPref'],
  };
}
