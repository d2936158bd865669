/** More announcers than the router can share the traffic among. */
import { EXCLUDE_LABEL } from '../../announce/eligibility.ts';
import { manifest, node, peer } from '../example.ts';
import type { LintRule } from '../rule.ts';

/** On a BGPPeer: how many equal paths the router uses (maximum-paths). Nothing else reads it. */
export const MAX_PATHS_ANNOTATION = 'metallb.io/router-max-paths';

const LIMITED = peer('router-a', 'peerAddress: 10.0.0.1').replace(
  'namespace: metallb-system }',
  `namespace: metallb-system, annotations: { ${MAX_PATHS_ANNOTATION}: "2" } }`,
);
const NODES = ['node1', 'node2', 'node3'].map((name, i) => node(name, `10.0.0.1${i + 1}`));

export const ecmpWiderThanRouter: LintRule = {
  name: 'ecmp-wider-than-router',
  severity: 'warning',
  help: 'Raise maximum-paths on the router and correct the annotation, or let fewer nodes announce (nodeSelectors of the peer or of the advertisements).',
  summary: 'more nodes announce to a router than it shares traffic among',
  why: `A router installs at most so many equal paths for a prefix (maximum-paths; one only on Cisco IOS-XE unless it is configured). The other nodes announce and get no traffic, and which ones they are changes
whenever a session comes or goes. Nothing in a manifest says what the router can do, so this rule looks only at peers that have the annotation
${MAX_PATHS_ANNOTATION}.`,
  fires: [manifest(LIMITED, ...NODES)],
  silent: [manifest(LIMITED, ...NODES.slice(0, 2)), manifest(peer('router-a', 'peerAddress: 10.0.0.1'), ...NODES)],
  check: ({ snapshot: { config }, views, options }, objects) =>
    config.peers.flatMap((one) => {
      const text = objects.get('BGPPeer', options.namespace, one.name)?.metadata.annotations[MAX_PATHS_ANNOTATION];
      if (text === undefined) return [];
      const at = {
        object: { kind: 'BGPPeer', name: one.name },
        path: ['metadata', 'annotations', MAX_PATHS_ANNOTATION],
      };
      const limit = Number(text);
      if (!/^[0-9]+$/.test(text) || limit < 1)
        return [
          { ...at, message: `"${text}" is no number of paths`, help: 'Write how many equal paths the router uses.' },
        ];
      const announcers = views.filter(
        ({ node: { labels }, sessions }) =>
          sessions.some(({ peer }) => peer === one) &&
          (options.ignoreExcludeLB || !Object.hasOwn(labels, EXCLUDE_LABEL)),
      );
      if (announcers.length <= limit) return [];
      return [
        {
          ...at,
          message: `${announcers.length} nodes announce to this router, which shares the traffic among ${limit}: ${announcers.length - limit} of them get none`,
        },
      ];
    }),
};
