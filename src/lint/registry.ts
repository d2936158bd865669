/** The rules of lint, in the order in which they are reported: Services, pools, references and selectors, advertisements, peers, timers, the rest. */
import type { LintRule } from './rule.ts';
import { addressNotKept } from './rules/address-not-kept.ts';
import { advertisementShadowed } from './rules/advertisement-shadowed.ts';
import { advertisementWithoutSession } from './rules/advertisement-without-session.ts';
import { annotationWithoutEffect } from './rules/annotation-without-effect.ts';
import { bfdPassive } from './rules/bfd-passive.ts';
import { bfdVeryFast } from './rules/bfd-very-fast.ts';
import { bfdWithGracefulRestart } from './rules/bfd-with-graceful-restart.ts';
import { blackholeCommunity } from './rules/blackhole-community.ts';
import { buggyAddresses } from './rules/buggy-addresses.ts';
import { deprecatedAnnotation } from './rules/deprecated-annotation.ts';
import { dualStackIncomplete } from './rules/dual-stack-incomplete.ts';
import { ecmpWiderThanRouter } from './rules/ecmp-wider-than-router.ts';
import { frrExtras } from './rules/frr-extras.ts';
import { gracefulShutdownCommunity } from './rules/graceful-shutdown-community.ts';
import { holdTimeVeryShort } from './rules/hold-time-very-short.ts';
import { holdTimeZero } from './rules/hold-time-zero.ts';
import { ipvsWithoutStrictArp } from './rules/ipvs-without-strict-arp.ts';
import { k3sServiceLb } from './rules/k3s-service-lb.ts';
import { keepaliveTooLong } from './rules/keepalive-too-long.ts';
import { layer2AndBgp } from './rules/layer2-and-bgp.ts';
import { layer2InterfacesWithoutNodes } from './rules/layer2-interfaces-without-nodes.ts';
import { layer2PoolNotOnSubnet } from './rules/layer2-pool-not-on-subnet.ts';
import { layer2SharingWithServiceSelectors } from './rules/layer2-sharing-with-service-selectors.ts';
import { legacyConfigMap } from './rules/legacy-config-map.ts';
import { localEndpointsNotAnnounced } from './rules/local-endpoints-not-announced.ts';
import { localPrefOnEbgp } from './rules/local-pref-on-ebgp.ts';
import { localWithAggregation } from './rules/local-with-aggregation.ts';
import { namespaceMatchesNothing } from './rules/namespace-matches-nothing.ts';
import { nextHopMissing } from './rules/next-hop-missing.ts';
import { noAdvertise } from './rules/no-advertise.ts';
import { noBfd } from './rules/no-bfd.ts';
import { noExport } from './rules/no-export.ts';
import { nodeSelectorMatchesNothing } from './rules/node-selector-matches-nothing.ts';
import { nodeSelectorsAllAny } from './rules/node-selectors-all-any.ts';
import { nodesExcluded } from './rules/nodes-excluded.ts';
import { peerIsOwnNode } from './rules/peer-is-own-node.ts';
import { peerNotOnNodeSubnet } from './rules/peer-not-on-node-subnet.ts';
import { peerWithoutAdvertisement } from './rules/peer-without-advertisement.ts';
import { poolFamilyWithoutSession } from './rules/pool-family-without-session.ts';
import { poolHostBits } from './rules/pool-host-bits.ts';
import { poolNearlyExhausted } from './rules/pool-nearly-exhausted.ts';
import { poolNeverUsed } from './rules/pool-never-used.ts';
import { poolNotAdvertised } from './rules/pool-not-advertised.ts';
import { poolNotRoutable } from './rules/pool-not-routable.ts';
import { poolOverlapsNode } from './rules/pool-overlaps-node.ts';
import { poolOverlapsPodCidr } from './rules/pool-overlaps-pod-cidr.ts';
import { poolOverlapsRouter } from './rules/pool-overlaps-router.ts';
import { poolOverlapsServiceCidr } from './rules/pool-overlaps-service-cidr.ts';
import { poolSelectorMatchesNothing } from './rules/pool-selector-matches-nothing.ts';
import { poolVeryLarge } from './rules/pool-very-large.ts';
import { poolWithoutAddresses } from './rules/pool-without-addresses.ts';
import { prependOnIbgp } from './rules/prepend-on-ibgp.ts';
import { reservedAsn } from './rules/reserved-asn.ts';
import { routerIdClash } from './rules/router-id-clash.ts';
import { sameAddressRequested } from './rules/same-address-requested.ts';
import { servicePending } from './rules/service-pending.ts';
import { serviceSelectorMatchesNothing } from './rules/service-selector-matches-nothing.ts';
import { sharingNeverWorks } from './rules/sharing-never-works.ts';
import { singlePeer } from './rules/single-peer.ts';
import { slowFailover } from './rules/slow-failover.ts';
import { supersededPeer } from './rules/superseded-peer.ts';
import { unknownAnnotation } from './rules/unknown-annotation.ts';
import { unknownPeer } from './rules/unknown-peer.ts';
import { unknownPool } from './rules/unknown-pool.ts';
import { unusedBfdProfile } from './rules/unused-bfd-profile.ts';
import { unusedCommunity } from './rules/unused-community.ts';

export const LINT_RULES: readonly LintRule[] = [
  servicePending,
  addressNotKept,
  sameAddressRequested,
  sharingNeverWorks,
  dualStackIncomplete,
  annotationWithoutEffect,
  unknownAnnotation,
  deprecatedAnnotation,
  localEndpointsNotAnnounced,
  localWithAggregation,
  poolNotAdvertised,
  poolHostBits,
  poolOverlapsNode,
  poolOverlapsRouter,
  poolOverlapsServiceCidr,
  poolOverlapsPodCidr,
  poolNotRoutable,
  poolVeryLarge,
  poolWithoutAddresses,
  poolNearlyExhausted,
  poolNeverUsed,
  poolFamilyWithoutSession,
  nextHopMissing,
  buggyAddresses,
  layer2PoolNotOnSubnet,
  layer2AndBgp,
  unknownPool,
  unknownPeer,
  poolSelectorMatchesNothing,
  nodeSelectorMatchesNothing,
  serviceSelectorMatchesNothing,
  namespaceMatchesNothing,
  nodeSelectorsAllAny,
  nodesExcluded,
  localPrefOnEbgp,
  prependOnIbgp,
  noAdvertise,
  noExport,
  blackholeCommunity,
  gracefulShutdownCommunity,
  advertisementShadowed,
  advertisementWithoutSession,
  layer2InterfacesWithoutNodes,
  layer2SharingWithServiceSelectors,
  supersededPeer,
  peerWithoutAdvertisement,
  peerNotOnNodeSubnet,
  peerIsOwnNode,
  reservedAsn,
  routerIdClash,
  singlePeer,
  ecmpWiderThanRouter,
  holdTimeZero,
  slowFailover,
  noBfd,
  holdTimeVeryShort,
  keepaliveTooLong,
  bfdVeryFast,
  bfdPassive,
  bfdWithGracefulRestart,
  unusedBfdProfile,
  unusedCommunity,
  frrExtras,
  legacyConfigMap,
  ipvsWithoutStrictArp,
  k3sServiceLb,
];
