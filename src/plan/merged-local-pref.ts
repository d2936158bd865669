/** Findings for prefixes that several Services share towards an internal peer, with different LOCAL_PREFs. */
import { type AssignedService, type Contribution, type NodeView, routesOf } from '../announce/bgp.ts';
import { NO_ENDPOINTS } from '../cluster/endpoints.ts';
import type { Finding } from '../config/problem.ts';
import { formatPrefix, prefixOf } from '../net/prefix.ts';
import type { Snapshot } from './snapshot.ts';

export const MERGED_LOCAL_PREF = 'merged-local-pref';

/**
 * Within one Service this is `conflictingAdvertisements`; across Services the highest is sent (see `announce/merge.ts`), and that is said
 * here, once for each prefix and peer.
 */
export function mergedLocalPrefFindings(
  snapshot: Snapshot,
  assigned: readonly AssignedService[],
  views: readonly NodeView[],
  namespace: string,
): readonly Finding[] {
  const preferences = new Set(snapshot.config.bgpAdvertisements.map(({ localPref }) => localPref ?? 100));
  const internal = views.filter((view) => view.sessions.some((session) => session.type === 'internal'));
  if (preferences.size < 2 || internal.length === 0) return [];
  const findings = new Map<string, Finding>();
  for (const sharers of rivalsOf(assigned)) {
    for (const view of internal) {
      const first = new Map<string, Contribution>();
      for (const service of sharers) {
        const endpoints = snapshot.endpoints.get(service.service.key) ?? NO_ENDPOINTS;
        for (const contribution of routesOf(service, endpoints, view).contributions) {
          if (contribution.session.type !== 'internal') continue;
          const prefix = formatPrefix(contribution.prefix);
          const key = `${contribution.session.peer.name} ${prefix}`;
          const other = first.get(key);
          if (other === undefined) first.set(key, contribution);
          else if (prefOf(other) !== prefOf(contribution) && !findings.has(key))
            findings.set(key, findingOf(prefix, other, contribution, namespace));
        }
      }
    }
  }
  return [...findings.values()];
}

const prefOf = (contribution: Contribution): number => contribution.target.attributes.localPref ?? 100;

/** Services that share a prefix and are advertised differently: nearly always none. */
function rivalsOf(assigned: readonly AssignedService[]): Iterable<readonly AssignedService[]> {
  const byPrefix = new Map<string, Set<AssignedService>>();
  for (const service of assigned)
    for (const ip of service.ips)
      for (const advertisement of service.audience.forService) {
        const length = ip.family === 4 ? advertisement.aggregationLength : advertisement.aggregationLengthV6;
        const prefix = formatPrefix(prefixOf(ip, length));
        const sharers = byPrefix.get(prefix);
        if (sharers === undefined) byPrefix.set(prefix, new Set([service]));
        else sharers.add(service);
      }
  return [...byPrefix.values()]
    .map((sharers) => [...sharers])
    .filter((sharers) => new Set(sharers.map((service) => service.audience)).size > 1);
}

function findingOf(prefix: string, a: Contribution, b: Contribution, namespace: string): Finding {
  const [name = ''] = b.target.advertisements;
  return {
    rule: MERGED_LOCAL_PREF,
    severity: 'warning',
    message:
      `${prefix} is announced to the internal peer ${a.session.peer.name} for ${a.service} with LOCAL_PREF ${prefOf(a)} and for ` +
      `${b.service} with ${prefOf(b)}: the highest is sent for both`,
    help: 'A prefix has one LOCAL_PREF: give the advertisements the same localPref, or aggregation lengths that keep the Services apart.',
    object: { kind: 'BGPAdvertisement', namespace, name },
    path: ['spec', 'localPref'],
  };
}
