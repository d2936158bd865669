/** Section 10: MetalLB's quirks, and what became of each (docs/decisions.md 13). */
import { allocator, allocatorRules, announceRules, config, configRules, counters, merge } from './files.ts';
import { type BehaviourRule, section, testsIn } from './rule.ts';

const POOL_FAULTS = 'refuses addresses %j';
const packer = testsIn('src/bgp/update-packer.test.ts');
const peer = testsIn('src/bgp/peer.test.ts');
const tcpSecret = testsIn('src/config/build-config.test.ts');

export const QUIRKS: readonly BehaviourRule[] = [
  section('10 (1)').ours(
    'PreferDualStack with one cluster IP flaps between one address and two',
    'one address',
    allocatorRules('stay as they are: PreferDualStack with one cluster IP never gets a second address'),
  ),
  section('10 (2)').ours(
    'namespaceSelectors that match nothing drop the restriction',
    'they leave nobody',
    allocatorRules('that %s', 'selects namespaces that are not there'),
  ),
  section('10 (3)').ours(
    'A range from IPv4 to IPv6 is accepted',
    'refused',
    config(POOL_FAULTS, "['1.2.3.4-fc00::1']"),
  ),
  section('10 (4)').ours(
    'An IPv6 routerID ends the speaker',
    'refused',
    config('finds what is wrong in %j', 'error ipv6-router-id'),
  ),
  section('10 (5)').ours(
    'A v1beta1 peer without timers has hold time 0',
    'zero is unset',
    configRules('of v1beta1 without timers has the default ones'),
  ),
  section('10 (6)').ours(
    'A BFDProfile makes the configuration of native mode invalid',
    'it is read and checked',
    configRules('leaves every field to its default'),
  ),
  section('10 (7)').ours(
    'No hold timer on receipt, no NOTIFICATION on close, no IPv6',
    'RFC 4271 in full: src/bgp/',
    peer('begins with the whole table in the next session'),
    packer('of IPv6: MP_REACH_NLRI in front, no NEXT_HOP'),
  ),
  section('10 (8)').ours(
    'LOCAL_PREF 0 to an internal peer where unset',
    '100',
    packer('of an internal session: an empty AS_PATH that is there, LOCAL_PREF always'),
  ),
  section('10 (9)').ours(
    'The order of the addresses is written anew at the second look',
    'it stays',
    allocatorRules('stay in the order that was asked for, at every look again'),
  ),
  section('10 (10)').ours(
    'disableMP skips all checks; messages print garbage',
    'it skips none; each message has its value',
    configRules('judges the rest of a peer with disableMP'),
  ),
  section('10 (11)').ours(
    'Pool counters of -1, and that overflow',
    'clamped',
    counters('less .0 and .255: %s', 'none, not -1'),
    counters('of IPv6 fit into 64 bits: %s', 'does not overflow'),
  ),
  section('10 (12)').ours(
    'Random order of pools, random winner of LOCAL_PREF',
    'by name; the highest',
    allocator('decides the same whatever the order of the input'),
    merge('comes to the same in whatever order Services are merged'),
  ),
  section('10 (13)').out('NDP responders that come late miss multicast groups', 'the layer 2 engine is a later issue'),
  section('10 (14)').out('The derivation of the memberlist key', 'there is no memberlist (docs/decisions.md 14)'),
  section('10 (15)').ours(
    'frr-k8s ignores sourceAddress and localASN',
    'both count',
    config('takes another AS for the session, a kind of peer, and TTL security'),
  ),
  section('10 (16)').ours(
    'The key is in the debug dump',
    'a key prints as redacted, and reaches no output',
    tcpSecret('prints no key, however findings and configuration are printed'),
  ),
  section('10 (17)').out(
    'A connection fails where the node has not the sourceAddress, and is tried again',
    'so it does here (docs/decisions.md 22); a matter of sockets: src/io/linux',
  ),
  section('10 (18)').ours(
    'A session is made anew at any change of its peer',
    'only where the session is another one',
    announceRules('leave the sessions alone: they do not depend on Services, labels or networks'),
    testsIn('test/diff-and-speaker.test.ts')('calls a reset what a speaker ends, or keys anew'),
  ),
];
