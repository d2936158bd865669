/** BFD and graceful restart on one session (RFC 5882 section 4.3). */
import { manifest, metallb, peer } from '../example.ts';
import type { LintRule } from '../rule.ts';

export const bfdWithGracefulRestart: LintRule = {
  name: 'bfd-with-graceful-restart',
  severity: 'warning',
  help: 'Decide which matters more: BFD for nodes that die, or graceful restart for speakers that restart. Where both are meant, check on the router what a BFD failure does to a neighbour that restarts gracefully.',
  summary: 'a peer has BFD and graceful restart, which want opposite things',
  why: `Graceful restart asks the router to keep the routes when the session goes; BFD asks it to drop them at once. When a node dies, a router that puts graceful restart first keeps sending to it for the restart time (120 s is
usual), whatever BFD says; one that puts BFD first drops the routes when a speaker restarts together with its BFD. Routers differ (RFC 5882 section 4.3).`,
  fires: [
    manifest(
      metallb('BFDProfile', 'fast', 'transmitInterval: 300'),
      peer('router-a', 'peerAddress: 10.0.0.1\nbfdProfile: fast\nenableGracefulRestart: true'),
    ),
  ],
  silent: [
    peer('router-a', 'peerAddress: 10.0.0.1\nenableGracefulRestart: true'),
    manifest(
      metallb('BFDProfile', 'fast', 'transmitInterval: 300'),
      peer('router-a', 'peerAddress: 10.0.0.1\nbfdProfile: fast'),
    ),
  ],
  check: ({ snapshot: { config } }) =>
    config.peers
      .filter(({ bfdProfile, enableGracefulRestart }) => bfdProfile !== null && enableGracefulRestart)
      .map(({ name, bfdProfile }) => ({
        object: { kind: 'BGPPeer', name },
        path: ['spec', 'enableGracefulRestart'],
        message: `graceful restart asks the router to keep the routes when the session goes, and BFD (profile "${bfdProfile}") to drop them: what it does for a node that dies is the router's choice`,
      })),
};
