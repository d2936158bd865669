/** A community that asks routers to throw the traffic away (BLACKHOLE, RFC 7999). */
import { bgp, manifest, peer } from '../example.ts';
import { originOf, pathOfCommunity } from '../reference.ts';
import type { LintRule } from '../rule.ts';

const BLACKHOLE = 0xffff_029a;

export const blackholeCommunity: LintRule = {
  name: 'blackhole-community',
  severity: 'warning',
  help: 'Remove the community; it is for the minutes of an attack, when an address is to be unreachable.',
  summary: 'a path carries blackhole, so routers that honour it drop the traffic',
  why: `BLACKHOLE (RFC 7999) asks a router to discard everything to the prefix. A Service that is announced so is unreachable behind every router that honours it.`,
  fires: [manifest(peer('router-a', 'peerAddress: 10.0.0.1'), bgp('web', 'communities: [blackhole]'))],
  silent: [manifest(peer('router-a', 'peerAddress: 10.0.0.1'), bgp('web', "communities: ['64512:666']"))],
  check: (plan, objects) =>
    plan.snapshot.config.bgpAdvertisements
      .filter((advertisement) => advertisement.communities.includes(BLACKHOLE))
      .map((advertisement) => ({
        object: { kind: 'BGPAdvertisement', name: advertisement.name },
        path: pathOfCommunity(advertisement.name, BLACKHOLE, plan, objects),
        message: `the routes carry blackhole, 65535:666${originOf(BLACKHOLE, plan.snapshot.communities)}: routers that honour it drop the traffic of the Services`,
      })),
};
