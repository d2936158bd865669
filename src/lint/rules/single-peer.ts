/** One router, and one failure takes every Service off the network (the guide's best practice 1). */
import { identityOf } from '../../announce/sessions.ts';
import { manifest, peer } from '../example.ts';
import { leftOut } from '../reference.ts';
import type { LintRule } from '../rule.ts';

export const singlePeer: LintRule = {
  name: 'single-peer',
  severity: 'info',
  help: 'Configure a second BGPPeer with another router for the same nodes.',
  summary: 'every Service depends on one router',
  why: `When the only router fails or restarts, every Service is cut off from the network, however many nodes announce it. With a second router for the same
nodes the failure of one costs what the other needs to notice it.`,
  fires: [peer('router-a', 'peerAddress: 10.0.0.1')],
  silent: [manifest(peer('router-a', 'peerAddress: 10.0.0.1'), peer('router-b', 'peerAddress: 10.0.0.2'))],
  check: (plan) => {
    const {
      snapshot: { config },
      views,
    } = plan;
    // One that was left out for its errors may be the second router.
    if (leftOut(plan, 'BGPPeer').size > 0) return [];
    const [only] = config.peers;
    if (only === undefined) return [];
    if (new Set(config.peers.map(identityOf)).size === 1)
      return [
        {
          object: { kind: 'BGPPeer', name: only.name },
          path: [],
          message: 'this is the only router: when it fails or restarts, every Service is cut off',
        },
      ];
    const alone = views.filter((view) => view.sessions.length === 1);
    if (alone.length === 0) return [];
    const names = alone.slice(0, 4).map((view) => view.node.name);
    return [
      {
        object: { kind: 'BGPPeer', name: alone[0]?.sessions[0]?.peer.name ?? only.name },
        path: ['spec', 'nodeSelectors'],
        message: `${names.join(', ')}${alone.length > names.length ? ` and ${alone.length - names.length} more` : ''} ${alone.length === 1 ? 'has' : 'have'} a session with one router only`,
      },
    ];
  },
};
