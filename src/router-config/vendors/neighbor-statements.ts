/** What FRR and IOS-XE say in the same words: FRR has its configuration from there. */
import type { IpFamily } from '../../net/ip.ts';
import type { Distance, NeighborGroup } from '../model.ts';
import { OUTBOUND } from './vendor.ts';

/** Statements about a neighbor or a peer group, as they stand inside of `router bgp`; `--check` proposes the same ones. */
export const neighborStatements = {
  remoteAs: (who: string, asn: number) => `neighbor ${who} remote-as ${asn}`,
  password: (who: string, key: string) => `neighbor ${who} password ${key}`,
  timers: (who: string, keepalive: number, hold: number) => `neighbor ${who} timers ${keepalive} ${hold}`,
  distance: (who: string, distance: Distance, type: NeighborGroup['type']): readonly string[] => {
    if (distance.type === 'ttl-security') return [`neighbor ${who} ttl-security hops ${distance.hops}`];
    // An internal neighbor may be any number of hops away.
    return distance.type === 'multihop' && type === 'external' ? [`neighbor ${who} ebgp-multihop 255`] : [];
  },
  activate: (who: string) => `neighbor ${who} activate`,
  inbound: (who: string, name: string) => `neighbor ${who} route-map ${name} in`,
  outbound: (who: string) => `neighbor ${who} route-map ${OUTBOUND} out`,
  maximumPaths: (type: NeighborGroup['type'], paths: number) =>
    `maximum-paths ${type === 'internal' ? 'ibgp ' : ''}${paths}`,
  prefixList: (name: string, family: IpFamily, seq: number, match: string) =>
    `${family === 4 ? 'ip' : 'ipv6'} prefix-list ${name} seq ${seq} permit ${match}`,
} as const;
