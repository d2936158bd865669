/** The rules of lint, in the order in which they are reported. */
import type { LintRule } from './rule.ts';
import { addressNotKept } from './rules/address-not-kept.ts';
import { deprecatedAnnotation } from './rules/deprecated-annotation.ts';
import { localPrefOnEbgp } from './rules/local-pref-on-ebgp.ts';
import { nextHopMissing } from './rules/next-hop-missing.ts';
import { noAdvertise } from './rules/no-advertise.ts';
import { noExport } from './rules/no-export.ts';
import { nodeSelectorsAllAny } from './rules/node-selectors-all-any.ts';
import { peerNotOnNodeSubnet } from './rules/peer-not-on-node-subnet.ts';
import { poolNotAdvertised } from './rules/pool-not-advertised.ts';
import { servicePending } from './rules/service-pending.ts';
import { singlePeer } from './rules/single-peer.ts';
import { supersededPeer } from './rules/superseded-peer.ts';
import { unknownPeer } from './rules/unknown-peer.ts';
import { unknownPool } from './rules/unknown-pool.ts';
import { unusedBfdProfile } from './rules/unused-bfd-profile.ts';
import { unusedCommunity } from './rules/unused-community.ts';

export const LINT_RULES: readonly LintRule[] = [
  servicePending,
  addressNotKept,
  unknownPool,
  unknownPeer,
  poolNotAdvertised,
  localPrefOnEbgp,
  nodeSelectorsAllAny,
  supersededPeer,
  nextHopMissing,
  noAdvertise,
  noExport,
  peerNotOnNodeSubnet,
  singlePeer,
  unusedBfdProfile,
  unusedCommunity,
  deprecatedAnnotation,
];
