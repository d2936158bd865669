/** Section 1: custom resources. */
import {
  advertisements,
  collect,
  communities,
  config,
  configRules,
  counters,
  layer2,
  planTests,
  ranges,
  selectors,
  sessions,
  timers,
} from './files.ts';
import { type BehaviourRule, section } from './rule.ts';

const common = section('1');
const pool = section('1.1');
const peer = section('1.2');
const oldPeer = section('1.3');
const bgp = section('1.4');
const l2 = section('1.5');
const community = section('1.6');
const bfd = section('1.7');

const POOL_FAULTS = 'refuses addresses %j';
const PEER_FAULTS = 'finds what is wrong in %j';
const HOLDS = 'hold %s and keepalive %s are %i s and %i s';
const BAD_TIMERS = 'refuses hold %s with keepalive %s';

export const SECTION_1: readonly BehaviourRule[] = [
  common.ours(
    'Only objects in the namespace of MetalLB count',
    'one elsewhere is left out with a warning; the webhook, which refuses it, is a later issue',
    collect('fills in the namespace of each kind, and passes over kinds of others silently'),
  ),
  common.same(
    'A list of selectors means any of them; inside of one everything must match; an empty one matches everything',
    selectors('%j on %j is %s'),
    selectors('%s of two selectors on %j is %s'),
  ),
  common.out(
    'Names, printer columns, categories, status subresource of the CRDs',
    'the CRD manifests are a later issue',
  ),

  pool.same(
    'At least one entry in addresses',
    configRules('refuses %j', "'error missing-field IPAddressPool/p spec.addresses'"),
  ),
  pool.same('Host bits of a CIDR are masked off', configRules('reads %s as MetalLB does', '192.168.1.10/24')),
  pool.same(
    'FIRST-LAST, with or without spaces around the dash',
    configRules('reads %s as MetalLB does', '192.168.1.240 - 192.168.1.250'),
  ),
  pool.same('A range is summarised to prefixes, ascending', ranges('is the summary that MetalLB makes of .240-.250')),
  pool.same('A bare address is refused', config(POOL_FAULTS, "['1.2.3.4']")),
  pool.same(
    'A space before a CIDR, and leading zeros, are refused',
    config(POOL_FAULTS, "[' 10.0.0.0/24']"),
    config(POOL_FAULTS, "['010.0.0.0/8']"),
  ),
  pool.same('An end before the start is refused', config(POOL_FAULTS, "['10.0.0.9-10.0.0.1']")),
  pool.ours(
    'A range from IPv4 to IPv6 is accepted and empty',
    'it is refused (row 3 of section 10)',
    config(POOL_FAULTS, "['1.2.3.4-fc00::1']"),
  ),
  pool.ours(
    'IPv4 mapped into IPv6 is taken for IPv4',
    'it is refused: written as IPv6 it is more likely a mistake',
    config(POOL_FAULTS, '::ffff:1.2.3.0/120'),
  ),
  pool.same(
    'fe80::/64 and 0.0.0.0/0 are accepted',
    configRules('reads %s as MetalLB does', 'fe80::/64'),
    configRules('reads %s as MetalLB does', '0.0.0.0/0'),
  ),
  pool.same('autoAssign is true where unset', configRules('takes autoAssign: null for true, and keeps false')),
  pool.same(
    'avoidBuggyIPs leaves out .0 and .255, of IPv4 only',
    counters('less .0 and .255: %s'),
    counters('of IPv6 fit into 64 bits: %s'),
  ),
  pool.same(
    'serviceAllocation: namespaces and selectors each once',
    configRules('refuses %j', 'serviceAllocation.namespaceSelectors[1]'),
  ),
  pool.same(
    'No range overlaps another, of the same pool or of another',
    config('finds every overlap that a comparison of all pairs finds'),
    configRules('refuses %j', 'overlapping-ranges'),
  ),
  pool.ours(
    'Two pools of one name are an error',
    'the later of two objects with one name wins, as with apply, with a warning',
    collect('lets the later of two with one name win, in its place, with a warning'),
  ),
  pool.ours(
    'A fault makes the whole configuration stale',
    'the object alone (docs/decisions.md 24)',
    configRules('never hides the others, nor stops what worked'),
  ),

  peer.same('myASN is demanded and not 0', config(PEER_FAULTS, '{ myASN: 0 }')),
  peer.same('AS numbers have 32 bits', configRules('takes the AS numbers that there are')),
  peer.same(
    'Exactly one of peerASN and dynamicASN',
    config('takes one of AS number and kind, and one of address and interface'),
    config(PEER_FAULTS, '{ peerASN: null }'),
  ),
  peer.same(
    'dynamicASN is internal or external',
    configRules('takes the AS numbers that there are'),
    config('takes another AS for the session, a kind of peer, and TTL security'),
  ),
  peer.same('localASN is from 1', config(PEER_FAULTS, '{ localASN: 0 }')),
  peer.same(
    'Exactly one of peerAddress and interface',
    config('takes one of AS number and kind, and one of address and interface'),
  ),
  peer.same('peerAddress is an address; host names are refused', config(PEER_FAULTS, 'router.example')),
  peer.same(
    'sourceAddress and routerID are addresses',
    configRules('refuses a sourceAddress or routerID that is no address'),
  ),
  peer.ours('routerID may be IPv6', 'it is refused (row 4 of section 10)', config(PEER_FAULTS, 'error ipv6-router-id')),
  peer.same(
    'peerPort is 179 where unset, and from 1 to 16384',
    config('has the defaults of its fields'),
    config(PEER_FAULTS, '{ peerPort: 16_385 }'),
  ),
  peer.same('connectTime is 1 s to 65535 s, in whole seconds', timers('reads %s', "['65536s', 65_536, 1]")),
  peer.same(
    'nodeSelectors, expressions and values each once',
    configRules('has each node selector, expression and value once'),
  ),
  peer.ours(
    'Of several nodeSelectors any is enough',
    'all must match, unless nodeSelectorsPolicy or --node-selectors says any (docs/decisions.md 1)',
    sessions('selects nodes by all selectors or by any, the peer before the process'),
  ),
  peer.ours(
    'password is the key itself',
    'it is the name of a Secret where there is one (docs/decisions.md 2)',
    config('takes password as the name of a Secret where that has the key, else as the key itself'),
  ),
  peer.ours(
    'passwordSecret is of type basic-auth',
    'Opaque as well (docs/decisions.md 3)',
    config('takes passwordSecret as a name, of a Secret of either type'),
  ),
  peer.same(
    'passwordSecret must exist, and have the key password',
    config('judges the key: case %#', 'error secret-not-found'),
  ),
  peer.same(
    'password and passwordSecret exclude each other',
    config('judges the key: case %#', 'error conflicting-fields'),
  ),
  peer.ours(
    'The value of a Secret is used as it is, a line break at its end included',
    'and that is said',
    config('judges the key: case %#', 'warning password-whitespace'),
  ),
  peer.ours(
    'bfdProfile must exist',
    'the session runs without it, with a warning',
    config('warns of a BFD profile that does not exist, and runs the session'),
  ),
  peer.same('ebgpMultiHop is not for internal peers', config(PEER_FAULTS, 'error ebgp-multihop-on-ibgp')),
  peer.ours(
    'disableMP has no effect, and skips every other check',
    'it skips none (row 10 of section 10)',
    configRules('judges the rest of a peer with disableMP'),
  ),
  peer.same('dualStackAddressFamily carries both families', sessions('knows the families and the type of a session')),
  peer.out('enableGracefulRestart cannot be changed', 'a rule of the CRD (CEL): the CRD manifests are a later issue'),
  peer.ours(
    'Both timers unset: 90 s, or the defaults of FRR',
    '90 s and a third (docs/decisions.md 22)',
    timers(HOLDS),
  ),
  peer.same(
    'holdTime alone: a third of it to keep alive; keepaliveTime alone: three times as much to hold',
    timers(HOLDS, "['1m', undefined, 60, 20]"),
  ),
  peer.same(
    'A hold time is 0 or at least 3 s',
    timers(BAD_TIMERS, "['2s', undefined"),
    timers(HOLDS, "['0s', undefined, 0, 0]"),
  ),
  peer.ours(
    '0.5 s is accepted and rounds to 0',
    'it is refused: 0 turns the timer off, and was not written',
    timers(BAD_TIMERS, "['500ms', undefined"),
  ),
  peer.same(
    'keepaliveTime is not above holdTime',
    timers(BAD_TIMERS, "['9s', '10s'"),
    timers(BAD_TIMERS, "['0s', '3s'"),
  ),
  peer.ours('20 h wraps around in the OPEN message', 'it is refused', timers(BAD_TIMERS, "['20h', undefined")),
  peer.ours(
    'Two peers that are the same in everything are an error',
    'peers of one router: one holds the session, the others are superseded (docs/decisions.md 17)',
    sessions('of several peers for one router: %s'),
  ),
  peer.out(
    'Fields that native or frr mode refuses; the same routerID and myASN on a node',
    'one engine has all of them (docs/decisions.md 7)',
  ),
  peer.out(
    'An IPv6 pool that reaches a peer with BFD echo mode is refused',
    'the echo function is about the address of the session, not about its routes; over IPv6 there is none, and the session says so',
  ),
  peer.same(
    'A faulty peer for other nodes does not break this one',
    configRules('never hides the others, nor stops what worked'),
  ),

  oldPeer.same(
    'v1beta1 is served, and deprecated',
    config('reads v1beta1, in which a zero is unset, and says that it is deprecated'),
  ),
  oldPeer.same(
    'peerAddress and peerASN are demanded; values of an expression are not empty',
    configRules('of v1beta1 needs an address and an AS number, and cannot say Exists'),
  ),
  oldPeer.same('peerPort 0 is 179', config('reads v1beta1, in which a zero is unset, and says that it is deprecated')),
  oldPeer.ours(
    'A v1beta1 peer without timers has hold time 0',
    'it has the default (row 5 of section 10)',
    configRules('of v1beta1 without timers has the default ones'),
  ),
  oldPeer.out('Conversion to v1beta1, through /convert', 'the webhook is a later issue'),

  bgp.same(
    'Lengths are 32 and 128 where unset, from 1, and not beyond',
    configRules('have the defaults of the fields'),
    configRules('are refused: case %#', 'spec.aggregationLengthV6'),
  ),
  bgp.ours(
    'localPref 0 is unset',
    'unset is sent to an internal peer as 100 (docs/decisions.md 6)',
    configRules('take a localPref of 0 for none'),
  ),
  bgp.same('localPref has 32 bits', config(PEER_FAULTS, '{ localPref: 4_294_967_296 }')),
  bgp.same(
    'Pools, peers, communities and selectors each once',
    configRules('are refused: case %#', 'BGPAdvertisement/a spec.ipAddressPools[1]'),
    config(PEER_FAULTS, "{ peers: ['a', 'a'] }"),
  ),
  bgp.ours(
    'A community is an alias, else a literal',
    'else a well-known word, else the name of a Community (docs/decisions.md 4 and 5)',
    communities('looks for an alias, then a literal, then a word, then a Community with all its values'),
  ),
  bgp.same('An unknown name of a community is an error', config(PEER_FAULTS, "{ communities: ['prof'] }")),
  bgp.same(
    'Names of pools and peers that are not there are no error',
    configRules('may name pools and peers that are not there, prefer a node twice, and have 63 communities'),
  ),
  bgp.same(
    'serviceSelectors and an aggregation length exclude each other',
    config(PEER_FAULTS, 'error aggregation-with-service-selectors'),
  ),
  bgp.same(
    'Neither pools nor selectors of pools: every pool; selectors that match nothing: none',
    advertisements('an advertisement that %s'),
  ),
  bgp.ours(
    'A pool that is named and selected has the advertisement twice',
    'once',
    advertisements('is attached once to a pool that it both names and selects'),
  ),
  bgp.same(
    'A length is at least the shortest prefix of each range of the pool',
    config('holds the aggregation length to each range and to the pools of the advertisement alone'),
  ),
  bgp.ours(
    'Two localPrefs for one prefix are an error',
    'only towards internal peers, or where no peer is known (docs/decisions.md 16)',
    config('where %s', 'one peer is internal'),
    config('where %s', 'all peers are external'),
  ),
  bgp.same(
    'They go together where peers, nodes, pools or lengths differ',
    config('where %s', 'their lengths differ'),
    config('where %s', 'they reach different peers'),
    config('where %s', 'their pools differ'),
  ),
  bgp.ours(
    'Without known nodes they never conflict',
    'node selectors are compared as they are written',
    config('compares node selectors as written where no node is known'),
  ),
  bgp.same(
    'With serviceSelectors they are judged for each Service, and that Service is not announced',
    planTests('refuses a Service whose advertisements differ in localPref towards an internal peer, and only there'),
  ),
  bgp.ours(
    'Two advertisements that are equal in everything are an error',
    'they have one name, and so the later wins with a warning',
    collect('lets the later of two with one name win, in its place, with a warning'),
  ),

  l2.same(
    'Pools, nodes and Services are selected as in BGP',
    advertisements('an advertisement that %s'),
    layer2('restrict the candidates to the nodes that any of them selects'),
    layer2('count only where one of their serviceSelectors matches the Service'),
  ),
  l2.same(
    'interfaces are exact names, each once; none means all',
    configRules('are refused: case %#', 'L2Advertisement/l spec.interfaces[1]'),
    layer2('unite their interfaces on the node, and one without any means all'),
  ),
  l2.same(
    'weight is from 1 to 100, preference is demanded',
    configRules('are refused: case %#', 'preferredNodeSelectors[0].weight'),
  ),
  l2.same(
    'A preference may stand there twice',
    configRules('may name pools and peers that are not there, prefer a node twice, and have 63 communities'),
  ),
  l2.same(
    'The score of a node is the sum of the weights, of advertisements that select it',
    layer2('prefer nodes by the sum of their weights, over all of them'),
    layer2('prefer none but the nodes that they select themselves'),
  ),

  community.same(
    'a:b of 16 bits, large:a:b:c of 32, decimal, leading zeros allowed',
    communities('reads %s', "['00064:01', '64:1']"),
    communities('refuses %j'),
  ),
  community.ours(
    'Well-known words are refused',
    "IANA's words are taken (docs/decisions.md 5)",
    communities('reads %s', "['no-export', '65535:65281']"),
  ),
  community.same(
    'Aliases are unique over all Communities',
    configRules('gives no alias twice, over all Communities together'),
    communities('refuses the whole Community that defines an alias again'),
  ),
  community.ours(
    "A Community's own name is never looked up",
    'it is, last (docs/decisions.md 4)',
    communities('looks for an alias, then a literal, then a word, then a Community with all its values'),
  ),
  community.ours(
    'A faulty Community freezes pools too',
    'it freezes nothing (docs/decisions.md 24)',
    configRules('that has an error freezes nothing else'),
  ),

  bfd.same('All fields have bounds', configRules('has %s from %i to %i')),
  bfd.same('All fields have defaults', configRules('leaves every field to its default')),
  bfd.out(
    'A profile that a peer uses cannot be deleted',
    'the webhook is a later issue; a peer without its profile runs on, with a warning',
  ),

  section('1.8 to 1.10').out(
    'ServiceL2Status, ServiceBGPStatus, ConfigurationState, webhooks',
    'written and served in a cluster, a later issue',
  ),
];
