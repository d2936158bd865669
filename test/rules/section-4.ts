/** Section 4: BGP in the speaker, as far as it is decided. */
import {
  advertisements,
  announceRules,
  configRules,
  diff,
  diffAndSpeaker,
  merge,
  planTests,
  sessions,
} from './files.ts';
import { type BehaviourRule, section, testsIn } from './rule.ts';

const session = section('4.1');
const routes = section('4.2');
const merging = section('4.3');
const adjRibOut = testsIn('src/bgp/adj-rib-out.test.ts');

export const SECTION_4: readonly BehaviourRule[] = [
  session.same(
    'A peer that stays as it is keeps its session',
    diff('is nothing between a plan and itself'),
    diffAndSpeaker('calls a reset what a speaker ends, or keys anew'),
  ),
  session.ours(
    'Any other difference closes the session and makes it anew',
    'only what the session is made of (row 18 of section 10)',
    diff('leaves the session alone where the router sees nothing of it'),
    diff('is nothing on the wire where a peer gets another name, or another one takes its router'),
  ),
  session.ours(
    'A session exists where any of the nodeSelectors matches',
    'docs/decisions.md 1',
    sessions('selects nodes by all selectors or by any, the peer before the process'),
  ),
  session.same(
    'Sessions do not depend on Services, NetworkUnavailable or the exclude label',
    announceRules('leave the sessions alone: they do not depend on Services, labels or networks'),
  ),
  session.same('A changed Secret keys the session anew', diff('says that a key is another one, and shows neither')),
  session.same(
    'The whole wish is given to each session, which sends the differences',
    adjRibOut('replaces by differences'),
  ),

  routes.same(
    'Each address and each advertisement that selects the node and the Service',
    announceRules('of an advertisement with serviceSelectors are of the Services that any of them matches'),
    planTests('selects nodes and Services by advertisement'),
  ),
  routes.same(
    'The prefix is the address masked with the length of its family',
    announceRules('are the address masked with the length of its family, of each advertisement'),
  ),
  routes.same(
    'Two advertisements of different lengths give both prefixes',
    announceRules('are the address masked with the length of its family, of each advertisement'),
  ),
  routes.same(
    'An advertisement goes to all peers, or to those that it names',
    announceRules('go to the peers that the advertisement names, or to all'),
  ),
  routes.same(
    'An aggregate goes when the last Service that makes it goes',
    announceRules('that several Services make stay until the last one goes'),
  ),
  routes.same(
    'An aggregate is not cut to the pool',
    announceRules('are aggregates of the address, which are not cut to the pool'),
  ),
  routes.same('An advertisement is attached to pools by name and by label', advertisements('an advertisement that %s')),
  routes.ours(
    'A prefix of a family that the session has not is not sent, in silence',
    'it is told: addressFamilyNotActive (docs/decisions.md 26)',
    planTests('carries a family only where the session has it'),
  ),

  merging.same(
    'Communities of one prefix are united, sorted, each once',
    announceRules('have the communities of every advertisement, once and in order, and the highest localPref'),
  ),
  merging.ours(
    'The first localPref seen wins, of a map in random order',
    'the highest (row 12 of section 10)',
    merge('of localPref %s and %s sends %s'),
    merge('comes to the same in whatever order Services are merged'),
  ),
  merging.same(
    'Nothing is judged across Services that share a prefix',
    planTests('sends the highest of two Services that share a prefix, and reports it'),
  ),
  merging.same('At most 63 communities in an advertisement', configRules('are refused: case %#', 'length: 64')),
  section('4.4').out(
    "MetalLB's native engine in detail",
    'ours is an engine of its own: docs/rfc/ and the tests of src/bgp/',
  ),
  section('4.5').out('FRR modes', 'there is no FRR (docs/decisions.md 7)'),
];
