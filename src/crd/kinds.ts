/** The kinds of the API group metallb.io, and their CustomResourceDefinitions. A new kind is one entry here and its schemas. */
import type * as z from 'zod/mini';
import { AdvertisementStatus, BGPAdvertisementSpec, L2AdvertisementSpec } from './advertisement.ts';
import { BFDProfileSpec, BFDProfileStatus } from './bfd-profile.ts';
import { BGPPeerSpec, BGPPeerStatus, BGPPeerV1Beta1Spec } from './bgp-peer.ts';
import { CommunitySpec, CommunityStatus } from './community.ts';
import { ConfigurationStateStatus } from './configuration-state.ts';
import { IPAddressPoolSpec, IPAddressPoolStatus } from './ip-address-pool.ts';
import * as columns from './printer-columns.ts';
import { EmptySpec, ServiceBGPStatusStatus, ServiceL2StatusStatus } from './service-status.ts';
import { SpeakerStatusStatus } from './speaker-status.ts';

/** A version of a kind. */
export interface CrdVersion {
  readonly name: string;
  /** What a client that uses it is warned of; null where it is not deprecated. */
  readonly deprecationWarning: string | null;
  /** Null: the kind has a status alone. */
  readonly spec: z.ZodMiniType | null;
  readonly status: z.ZodMiniType;
}

/** A kind: what its CRD is made of. */
export interface CrdKind {
  readonly kind: string;
  readonly plural: string;
  readonly description: string;
  /** Written by users, and so in `kubectl get all` and `kubectl get metallb`; the others are written by controller and speakers. */
  readonly configuration: boolean;
  readonly specRequired: boolean;
  readonly columns: readonly columns.PrinterColumn[];
  /** The last one is stored; all are served. */
  readonly versions: readonly CrdVersion[];
}

const version = (spec: z.ZodMiniType | null, status: z.ZodMiniType, name = 'v1beta1'): CrdVersion => ({
  name,
  deprecationWarning: null,
  spec,
  status,
});

export const CRD_KINDS: readonly CrdKind[] = [
  {
    kind: 'BFDProfile',
    plural: 'bfdprofiles',
    description: 'How a BFD session is that watches a BGP session.',
    configuration: true,
    specRequired: false,
    columns: columns.BFD_PROFILE_COLUMNS,
    versions: [version(BFDProfileSpec, BFDProfileStatus)],
  },
  {
    kind: 'BGPAdvertisement',
    plural: 'bgpadvertisements',
    description: 'Advertises the addresses of Services over BGP.',
    configuration: true,
    specRequired: false,
    columns: columns.BGP_ADVERTISEMENT_COLUMNS,
    versions: [version(BGPAdvertisementSpec, AdvertisementStatus)],
  },
  {
    kind: 'BGPPeer',
    plural: 'bgppeers',
    description: 'A router that the nodes have a BGP session with.',
    configuration: true,
    specRequired: false,
    columns: columns.PEER_COLUMNS,
    versions: [
      {
        ...version(BGPPeerV1Beta1Spec, BGPPeerStatus),
        deprecationWarning: 'v1beta1 is deprecated, please use v1beta2',
      },
      version(BGPPeerSpec, BGPPeerStatus, 'v1beta2'),
    ],
  },
  {
    kind: 'Community',
    plural: 'communities',
    description: 'Names for BGP communities, which BGPAdvertisements use.',
    configuration: true,
    specRequired: false,
    columns: columns.COMMUNITY_COLUMNS,
    versions: [version(CommunitySpec, CommunityStatus)],
  },
  {
    kind: 'ConfigurationState',
    plural: 'configurationstates',
    description: 'Says whether the controller, or the speaker of a node, can use the configuration.',
    configuration: false,
    specRequired: false,
    columns: columns.CONFIGURATION_STATE_COLUMNS,
    versions: [version(null, ConfigurationStateStatus)],
  },
  {
    kind: 'IPAddressPool',
    plural: 'ipaddresspools',
    description: 'Addresses that LoadBalancer Services are given.',
    configuration: true,
    specRequired: true,
    columns: columns.POOL_COLUMNS,
    versions: [version(IPAddressPoolSpec, IPAddressPoolStatus)],
  },
  {
    kind: 'L2Advertisement',
    plural: 'l2advertisements',
    description: 'Announces the addresses of Services by ARP and NDP.',
    configuration: true,
    specRequired: false,
    columns: columns.L2_ADVERTISEMENT_COLUMNS,
    versions: [version(L2AdvertisementSpec, AdvertisementStatus)],
  },
  {
    kind: 'ServiceBGPStatus',
    plural: 'servicebgpstatuses',
    description: 'Says to which BGP peers a node announces a Service.',
    configuration: false,
    specRequired: false,
    columns: columns.SERVICE_BGP_STATUS_COLUMNS,
    versions: [version(EmptySpec, ServiceBGPStatusStatus)],
  },
  {
    kind: 'ServiceL2Status',
    plural: 'servicel2statuses',
    description: 'Says which node answers ARP and NDP for a Service.',
    configuration: false,
    specRequired: false,
    columns: columns.SERVICE_L2_STATUS_COLUMNS,
    versions: [version(EmptySpec, ServiceL2StatusStatus)],
  },
  {
    kind: 'SpeakerStatus',
    plural: 'speakerstatuses',
    description: 'metallb-ts: says how the BGP sessions of a node are; written by its speaker, named like the node.',
    configuration: false,
    specRequired: false,
    columns: columns.SPEAKER_STATUS_COLUMNS,
    versions: [version(null, SpeakerStatusStatus)],
  },
];
