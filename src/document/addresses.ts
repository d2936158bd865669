/** AS numbers, pools, and which Service has which address. */
import { compareText } from '../compare-text.ts';
import { scopeCovers } from '../config/advertisement.ts';
import { sessionAsnOf, sessionTypeOf } from '../config/peer.ts';
import type { Pool } from '../config/pool.ts';
import { compareIp, formatIp } from '../net/ip.ts';
import { formatIpRange, type IpRange, prefixesOf, rangeSize } from '../net/ip-range.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { Plan } from '../plan/plan.ts';
import { escaped, namesOf, sectionOf, tableOf } from './markdown.ts';

/** Who is in which AS, and why. */
export function asNumbers({ snapshot: { config } }: Plan): string {
  const purposes = new Map<number, { nodes: string[]; routers: string[] }>();
  const of = (asn: number) => {
    const known = purposes.get(asn) ?? { nodes: [], routers: [] };
    purposes.set(asn, known);
    return known;
  };
  for (const peer of config.peers) {
    of(sessionAsnOf(peer)).nodes.push(peer.name);
    const router = peer.peerASN ?? (peer.dynamicASN === 'internal' ? sessionAsnOf(peer) : null);
    if (router !== null) of(router).routers.push(peer.name);
  }
  const rows = [...purposes]
    .sort(([a], [b]) => a - b)
    .map(([asn, { nodes, routers }]) => [
      String(asn),
      rangeOf(asn),
      nodes.length === 0 ? '' : `the nodes, towards ${namesOf(nodes)}`,
      routers.length === 0 ? '' : `the routers of ${namesOf(routers)}`,
    ]);
  const unknown = config.peers.filter(({ peerASN, dynamicASN }) => peerASN === null && dynamicASN === 'external');
  return sectionOf(
    'AS numbers',
    tableOf(['AS', 'kind', 'nodes', 'routers'], rows),
    unknown.length === 0
      ? ''
      : `The routers of ${namesOf(unknown.map(({ name }) => name))} may be in any other AS (dynamicASN).`,
  );
}

/** RFC 6996 and RFC 5398. */
function rangeOf(asn: number): string {
  if ((asn >= 64_512 && asn <= 65_534) || (asn >= 4_200_000_000 && asn <= 4_294_967_294)) return 'private';
  if ((asn >= 64_496 && asn <= 64_511) || (asn >= 65_536 && asn <= 65_551)) return 'for documentation';
  return 'public';
}

/** Pools with what is assigned, then each address. */
export function addresses(plan: Plan): string {
  const { config } = plan.snapshot;
  const assigned = plan.assigned
    .flatMap(({ service, pool, ips }) => ips.map((ip) => ({ ip, pool, service: service.key })))
    .sort((a, b) => compareIp(a.ip, b.ip) || compareText(a.service, b.service));
  const pools = [...config.pools].sort((a, b) => compareText(a.name, b.name));
  const rows = pools.map((pool) => {
    const used = new Set(assigned.filter((one) => one.pool === pool.name).map(({ ip }) => formatIp(ip)));
    return [
      escaped(pool.name),
      pool.ranges.map(rangeText).join(', '),
      String(sizeOf(pool)),
      String(used.size),
      useOf(pool),
      announcedBy(pool, plan),
    ];
  });
  const pending = plan.services.filter(({ state }) => state === 'Pending');
  return sectionOf(
    'Addresses',
    tableOf(['pool', 'addresses', 'how many', 'assigned', 'use', 'announced by'], rows),
    tableOf(
      ['address', 'Service', 'pool'],
      assigned.map(({ ip, service, pool }) => [formatIp(ip), escaped(service), escaped(pool)]),
    ),
    tableOf(
      ['waits for an address', 'why'],
      pending.map(({ namespace, name, message }) => [escaped(`${namespace}/${name}`), escaped(message ?? '')]),
    ),
  );
}

/** As a prefix where it is one. */
const rangeText = (range: IpRange): string => {
  const [prefix, ...more] = prefixesOf(range);
  return prefix !== undefined && more.length === 0 ? formatPrefix(prefix) : formatIpRange(range);
};

const sizeOf = ({ ranges }: Pool): bigint => ranges.reduce((sum, range) => sum + rangeSize(range), 0n);

const useOf = ({ autoAssign, avoidBuggyIPs, serviceAllocation }: Pool): string =>
  [
    autoAssign ? 'automatic' : 'on request',
    ...(serviceAllocation === null ? [] : ['for some Services only']),
    ...(avoidBuggyIPs ? ['without .0 and .255'] : []),
  ].join(', ');

function announcedBy(pool: Pool, { snapshot: { config } }: Plan): string {
  const names = [
    ...config.bgpAdvertisements.filter((one) => scopeCovers(one, pool)).map(({ name }) => name),
    ...config.l2Advertisements.filter((one) => scopeCovers(one, pool)).map(({ name }) => `${name} (layer 2)`),
  ];
  return names.length === 0 ? 'nobody' : names.map(escaped).join(', ');
}

/** Whether sessions with a peer leave the AS of the nodes, in a word. */
export const kindOf = (peer: Parameters<typeof sessionTypeOf>[0]): string =>
  sessionTypeOf(peer) === 'external' ? 'eBGP' : 'iBGP';
