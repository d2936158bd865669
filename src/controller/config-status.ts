/** The statuses of configuration objects: pure, out of what was found and counted. */
import type { PoolCounters } from '../allocator/allocator.ts';
import type { Finding } from '../config/problem.ts';
import { type Condition, conditionsOf, OUR_CONDITIONS, readConditions, stateOf } from '../report/conditions.ts';

type Json = Readonly<Record<string, unknown>>;

/** An object whose status is to be said. */
export interface StatusSubject {
  readonly kind: string;
  readonly name: string;
  readonly generation: number;
  /** The conditions that it has. */
  readonly conditions: readonly Condition[];
}

/** What is summed up of the cluster. */
export interface Sums {
  countersOf(pool: string): PoolCounters | undefined;
  /** On how many nodes the peer should hold a session. */
  nodesOf(peer: string): number;
  /** On how many it does, by what the speakers say. */
  establishedOf(peer: string): number;
  servicesOf(kind: 'BGPAdvertisement' | 'L2Advertisement', name: string): number;
}

/** What an object's status should be, as far as it is ours. */
export function statusFor(subject: StatusSubject, findings: readonly Finding[], sums: Sums, now: string): Json {
  const conditions = conditionsOf(findings, subject.generation, subject.conditions, now);
  return { ...numbersOf(subject, findings, sums), conditions };
}

function numbersOf({ kind, name }: StatusSubject, findings: readonly Finding[], sums: Sums): Json {
  switch (kind) {
    case 'IPAddressPool':
      return poolNumbers(sums.countersOf(name));
    case 'BGPPeer': {
      const [nodes, nodesEstablished] = [sums.nodesOf(name), sums.establishedOf(name)];
      return { nodes, nodesEstablished, established: `${nodesEstablished}/${nodes}` };
    }
    case 'BGPAdvertisement':
    case 'L2Advertisement':
      return { state: stateOf(findings), services: sums.servicesOf(kind, name) };
    default:
      return {};
  }
}

/** The largest number below 2^63 that JSON's numbers have: the API's int64 takes no 2^63. */
const MAX_JSON_INT64 = 2n ** 63n - 1_024n;

const jsonInteger = (count: bigint): number => Number(count > MAX_JSON_INT64 ? MAX_JSON_INT64 : count);

/** MetalLB's four counters; zeros where the pool is not in force. */
const poolNumbers = (counters: PoolCounters | undefined): Json => ({
  assignedIPv4: counters?.assignedIPv4 ?? 0,
  assignedIPv6: counters?.assignedIPv6 ?? 0,
  availableIPv4: jsonInteger(counters?.availableIPv4 ?? 0n),
  availableIPv6: jsonInteger(counters?.availableIPv6 ?? 0n),
});

const OUR_FIELDS: Readonly<Record<string, readonly string[]>> = {
  IPAddressPool: ['assignedIPv4', 'assignedIPv6', 'availableIPv4', 'availableIPv6'],
  BGPPeer: ['nodes', 'nodesEstablished', 'established'],
  BGPAdvertisement: ['state', 'services'],
  L2Advertisement: ['state', 'services'],
};

/** The part of a status that the controller writes, of what an object has: what others put there is theirs. */
export function ourPart(kind: string, status: Json): Json {
  const part: Record<string, unknown> = {};
  for (const field of OUR_FIELDS[kind] ?? []) if (status[field] !== undefined) part[field] = status[field];
  const conditions = readConditions(status).filter(({ type }) => OUR_CONDITIONS.has(type));
  return conditions.length === 0 ? part : { ...part, conditions };
}
