/** Too few KEEPALIVEs for the hold time. */
import { peer } from '../example.ts';
import type { LintRule } from '../rule.ts';

export const keepaliveTooLong: LintRule = {
  name: 'keepalive-too-long',
  severity: 'warning',
  help: 'Use a third of the hold time, or leave keepaliveTime out, which means that.',
  summary: 'keepaliveTime is more than a third of the hold time',
  why: `A third is what RFC 4271 section 4.4 calls reasonable: two KEEPALIVEs can be late before the session goes. With half of the hold time or more a single one that is late ends it, and takes every route of the node
with it.`,
  fires: [peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 90s\nkeepaliveTime: 60s')],
  silent: [peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 90s\nkeepaliveTime: 10s')],
  check: ({ snapshot: { config } }) =>
    config.peers
      .filter(({ holdTimeSeconds, keepaliveSeconds }) => holdTimeSeconds > 0 && keepaliveSeconds * 3 > holdTimeSeconds)
      .map(({ name, holdTimeSeconds, keepaliveSeconds }) => ({
        object: { kind: 'BGPPeer', name },
        path: ['spec', 'keepaliveTime'],
        message: `a KEEPALIVE every ${keepaliveSeconds} s and a hold time of ${holdTimeSeconds} s: ${keepaliveSeconds * 2 > holdTimeSeconds ? 'one KEEPALIVE that is late ends the session' : 'two KEEPALIVEs that are late end the session'}`,
      })),
};
