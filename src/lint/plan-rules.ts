/** What the plan itself finds (plan/not-announced.ts, plan/merged-local-pref.ts): the words about it. */
import { MERGED_LOCAL_PREF } from '../plan/merged-local-pref.ts';
import { SERVICE_NOT_ANNOUNCED } from '../plan/not-announced.ts';
import { bgp, endpoints, manifest, node, peer, pool, service } from './example.ts';
import type { DocumentedRule } from './rule.ts';

const POOL = pool('web', 'addresses: [192.0.2.0/24]');
const NODE = node('node1', '10.0.0.11');
const LOCAL = service('shop', 'externalTrafficPolicy: Local');

/** An internal peer, and two advertisements that each are for one tier of Services. */
const TIERS = manifest(
  POOL,
  peer('router-a', 'myASN: 64512\npeerAddress: 10.0.0.1'),
  bgp('gold', 'serviceSelectors: [{ matchLabels: { tier: gold } }]\nlocalPref: 200'),
  bgp('iron', 'serviceSelectors: [{ matchLabels: { tier: iron } }]\nlocalPref: 100'),
  NODE,
  endpoints('gold', 'node1'),
  endpoints('iron', 'node1'),
);

const ofTier = (tier: string, ports: string, annotations: string): string =>
  service(tier, `ports: ${ports}`, annotations).replace(
    'namespace: default',
    `namespace: default\n  labels: { tier: ${tier} }`,
  );

export const PLAN_RULES: readonly DocumentedRule[] = [
  {
    name: SERVICE_NOT_ANNOUNCED,
    severity: 'warning',
    help: 'The reasons in the message say what to change; metallb plan shows them node by node.',
    summary: 'a Service has an address, and no node announces it',
    why: `Its status looks well, and nobody can reach it. The message counts the reasons by node: no advertisement selects the node, no session, the node is
excluded, no endpoint can serve. Where it only lacks endpoints it is an info: it is announced as soon as one can serve.`,
    fires: [
      manifest(
        POOL,
        peer('router-a', 'peerAddress: 10.0.0.1'),
        bgp('web', 'ipAddressPools: [web]'),
        node('node1', '10.0.0.11', 'node.kubernetes.io/exclude-from-external-load-balancers: ""'),
        node('node2', '10.0.0.12'),
        LOCAL,
        endpoints('shop', 'node1'),
      ),
    ],
    silent: [
      manifest(
        POOL,
        peer('router-a', 'peerAddress: 10.0.0.1'),
        bgp('web', 'ipAddressPools: [web]'),
        NODE,
        LOCAL,
        endpoints('shop', 'node1'),
      ),
    ],
  },
  {
    name: MERGED_LOCAL_PREF,
    severity: 'warning',
    help: 'A prefix has one LOCAL_PREF: give the advertisements the same localPref, or aggregation lengths that keep the Services apart.',
    summary: 'Services that share a prefix are advertised to an internal peer with different localPrefs',
    why: `Two Services can come to the same prefix by sharing an address. Where advertisements with serviceSelectors give them different localPrefs, only
one can be sent for the prefix: the highest, for both Services.`,
    fires: [
      manifest(
        TIERS,
        ofTier('gold', '[{ port: 80 }]', 'metallb.io/allow-shared-ip: web'),
        ofTier('iron', '[{ port: 443 }]', 'metallb.io/allow-shared-ip: web'),
      ),
    ],
    silent: [manifest(TIERS, ofTier('gold', '[{ port: 80 }]', ''), ofTier('iron', '[{ port: 443 }]', ''))],
  },
];
