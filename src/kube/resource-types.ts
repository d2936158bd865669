/** The resources that controller and speaker read and write. */
import type { ResourceType } from './types.ts';

/** The `apiVersion` of its objects: `v1`, `metallb.io/v1beta1`. */
export const apiVersionOf = ({ group, version }: Pick<ResourceType, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`;

const core = (kind: string, plural: string, namespaced = true): ResourceType => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced,
});

const metallb = (kind: string, plural: string, version = 'v1beta1'): ResourceType => ({
  group: 'metallb.io',
  version,
  plural,
  kind,
  namespaced: true,
});

export const SERVICE = core('Service', 'services');
export const NODE = core('Node', 'nodes', false);
export const NAMESPACE = core('Namespace', 'namespaces', false);
export const SECRET = core('Secret', 'secrets');
export const POD = core('Pod', 'pods');
export const EVENT = core('Event', 'events');
export const ENDPOINT_SLICE: ResourceType = {
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
  namespaced: true,
};
export const LEASE: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};

export const IP_ADDRESS_POOL = metallb('IPAddressPool', 'ipaddresspools');
export const BGP_PEER = metallb('BGPPeer', 'bgppeers', 'v1beta2');
export const BGP_ADVERTISEMENT = metallb('BGPAdvertisement', 'bgpadvertisements');
export const L2_ADVERTISEMENT = metallb('L2Advertisement', 'l2advertisements');
export const COMMUNITY = metallb('Community', 'communities');
export const BFD_PROFILE = metallb('BFDProfile', 'bfdprofiles');
/** Written by the speakers: one per Service and node. */
export const SERVICE_BGP_STATUS = metallb('ServiceBGPStatus', 'servicebgpstatuses');
export const SERVICE_L2_STATUS = metallb('ServiceL2Status', 'servicel2statuses');
/** `controller`, and `speaker-NODE` of each speaker. */
export const CONFIGURATION_STATE = metallb('ConfigurationState', 'configurationstates');
/** Ours: what the speaker of a node knows of its sessions, by the node's name (docs/decisions.md 23). */
export const SPEAKER_STATUS = metallb('SpeakerStatus', 'speakerstatuses');

/** The kinds that a configuration is made of. */
export const CONFIG_KINDS: readonly ResourceType[] = [
  IP_ADDRESS_POOL,
  BGP_PEER,
  BGP_ADVERTISEMENT,
  L2_ADVERTISEMENT,
  COMMUNITY,
  BFD_PROFILE,
];
