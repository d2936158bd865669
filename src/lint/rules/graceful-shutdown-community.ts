/** A community that says that a path is about to go (GRACEFUL_SHUTDOWN, RFC 8326), on one that stays. */
import { bgp, manifest, peer } from '../example.ts';
import { originOf, pathOfCommunity } from '../reference.ts';
import type { LintRule } from '../rule.ts';

const GRACEFUL_SHUTDOWN = 0xffff_0000;

export const gracefulShutdownCommunity: LintRule = {
  name: 'graceful-shutdown-community',
  severity: 'warning',
  help: 'Remove the community when the maintenance is over; for a backup path use a community of your own, by which the router lowers its preference.',
  summary: 'a path carries graceful-shutdown for good, so routers avoid it',
  why: `GRACEFUL_SHUTDOWN (RFC 8326) is for the minutes before a session is taken down: routers that honour it prefer every other path. Left in a manifest it makes the path a last resort for as long as it stands, as after a maintenance that
somebody forgot to end.`,
  fires: [manifest(peer('router-a', 'peerAddress: 10.0.0.1'), bgp('web', 'communities: [graceful-shutdown]'))],
  silent: [manifest(peer('router-a', 'peerAddress: 10.0.0.1'), bgp('web', "communities: ['64512:50']"))],
  check: (plan, objects) =>
    plan.snapshot.config.bgpAdvertisements
      .filter((advertisement) => advertisement.communities.includes(GRACEFUL_SHUTDOWN))
      .map((advertisement) => ({
        object: { kind: 'BGPAdvertisement', name: advertisement.name },
        path: pathOfCommunity(advertisement.name, GRACEFUL_SHUTDOWN, plan, objects),
        message: `the routes carry graceful-shutdown, 65535:0${originOf(GRACEFUL_SHUTDOWN, plan.snapshot.communities)}: routers that honour it prefer any other path`,
      })),
};
