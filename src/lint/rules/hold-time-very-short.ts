/** Hold times as a substitute for BFD. */
import { peer } from '../example.ts';
import type { LintRule } from '../rule.ts';

const SHORT = 9;

export const holdTimeVeryShort: LintRule = {
  name: 'hold-time-very-short',
  severity: 'info',
  help: 'Use BFD for fast detection and a hold time of 9 s or more.',
  summary: 'a hold time below 9 s makes sessions go down under load',
  why: `KEEPALIVEs go through TCP, and through the main loop of both daemons: one retransmission, a garbage collection or a busy route processor can cost more than the second or two that is left. Operators who use 3 s in
place of BFD report resets every day.`,
  fires: [peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 3s\nkeepaliveTime: 1s')],
  silent: [peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 9s\nkeepaliveTime: 3s')],
  check: ({ snapshot: { config } }) =>
    config.peers
      .filter(({ holdTimeSeconds }) => holdTimeSeconds > 0 && holdTimeSeconds < SHORT)
      .map(({ name, holdTimeSeconds }) => ({
        object: { kind: 'BGPPeer', name },
        path: ['spec', 'holdTime'],
        message: `a hold time of ${holdTimeSeconds} s leaves no room for a lost packet or a busy router`,
      })),
};
