/** Section 3: the allocation algorithm. */
import { allocator, allocatorRules, counters, events } from './files.ts';
import { type BehaviourRule, section } from './rule.ts';

const automatic = section('3.2');
const compatible = section('3.3');
const iteration = section('3.4');
const families = section('3.5');
const checks = section('3.6');
const pools = section('3.7');
const count = section('3.8');

export const SECTION_3: readonly BehaviourRule[] = [
  section('3.1').same(
    'What is allocated is told by Service, address, sharing key and port',
    allocator('gives out exactly what trying every address would, through claims and releases'),
  ),

  automatic.same(
    'Pools that are for the Service come first, sorted by priority',
    allocator('tries pools that are for the Service first, by priority, 0 last'),
    allocatorRules('puts a pool for the Service before all others, whatever their priority'),
  ),
  automatic.same(
    'Only pools with autoAssign give by themselves',
    allocator('takes pools by name and their ranges in order, and none with autoAssign: false'),
    allocatorRules('gives nothing by itself from a pool for the Service that has autoAssign: false'),
  ),
  automatic.ours(
    'The others come in random order',
    'by name (row 12 of section 10)',
    allocator('takes pools by name and their ranges in order, and none with autoAssign: false'),
    allocator('decides the same whatever the order of the input'),
  ),
  automatic.same(
    'No address: the Service waits',
    events('tells of an exhausted pool which it is, what is in use and what to do'),
  ),

  compatible.same(
    'The namespace is named or selected, and a selector of Services matches',
    allocatorRules('that %s', 'names its namespace'),
    allocatorRules('that %s', 'selects its namespace by label'),
    allocatorRules('that %s', 'selects the Service'),
  ),
  compatible.same('Both restrictions hold at once', allocatorRules('that %s', 'wants both, and one does not match')),
  compatible.ours(
    'Selectors of namespaces that match none drop the restriction',
    'they leave nobody (row 2 of section 10)',
    allocator('gives a pool whose namespace selectors match nothing to nobody'),
    allocatorRules('that %s', 'selects namespaces that are not there'),
  ),
  compatible.same('With a priority alone it is for every Service', allocatorRules('that %s', 'has a priority alone')),
  compatible.same(
    'The lower priority first, 0 last',
    allocatorRules('takes the lower priority first, unset last, and equals by name'),
  ),
  compatible.ours(
    'Equal priorities in random order',
    'by name (row 12 of section 10)',
    allocatorRules('takes the lower priority first, unset last, and equals by name'),
  ),

  iteration.same(
    'Ranges in the order of the spec, from the first address to the last, network and broadcast included',
    allocator('takes pools by name and their ranges in order, and none with autoAssign: false'),
    allocator('starts at the network address, unless avoidBuggyIPs leaves out .0 and .255'),
  ),
  iteration.same(
    'The lowest usable address each time, also after a release',
    allocator('gives out exactly what trying every address would, through claims and releases'),
  ),
  iteration.same(
    'A pool does not slow down as it fills up',
    allocator('does not slow down as a pool fills up, empties and fills again'),
  ),

  families.same(
    'One family: the first pool that has one',
    allocatorRules('of one are served from the first pool that has one'),
  ),
  families.same(
    'RequireDualStack: the first pool with both, both from it',
    allocatorRules('of two that are required come from one pool, or not at all'),
  ),
  families.same(
    'PreferDualStack: both, else the primary, else the secondary family',
    allocatorRules('of two that are preferred come from a pool with both, else the primary, else the other'),
  ),
  families.same(
    'One family of a pool for the Service comes before both of another',
    allocatorRules('are not worth leaving a pool that is for the Service'),
  ),
  families.same('Two families with SingleStack: none', allocatorRules('of two with SingleStack are refused')),
  families.same(
    'By itself IPv4 comes first, whatever ipFamilies says',
    allocator('gives both families from one pool, IPv4 first'),
  ),
  families.same(
    'The pool asked for is unknown, or lacks the family: an error',
    allocator('refuses an address %s', 'a pool that is not there'),
    allocatorRules('that the pool asked for lacks are told of'),
  ),
  families.same(
    'The second family comes from the same pool, never from another',
    allocator('adds the missing family from the same pool, never from another'),
  ),
  families.same(
    'A pool that loses a family: both are taken anew',
    allocatorRules('are both taken anew where the pool has lost one of them'),
  ),

  checks.same(
    'An explicit address and one of a status pass the same checks',
    allocator('clears and replaces an address %s'),
    allocator('refuses an address %s'),
  ),

  pools.same(
    'Another configuration: an address in some pool stays, with its new name',
    allocatorRules('%s', 'stays where the pool is renamed'),
  ),
  pools.same('An address in no pool is given up', allocatorRules('%s', 'goes where the pool is deleted')),

  count.same(
    'A /24 has 256 addresses, 254 with avoidBuggyIPs; other sizes likewise',
    counters('less .0 and .255: %s', 'a /23'),
    counters('are all of them without avoidBuggyIPs'),
  ),
  count.ours(
    'A /32 that ends in .0 has -1',
    'it has 0 (row 11 of section 10)',
    counters('less .0 and .255: %s', 'none, not -1'),
  ),
  count.ours(
    'More than 2^63 - 1 is clamped, and overflows with another range',
    'the sum is clamped (row 11 of section 10)',
    counters('of IPv6 fit into 64 bits: %s', 'does not overflow'),
  ),
  count.same(
    'Assigned and available by family; a shared address counts once',
    counters('are counted by family, a shared address once, and given back'),
  ),
  count.out('The counters are written to the status of the pool', 'the controller is a later issue'),
  section('3.9').out(
    'Sync states, retries, the first full pass, stale configurations',
    'the controller is a later issue; docs/decisions.md 24 has no stale configuration',
  ),
];
