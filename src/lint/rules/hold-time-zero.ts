/** A session that never times out. */
import { manifest, metallb, peer } from '../example.ts';
import type { LintRule } from '../rule.ts';

export const holdTimeZero: LintRule = {
  name: 'hold-time-zero',
  severity: 'warning',
  help: 'Remove holdTime (90 s is the default), or choose 3 s or more; with a hold time of 0 use BFD.',
  summary: 'a hold time of 0 and no BFD: a dead node draws traffic until TCP gives up',
  why: `With a hold time of 0 neither side sends KEEPALIVEs or misses them (RFC 4271 section 4.4). A router that sends nothing itself never notices that the node is gone, and keeps its routes for hours.`,
  fires: [peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 0s')],
  silent: [
    manifest(
      metallb('BFDProfile', 'fast', 'transmitInterval: 300'),
      peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 0s\nbfdProfile: fast'),
    ),
  ],
  check: ({ snapshot: { config } }) =>
    config.peers
      .filter((one) => one.holdTimeSeconds === 0 && one.bfdProfile === null)
      .map(({ name }) => ({
        object: { kind: 'BGPPeer', name },
        path: ['spec', 'holdTime'],
        message:
          'no timer and no BFD ever ends this session: a router that has nothing to send keeps the routes of a dead node',
      })),
};
