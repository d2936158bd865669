/** BFD in which neither side may begin. */
import { manifest, metallb, peer } from '../example.ts';
import type { LintRule } from '../rule.ts';

export const bfdPassive: LintRule = {
  name: 'bfd-passive',
  severity: 'info',
  help: 'Make sure that the router is active (most are), or unset passiveMode.',
  summary: 'a BFD session waits for the router to begin',
  why: `With passiveMode a system sends nothing until it gets a packet (RFC 5880 section 6.1). If the router is passive too, or has BFD enabled but not for this neighbour, the BFD session never comes up, and nothing notices
a dead node before the hold time.`,
  fires: [
    manifest(
      metallb('BFDProfile', 'quiet', 'passiveMode: true'),
      peer('router-a', 'peerAddress: 10.0.0.1\nbfdProfile: quiet'),
    ),
  ],
  silent: [
    manifest(
      metallb('BFDProfile', 'fast', 'passiveMode: false'),
      peer('router-a', 'peerAddress: 10.0.0.1\nbfdProfile: fast'),
    ),
  ],
  check: ({ snapshot: { config } }) =>
    config.bfdProfiles
      .filter(({ name, passiveMode }) => passiveMode && config.peers.some(({ bfdProfile }) => bfdProfile === name))
      .map(({ name }) => ({
        object: { kind: 'BFDProfile', name },
        path: ['spec', 'passiveMode'],
        message: 'the nodes wait for the router to send the first BFD packet: it must be active',
      })),
};
