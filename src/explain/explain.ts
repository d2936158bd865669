/**
 * Why a Service has its addresses, and why each node announces it or does not: the plan's rules one by one, each with the object and the
 * field behind it.
 *
 * Nothing is decided here. What came out is the plan's; the steps ask the same functions again and say what each of them answered.
 */
import type { AllocationState } from '../allocator/allocator.ts';
import { formatIp } from '../net/ip.ts';
import type { Plan } from '../plan/plan.ts';
import { explainAddress } from './address.ts';
import { type AdvertisementExplanation, explainAdvertisements } from './advertisements.ts';
import { explainBgp, type NodeExplanation } from './bgp.ts';
import { explainLayer2 } from './layer2.ts';
import type { Step } from './step.ts';

export interface Explanation {
  readonly namespace: string;
  readonly name: string;
  readonly address: {
    readonly state: AllocationState;
    readonly ips: readonly string[];
    readonly pool: string | null;
    readonly message: string | null;
    readonly steps: readonly Step[];
  };
  /** Which advertisements are for the Service; empty while it has no address. */
  readonly advertisements: readonly AdvertisementExplanation[];
  /** By node and protocol; a protocol without any advertisement for the pool has none. */
  readonly nodes: readonly NodeExplanation[];
}

/** Explains one Service; undefined where the snapshot has none of this key (`namespace/name`). */
export function explain(plan: Plan, key: string): Explanation | undefined {
  const service = plan.snapshot.services.find((one) => one.key === key);
  const allocation = plan.allocations.get(key);
  if (service === undefined || allocation === undefined) return undefined;
  const assigned = plan.assigned.find((one) => one.service.key === key);
  const pool = plan.snapshot.config.pools.find(({ name }) => name === allocation.pool);
  return {
    namespace: service.namespace,
    name: service.name,
    address: {
      state: allocation.state,
      ips: allocation.ips.map(formatIp),
      pool: allocation.pool,
      message: allocation.message,
      steps: explainAddress(plan, service, allocation),
    },
    advertisements: pool === undefined ? [] : explainAdvertisements(plan, service, pool),
    nodes:
      assigned === undefined
        ? []
        : plan.views.flatMap((view) => {
            const layer2 = explainLayer2(plan, key, view.node);
            return [
              ...(assigned.audience.ofPool.length > 0 ? [explainBgp(plan, assigned, view)] : []),
              ...(layer2 === null ? [] : [layer2]),
            ];
          }),
  };
}
