/** Section 5: layer 2, as far as it is decided. */
import { election, layer2, layer2Plan } from './files.ts';
import { type BehaviourRule, section } from './rule.ts';

const elected = section('5.1');
const interfaces = section('5.2');

export const SECTION_5: readonly BehaviourRule[] = [
  elected.same(
    'No endpoint that can serve: notOwner, before everything else',
    layer2('is nobody where no endpoint can serve, and that comes before everything else'),
  ),
  elected.same(
    'Advertisements count whose serviceSelectors match',
    layer2('count only where one of their serviceSelectors matches the Service'),
  ),
  elected.same(
    'allow-shared-ip, in either spelling and be it empty, with serviceSelectors: nobody',
    layer2('with serviceSelectors are for no Service with the annotation %s: %j'),
  ),
  elected.same(
    'No advertisement selects the node: noMatchingAdvertisement',
    layer2('restrict the candidates to the nodes that any of them selects'),
  ),
  elected.same(
    'Candidates have a network and no exclude label, unless that is disregarded',
    layer2('is no node with the exclude label, unless told to disregard it, and none without a network'),
  ),
  elected.same(
    'Candidates are selected by any matching advertisement',
    layer2('restrict the candidates to the nodes that any of them selects'),
  ),
  elected.same(
    'With Local they have an endpoint that can serve',
    layer2('is a node that has an endpoint, where externalTrafficPolicy is Local'),
  ),
  elected.same(
    'The highest score first',
    layer2('prefer nodes by the sum of their weights, over all of them'),
    election('takes the highest score first, and the hash among equals'),
  ),
  elected.same(
    'Then SHA-256 of node#address, ascending',
    election("orders nodes for %s as MetalLB's hash does"),
    election('is the first of the order, whatever the order of the candidates'),
  ),
  elected.same(
    'The first address decides for both',
    layer2('is decided by the first address alone, so that both of a Service are on one node'),
    layer2Plan('have one node for all addresses of a Service, and a reason for each of the others'),
  ),
  elected.same(
    'A node that has not won moves nothing when it goes',
    election('moves nothing when somebody who has not won goes'),
    layer2('moves nothing when another node goes'),
  ),
  elected.same(
    'Every node but the winner: notOwner',
    layer2('is one node, the first by hash, and the others are not the owner'),
    layer2Plan('has exactly one answer for each Service that layer 2 announces, and a reason on every other node'),
  ),
  elected.out(
    'Who is alive: memberlist',
    'every Node that is given runs a live speaker (docs/offline-commands.md); the failure detector is a later issue (docs/decisions.md 14)',
  ),
  elected.out('--l2-sticky', 'comes with the layer 2 engine (docs/decisions.md 14)'),

  interfaces.same(
    'The union of the interfaces of the advertisements that select the node; one without means all',
    layer2('unite their interfaces on the node, and one without any means all'),
  ),
  interfaces.same(
    'Services that share an address have the interfaces of all',
    layer2Plan('are one where Services share an address, with what the advertisements of all of them say'),
  ),
  interfaces.out('Excluded interfaces, the scan, who can carry ARP and NDP', 'the layer 2 engine is a later issue'),
  section('5.3 to 5.6').out('ARP, NDP, gratuitous announcements, memberlist', 'the layer 2 engine is a later issue'),
];
