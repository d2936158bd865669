/** A hold time, or a BFD profile, that lets a dead node draw traffic beyond any budget. */

import { detectionMsOf, durationText } from '../../plan/failover.ts';
import { manifest, metallb, peer } from '../example.ts';
import type { LintRule, RuleFinding } from '../rule.ts';
import { few } from '../words.ts';

/** The default of RFC 4271 section 10 and of MetalLB: whoever goes beyond it hardly means to. */
const HOLD_BUDGET = 90;
const BFD_BUDGET_MS = 3000;

export const slowFailover: LintRule = {
  name: 'slow-failover',
  severity: 'warning',
  help: 'Lower the hold time (90 s is the default, the keepalive time a third of it) or use BFD; for BFD, 300 ms three times is usual.',
  summary: 'a dead node draws traffic for longer than 90 s, or than 3 s with BFD',
  why: `How long a router sends to a node that has died is the hold time without BFD, and Detect Mult times the transmit interval with it. FRR's traditional defaults hold for 180 s; a BFD profile of some
seconds costs packets and hardly helps, and one that is slower than the hold time helps nothing.`,
  fires: [
    peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 180s\nkeepaliveTime: 60s'),
    manifest(
      metallb('BFDProfile', 'slow', 'transmitInterval: 5000\nreceiveInterval: 5000\ndetectMultiplier: 10'),
      peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 30s\nbfdProfile: slow'),
    ),
  ],
  silent: [
    peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 90s'),
    manifest(
      metallb('BFDProfile', 'fast', 'transmitInterval: 300\nreceiveInterval: 300'),
      peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 180s\nbfdProfile: fast'),
    ),
  ],
  check: ({ snapshot: { config } }) => {
    const { peers, bfdProfiles } = config;
    const holding = peers
      .filter((one) => one.holdTimeSeconds > HOLD_BUDGET && one.bfdProfile === null)
      .map(
        ({ name, holdTimeSeconds }): RuleFinding => ({
          object: { kind: 'BGPPeer', name },
          path: ['spec', 'holdTime'],
          message: `a node that dies draws traffic for up to ${holdTimeSeconds} s, unless the router asks for a shorter hold time`,
        }),
      );
    const detecting = bfdProfiles.flatMap((profile): RuleFinding[] => {
      const users = peers.filter(({ bfdProfile }) => bfdProfile === profile.name);
      const ms = detectionMsOf(profile);
      if (users.length === 0 || ms <= BFD_BUDGET_MS) return [];
      const faster = users.filter(({ holdTimeSeconds }) => holdTimeSeconds > 0 && holdTimeSeconds * 1000 <= ms);
      const beside =
        faster.length === 0 ? '' : `, no sooner than the hold time of ${few(faster.map(({ name }) => name))}`;
      return [
        {
          object: { kind: 'BFDProfile', name: profile.name },
          path: ['spec', profile.transmitIntervalMs === null ? 'detectMultiplier' : 'transmitInterval'],
          message: `BFD notices a dead node after ${durationText(ms)} at the earliest${beside}`,
        },
      ];
    });
    return [...holding, ...detecting];
  },
};
