/** BFD that a busy node cannot keep up with. */

import { detectionMsOf, durationText } from '../../plan/failover.ts';
import { manifest, metallb, peer } from '../example.ts';
import type { LintRule } from '../rule.ts';

const FAST_MS = 150;

export const bfdVeryFast: LintRule = {
  name: 'bfd-very-fast',
  severity: 'warning',
  help: 'Use 300 ms three times, or 100 ms three times where the nodes are known to keep up.',
  summary: 'BFD takes a node for dead after less than 150 ms',
  why: `A node that is short of CPU, a virtual machine that is moved, or a router that runs BFD in software misses some packets now and then. Each time the router withdraws every route of the node, and ECMP moves the
connections of all Services.`,
  fires: [
    manifest(
      metallb('BFDProfile', 'extreme', 'transmitInterval: 20\nreceiveInterval: 20\ndetectMultiplier: 3'),
      peer('router-a', 'peerAddress: 10.0.0.1\nbfdProfile: extreme'),
    ),
  ],
  silent: [
    manifest(
      metallb('BFDProfile', 'fast', 'transmitInterval: 100\nreceiveInterval: 100\ndetectMultiplier: 3'),
      peer('router-a', 'peerAddress: 10.0.0.1\nbfdProfile: fast'),
    ),
  ],
  check: ({ snapshot: { config } }) =>
    config.bfdProfiles
      .filter((profile) => config.peers.some(({ bfdProfile }) => bfdProfile === profile.name))
      .filter((profile) => detectionMsOf(profile) < FAST_MS)
      .map((profile) => ({
        object: { kind: 'BFDProfile', name: profile.name },
        path: ['spec', 'transmitInterval'],
        message: `a router that supports it takes a node for dead after ${durationText(detectionMsOf(profile))} without a packet`,
      })),
};
