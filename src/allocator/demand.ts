/** What a Service waits for, said so that Services which wait for the same are known as such and are tried together. */
import type { Service } from '../cluster/service.ts';
import type { Ip, IpFamily } from '../net/ip.ts';
import type { PoolDirectory } from './pool-directory.ts';
import type { PoolSpace } from './pool-space.ts';
import { type AddressRequest, listOf, requestOf } from './request.ts';
import { tenantOf } from './sharing-key.ts';

/** What a Service waits for. Where two have one key, whatever refuses the one refuses the other, for the same reason. */
export interface Demand {
  readonly key: string;
  /** Names of the pools in which something must change before it can be met. */
  readonly pools: readonly string[];
}

/** What the Service holds already. */
export interface Held {
  readonly space: PoolSpace;
  readonly ips: readonly Ip[];
}

/** The family that the Service asks for and has no address of. */
export const missingFamily = (held: Held, request: AddressRequest): IpFamily | undefined =>
  request.families.find((family) => !held.ips.some((ip) => ip.family === family));

/** What the Service lacks; null where it has everything that it wants. */
export function demandOf(service: Service, held: Held | undefined, directory: PoolDirectory): Demand | null {
  const request = requestOf(service);
  if (!request.ok) return { key: JSON.stringify(['refused', request.error]), pools: [] };
  const { ips, pool, families, mayBeSingle } = request.value;
  const tenant = tenantOf(service);
  const sharing = tenant.sharingKey === null ? [] : [tenant.sharingKey, tenant.ports];
  const demand = (pools: readonly PoolSpace[], ...key: readonly unknown[]): Demand => ({
    key: JSON.stringify([...key, sharing]),
    pools: pools.map((space) => space.pool.name),
  });
  if (held !== undefined) {
    const missing = missingFamily(held, request.value);
    return missing === undefined ? null : demand([held.space], 'second', held.space.pool.name, missing);
  }
  if (ips[0] !== undefined) {
    const space = directory.covering(ips[0]);
    const refusal = space === undefined ? null : directory.refusal(space, service);
    return demand(space === undefined ? [] : [space], 'named', listOf(ips), pool, refusal);
  }
  if (pool !== null) {
    const space = directory.spaces.get(pool);
    const refusal = space === undefined ? null : directory.refusal(space, service);
    return demand(space === undefined ? [] : [space], 'pool', pool, refusal, families, mayBeSingle);
  }
  const pinned = directory.pinnedFor(service);
  return demand(
    [...pinned, ...directory.open],
    'any',
    pinned.map((space) => space.pool.name),
    families,
    mayBeSingle,
  );
}
