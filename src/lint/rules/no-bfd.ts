/** A session without BFD: the guide's "Enable BFD", as a number. */
import { manifest, metallb, peer } from '../example.ts';
import type { LintRule } from '../rule.ts';

/** Below this the hold time is itself a fast failure detector; above the default it is slow-failover's. */
const FAST_HOLD = 9;
const DEFAULT_HOLD = 90;

export const noBfd: LintRule = {
  name: 'no-bfd',
  severity: 'info',
  help: 'Name a BFDProfile in spec.bfdProfile and enable BFD on the router (300 ms three times is usual), or lower the hold time.',
  summary: 'a dead node draws traffic for the whole hold time, because there is no BFD',
  why: `When a node loses power or its link, nobody withdraws its routes: the router goes on sending to it until the hold time is over, 90 s by default, and with ECMP every Service loses that node's share of
its connections for as long. BFD notices within a second. Both sides may lower the hold time that is agreed on.`,
  fires: [peer('router-a', 'peerAddress: 10.0.0.1')],
  silent: [
    manifest(
      metallb('BFDProfile', 'fast', 'transmitInterval: 300'),
      peer('router-a', 'peerAddress: 10.0.0.1\nbfdProfile: fast'),
    ),
    peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 9s\nkeepaliveTime: 3s'),
  ],
  check: ({ snapshot: { config } }) =>
    config.peers
      .filter((one) => one.bfdProfile === null)
      .filter(({ holdTimeSeconds }) => holdTimeSeconds > FAST_HOLD && holdTimeSeconds <= DEFAULT_HOLD)
      .map(({ name, holdTimeSeconds }) => ({
        object: { kind: 'BGPPeer', name },
        path: ['spec', 'holdTime'],
        message: `a node that dies draws traffic for up to ${holdTimeSeconds} s: that is the hold time, and no BFD notices it earlier`,
      })),
};
