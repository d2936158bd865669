/** Section 2: the Service-side contract. */
import {
  allocator,
  allocatorRules,
  announceRules,
  clusterTests,
  deprecatedAnnotation,
  events,
  layer2,
  serviceRules,
  snapshots,
} from './files.ts';
import { type BehaviourRule, section } from './rule.ts';

const input = section('2.1');
const annotation = section('2.2');
const requested = section('2.3');
const sharing = section('2.4');
const event = section('2.5');
const order = section('2.6');
const keep = section('2.7');
const speaker = section('2.8');

const REFUSED = 'are refused: %s';
const SHARE = 'with %s';
const FAIL = 'fail where %s';

export const SECTION_2: readonly BehaviourRule[] = [
  input.same(
    'Only type LoadBalancer is handled',
    allocator('ignores what is not of type LoadBalancer or of another class'),
    allocatorRules('goes where the Service is of another type, and another gets it at once'),
  ),
  input.same(
    'Only Services of our loadBalancerClass are handled; the others are left alone',
    allocator('ignores what is not of type LoadBalancer or of another class'),
    allocatorRules('is left alone where the Service is of another class'),
  ),
  input.same(
    'The families are those of the cluster IPs',
    clusterTests('has the families of %j'),
    serviceRules('takes no policy for SingleStack, and the families from the cluster IPs'),
  ),
  input.same(
    'clusterIP: None is an error',
    serviceRules('takes no policy for SingleStack, and the families from the cluster IPs'),
  ),
  input.ours(
    'Without cluster IPs a Service is cleared',
    'in files its families follow ipFamilyPolicy and ipFamilies (docs/offline-commands.md)',
    clusterTests('has the families of %j', 'RequireDualStack'),
  ),
  input.same(
    'No ipFamilyPolicy is SingleStack',
    serviceRules('takes no policy for SingleStack, and the families from the cluster IPs'),
  ),
  input.same('spec.loadBalancerIP asks for one address', allocator('refuses both ways of asking at once')),
  input.same(
    'The status is what a Service has; host names in it do not count',
    serviceRules('takes addresses from the status alone: no host names, whatever stands beside them'),
    allocator('adopts before it serves, the oldest first among rivals'),
  ),
  input.same(
    'sessionAffinity, source ranges, health check port, internal policy, node ports, external IPs: not looked at',
    serviceRules('does not look at %j'),
  ),

  annotation.same(
    'address-pool: from this pool, autoAssign or not, serviceAllocation respected',
    allocator('takes a pool by annotation, in both spellings; an empty new one does not count'),
    allocatorRules('that %s'),
  ),
  annotation.same(
    'loadBalancerIPs: separated by commas, spaces around each allowed, none empty',
    allocatorRules('may have spaces around them, and are written as they were asked for'),
    allocator('refuses an address %s', 'with an empty item'),
  ),
  annotation.same(
    'loadBalancerIPs and spec.loadBalancerIP exclude each other',
    allocator('refuses both ways of asking at once'),
  ),
  annotation.same(
    'allow-shared-ip: the sharing key, an empty one shares with nobody',
    allocatorRules(SHARE, 'an empty key'),
  ),
  annotation.same(
    'All of them in the deprecated spelling too',
    allocator('takes a pool by annotation, in both spellings; an empty new one does not count'),
    allocatorRules('are asked for in the deprecated spelling too'),
    allocatorRules(SHARE, 'a key in the old spelling'),
  ),
  annotation.ours(
    'The new spelling wins where it exists, be it empty',
    'be it not empty (docs/decisions.md 10)',
    allocator('takes a pool by annotation, in both spellings; an empty new one does not count'),
  ),
  annotation.same(
    'A deprecated annotation gives a warning, when the Service is written to',
    events('tells of deprecated annotations, when the Service is written to'),
    deprecatedAnnotation('names the new spelling'),
  ),
  annotation.out(
    'ip-allocated-from-pool is written by the controller',
    'the controller is a later issue; the value is the pool of the allocation',
  ),
  annotation.ours(
    'Nothing narrows which endpoints count',
    'metallb.io/endpoint-policy does, if it is there (docs/decisions.md 25)',
    clusterTests('counts under policy %s'),
    snapshots('follows the endpoint policy of a Service, and warns of one that it does not know'),
  ),

  requested.same(
    'At most two addresses, of different families',
    allocatorRules(REFUSED, "'three'"),
    allocator('refuses an address %s', 'twice of one family'),
  ),
  requested.same(
    "They are of exactly the Service's families; one does not do for two",
    allocatorRules(REFUSED, 'one for a Service of two families'),
    allocatorRules(REFUSED, 'by the field, for two families'),
  ),
  requested.same('Both are of one pool', allocatorRules(REFUSED, 'of two pools')),
  requested.same('They are in some pool', allocator('refuses an address %s', 'in no pool')),
  requested.same('avoidBuggyIPs holds for them', allocator('refuses an address %s', 'that is avoided')),
  requested.same('serviceAllocation holds for them', allocatorRules('that %s')),
  requested.same(
    'Sharing rules hold for them',
    allocator('shares an address that is asked for by name, or says what is in the way'),
    allocator('never gives one address to two without permission'),
  ),
  requested.same(
    'The annotation address-pool must agree',
    allocatorRules(REFUSED, 'of another pool than the annotation names'),
  ),
  requested.same(
    'Another request gives the old address back, also where the new one cannot be had',
    allocatorRules('that change take the old address away, also where the new one cannot be had'),
  ),

  sharing.same(
    'The same key that is not empty, the same backends, no port in common',
    allocatorRules(SHARE, 'the same key and other ports'),
    allocatorRules(SHARE, 'another key'),
    allocatorRules(SHARE, 'no key'),
    allocatorRules(SHARE, 'the same port'),
  ),
  sharing.same('A port is its protocol and its number', allocatorRules(SHARE, 'the same port of another protocol')),
  sharing.same(
    'With Local the selectors are the backends, however they are written',
    allocatorRules(SHARE, 'Local with one selector, however it is written'),
    allocatorRules(SHARE, 'Local with a selector, and Cluster'),
  ),
  sharing.same(
    'Local with an empty selector goes with Cluster',
    allocatorRules(SHARE, 'Local with an empty selector, and Cluster'),
  ),
  sharing.same(
    'A Service alone on its address may change its key, one that shares may not',
    allocatorRules('lets a Service alone on its address change its key, and not one that shares it'),
  ),
  sharing.same(
    'The lowest address that fits is taken, shared or not',
    allocator('puts Services with one key and different ports on one address, the lowest that fits'),
    allocatorRules('never makes two share where an earlier address is free'),
  ),
  sharing.same(
    'On layer 2 Services that share an address are on one node',
    layer2('is the same for Services that share an address'),
  ),
  sharing.same(
    'A change of the key lets those that wait try again',
    allocatorRules('ends for the younger Service when it changes %s'),
  ),

  event.ours(
    'IPAllocated, ClearAssignment, AllocationFailed, AdditionalAssignFailed, deprecatedAnnotation',
    'the texts name pool, cause and remedy',
    events('tells which address came from which pool, and nothing of one that stays'),
    events('tells of an exhausted pool which it is, what is in use and what to do'),
    events('tells of a conflict who has the address and how to share it'),
    events('tells why an address is taken away, and which one comes instead'),
    events('tells of a second family that came, or why it did not'),
  ),
  event.out(
    'nodeAssigned, announceFailed; component names of the recorders',
    'written by the controller and the speaker in a cluster, a later issue',
  ),

  order.same(
    'Addresses of the status first, then requests, then the pool asked for, then any pool',
    allocator('adopts before it serves, the oldest first among rivals'),
    allocator('takes a pool by annotation, in both spellings; an empty new one does not count'),
  ),
  order.same(
    'RequireDualStack with one cluster IP waits',
    allocatorRules('says so where there is no cluster IP, or one of the two that it requires'),
  ),
  order.same(
    'Addresses of other families than the cluster IPs are cleared',
    allocatorRules('that changed take the address away'),
  ),
  order.same(
    'An address that is no longer allowed is cleared and replaced at once',
    allocator('clears and replaces an address %s'),
  ),
  order.same(
    'Another pool asked for, or another address: cleared',
    allocator('clears and replaces an address %s', 'of another pool than is asked for'),
    allocator('clears and replaces an address %s', 'other than is asked for'),
  ),
  order.same(
    'PreferDualStack gets its second family from the same pool',
    allocator('adds the missing family from the same pool, never from another'),
  ),
  order.ours(
    'PreferDualStack with one cluster IP flaps',
    'it has one address (row 1 of section 10)',
    allocatorRules('stay as they are: PreferDualStack with one cluster IP never gets a second address'),
  ),
  order.ours(
    'The status is sorted at the second look',
    'the order that was asked for stays (row 9 of section 10)',
    allocatorRules('stay in the order that was asked for, at every look again'),
  ),
  order.same(
    'Without pools everything waits',
    allocatorRules('goes where all pools are deleted, and the Service waits'),
  ),
  order.out('One PUT of status and annotation, retries, queues', 'the controller is a later issue'),

  keep.same(
    'Over a restart the addresses of the status stay, before anybody else is served',
    allocator('adopts before it serves, the oldest first among rivals'),
  ),
  keep.same(
    'A Service that goes or changes its type gives its address back, and others get it',
    allocatorRules('is served when another gives its address back'),
    allocatorRules('goes where the Service is of another type, and another gets it at once'),
  ),
  keep.same(
    'A pool that is deleted or shrinks: another address, or none',
    allocatorRules('%s', 'goes where the pool shrinks'),
    allocatorRules('%s', 'goes where the pool is deleted'),
  ),
  keep.same(
    'A pool that is renamed or split: the address stays',
    allocatorRules('%s', 'stays where the pool is renamed'),
    allocatorRules('%s', 'stays where the pool is split'),
  ),
  keep.same('All pools deleted: no address', allocatorRules('goes where all pools are deleted, and the Service waits')),
  keep.same('autoAssign turned off: the address stays', allocatorRules('%s', 'stays where autoAssign is turned off')),
  keep.same(
    'serviceAllocation no longer matches, also by a label of the namespace: another address',
    allocatorRules('is asked again of an address in a status: when a namespace loses its label, the address goes'),
  ),
  keep.same(
    'avoidBuggyIPs turned on: .0 and .255 go',
    allocatorRules('goes where avoidBuggyIPs is turned on and it ends in .0 or .255'),
  ),
  keep.ours(
    'A change that makes sharing impossible takes the address from the Service that changed',
    'in a whole plan from the younger one: the statuses do not say who changed',
    allocatorRules('ends for the younger Service when it changes %s'),
  ),
  keep.same(
    'An address outside of all pools is replaced',
    allocator('clears and replaces an address %s', 'outside of every pool'),
  ),

  speaker.same(
    'An endpoint serves where ready is true or unset, else where serving is; terminating does not matter',
    clusterTests('counts under policy %s'),
    serviceRules('counts an endpoint that terminates for as long as it serves, and none without an address'),
  ),
  speaker.same(
    'An endpoint has an address',
    serviceRules('counts an endpoint that terminates for as long as it serves, and none without an address'),
  ),
  speaker.ours(
    'EndpointSlices alone count',
    'Endpoints too where the Service has no selector and no slice, as the cluster mirrors them (docs/offline-commands.md)',
    snapshots('takes Endpoints where the Service has no selector and no slice'),
  ),
  speaker.same(
    'noMatchingAdvertisement: no advertisement selects the node',
    announceRules(FAIL, 'no advertisement selects the node'),
  ),
  speaker.same(
    'noMatchingAdvertisement: none that does is for the Service',
    announceRules(FAIL, 'no advertisement is for the Service'),
  ),
  speaker.same(
    'conflictingAdvertisements comes next',
    announceRules(FAIL, 'the advertisements differ in localPref towards an internal peer'),
  ),
  speaker.same('nodeNetworkUnavailable comes next', announceRules(FAIL, 'the network is not there')),
  speaker.same(
    'nodeLabeledExcludeBalancers comes next, by the presence of the label',
    announceRules(FAIL, 'the exclude label is there, whatever its value'),
  ),
  speaker.same(
    'noLocalEndpoints with Local, noEndpoints with Cluster',
    announceRules(FAIL, 'no endpoint is on the node, with Local'),
    announceRules(FAIL, 'no endpoint can serve'),
  ),
  speaker.same(
    'Cluster: any endpoint will do, wherever it is',
    announceRules('hold where any endpoint serves, be it elsewhere, with Cluster'),
  ),
  speaker.same('A cordon has no effect', announceRules('know no cordon: an unschedulable node announces')),
  speaker.out(
    'invalidIP, ipNotAllowed, loadBalancerIPChanged; a speaker that refuses a configuration without a pool',
    'a speaker in a cluster is a later issue; in a plan such an address is cleared (section 2.7)',
  ),
];
