/**
 * Why a Service has the addresses that it has, or why it waits.
 *
 * The allocation is run once more, and stopped at the Service's turn: what the pools had to offer then is what decided. The rules come in
 * the order in which the allocator asks them (metallb-behaviour 2.6 and 3).
 */
import { type Allocation, type Allocator, allocate, isHandled } from '../allocator/allocator.ts';
import { annotationKeyOf } from '../allocator/annotation.ts';
import { byAge } from '../allocator/order.ts';
import type { PoolSpace } from '../allocator/pool-space.ts';
import { type AddressRequest, familyNames, listOf, requestOf } from '../allocator/request.ts';
import { type Tenant, tenantOf } from '../allocator/sharing-key.ts';
import type { Service } from '../cluster/service.ts';
import type { Pool } from '../config/pool.ts';
import type { FieldPath } from '../config/problem.ts';
import { formatIp, type Ip, sameIp } from '../net/ip.ts';
import { formatIpRange, rangeContains } from '../net/ip-range.ts';
import type { Plan } from '../plan/plan.ts';
import { metallbRef, type Step, stepsAbout } from './step.ts';

/** The steps that lead to the Service's addresses, or to none. */
export function explainAddress(plan: Plan, service: Service, allocation: Allocation): readonly Step[] {
  const about = stepsAbout({ kind: 'Service', namespace: service.namespace, name: service.name });
  const mine = classSteps(plan, service, about);
  if (!isHandled(service, plan.options)) return mine;
  const request = requestOf(service);
  const family = about(
    'families',
    request.ok || service.ipFamilies.length > 0 ? 'yes' : 'no',
    `the Service is ${familyNames([...new Set(service.ipFamilies)]) || 'of no address family'}, with ipFamilyPolicy ${service.ipFamilyPolicy}`,
    ['spec', 'ipFamilyPolicy'],
  );
  if (!request.ok) return [...mine, family, about('request', 'no', request.error, requestPath(service))];
  const asked = requestSteps(service, request.value, about);
  const status = statusStep(service, allocation, about);
  if (service.ingress.length > 0 && allocation.cleared === null) {
    const kept = [...mine, family, ...asked, status, ...ipSteps(plan, service, service.ingress)];
    return [...kept, ...laterFamily(service.ingress, allocation, about)];
  }
  return [
    ...mine,
    family,
    ...asked,
    status,
    turnStep(plan, service, about),
    ...poolSteps(plan, service, request.value, allocation),
    ...ipSteps(plan, service, allocation.ips),
    ...laterFamily(allocation.ips, allocation, about),
    ...(allocation.state === 'Pending' ? [about('result', 'no', allocation.message ?? '', [])] : []),
  ];
}

type Make = ReturnType<typeof stepsAbout>;

function classSteps(plan: Plan, service: Service, about: Make): readonly Step[] {
  const type =
    service.type === 'LoadBalancer'
      ? about('type', 'yes', 'the Service is of type LoadBalancer', ['spec', 'type'])
      : about('type', 'no', `the Service is of type ${service.type}, not LoadBalancer: it gets no address`, [
          'spec',
          'type',
        ]);
  if (type.outcome === 'no') return [type];
  const { lbClass } = plan.options;
  const own = service.loadBalancerClass;
  const path = ['spec', 'loadBalancerClass'];
  const wanted = lbClass === null ? 'Services without a class' : `the class ${lbClass}`;
  return [
    type,
    own === lbClass
      ? about('class', 'yes', own === null ? 'it has no loadBalancerClass' : `it has loadBalancerClass ${own}`, path)
      : about(
          'class',
          'no',
          `it has ${own === null ? 'no loadBalancerClass' : `loadBalancerClass ${own}`}, and --lb-class serves ${wanted}`,
          path,
        ),
  ];
}

const requestPath = (service: Service): FieldPath => {
  const key = annotationKeyOf(service, 'loadBalancerIPs');
  if (key !== null) return ['metadata', 'annotations', key];
  return service.loadBalancerIP === null ? ['spec', 'ipFamilyPolicy'] : ['spec', 'loadBalancerIP'];
};

function requestSteps(service: Service, request: AddressRequest, about: Make): readonly Step[] {
  const steps: Step[] = [];
  if (request.ips.length > 0)
    steps.push(about('requested-address', 'yes', `the Service asks for ${listOf(request.ips)}`, requestPath(service)));
  const key = annotationKeyOf(service, 'address-pool');
  if (request.pool !== null && key !== null)
    steps.push(
      about('requested-pool', 'yes', `the Service asks for pool ${request.pool}`, ['metadata', 'annotations', key]),
    );
  if (steps.length === 0)
    steps.push(
      about('request', 'yes', 'the Service asks for no address and no pool: the first that can give one does', []),
    );
  return steps;
}

function statusStep(service: Service, { cleared }: Allocation, about: Make): Step {
  const path = ['status', 'loadBalancer', 'ingress'];
  if (service.ingress.length === 0) return about('status', 'note', 'its status has no address yet', path);
  return cleared === null
    ? about('status', 'yes', `its status has ${listOf(service.ingress)}, which is still allowed, and so it stays`, path)
    : about(
        'status',
        'no',
        `its status has ${listOf(service.ingress)}, which it may not keep: ${cleared.reason}`,
        path,
      );
}

function turnStep(plan: Plan, service: Service, about: Make): Step {
  const waiting = byAge(
    plan.snapshot.services.filter(
      (one) =>
        isHandled(one, plan.options) && (one.ingress.length === 0 || plan.allocations.get(one.key)?.cleared !== null),
    ),
  );
  const place = waiting.findIndex(({ key }) => key === service.key) + 1;
  const message =
    waiting.length === 1
      ? 'it is the only Service that needs an address'
      : `it was number ${place} of the ${waiting.length} Services that need an address: the oldest comes first, then by name`;
  return about('turn', 'note', message, ['metadata', 'creationTimestamp']);
}

/** What each pool had to offer when it was the Service's turn. */
interface Look {
  readonly space: PoolSpace;
  readonly free: readonly Ip[];
  readonly inUse: number;
  readonly refusal: string | null;
  readonly automatic: boolean;
}

function lookAt(plan: Plan, service: Service, request: AddressRequest): readonly Look[] {
  let looks: readonly Look[] = [];
  const tenant = tenantOf(service);
  const { services, config, namespaces } = plan.snapshot;
  // The last time counts: a Service may have been tried before somebody gave it something to share.
  allocate(services, config, namespaces, plan.options, (one, allocator) => {
    if (one.key === service.key) looks = looksOf(allocator, service, tenant, request);
  });
  return looks;
}

function looksOf(allocator: Allocator, service: Service, tenant: Tenant, request: AddressRequest): readonly Look[] {
  const { pools } = allocator;
  const wanted = request.pool === null ? undefined : pools.spaces.get(request.pool);
  const covering = request.ips[0] === undefined ? undefined : pools.covering(request.ips[0]);
  const inOrder = [...pools.pinnedFor(service), ...pools.open];
  const asked = request.ips.length > 0 ? covering : wanted;
  const explicit = request.ips.length > 0 || request.pool !== null;
  const spaces = explicit
    ? asked === undefined
      ? []
      : [asked]
    : [...inOrder, ...[...pools.spaces.values()].filter((space) => !inOrder.includes(space))];
  return spaces.map((space) => ({
    space,
    free: request.families.flatMap((family) => {
      const value = space.of(family).first(tenant);
      return value === undefined ? [] : [{ family, value }];
    }),
    inUse: request.families.reduce((sum, family) => sum + space.of(family).inUse, 0),
    refusal: pools.refusal(space, service),
    automatic: space.pool.autoAssign,
  }));
}

function poolSteps(plan: Plan, service: Service, request: AddressRequest, allocation: Allocation): readonly Step[] {
  const explicit = request.ips.length > 0 || request.pool !== null;
  let chosen = false;
  return lookAt(plan, service, request).map((look) => {
    const { space, refusal } = look;
    const { pool } = space;
    const about = stepsAbout(metallbRef('IPAddressPool', pool.name, plan.options.namespace));
    const allocationPath = ['spec', 'serviceAllocation'];
    if (!explicit && !look.automatic)
      return about(
        'auto-assign',
        'no',
        `pool ${pool.name} has autoAssign: false: only a Service that asks for it gets an address of it`,
        ['spec', 'autoAssign'],
      );
    if (refusal !== null)
      return about('service-allocation', 'no', `pool ${pool.name} is not for this Service: ${refusal}`, allocationPath);
    const why = explicit ? 'is asked for' : placeOf(pool);
    const path = pool.serviceAllocation === null || explicit ? ['spec', 'addresses'] : allocationPath;
    if (pool.name === allocation.pool) {
      chosen = true;
      return about('pool', 'yes', `pool ${pool.name} ${why}, and ${offerText(look, request)}`, path);
    }
    if (chosen) return about('pool', 'note', `pool ${pool.name} ${why}, and is not tried any more`, path);
    const lacking = request.families.filter((family) => !look.free.some((ip) => ip.family === family));
    const shortage = lacking.map((family) => space.shortage(family)).join(' and ');
    return about(
      'pool',
      'no',
      `pool ${pool.name} ${why}, but ${shortage || 'cannot give the address that is asked for'}`,
      path,
    );
  });
}

function placeOf({ serviceAllocation }: Pool): string {
  if (serviceAllocation === null) return 'is for every Service (no serviceAllocation), in order of its name';
  const { priority } = serviceAllocation;
  return `has a serviceAllocation that is for this Service, and so comes before those without one (${priority === 0 ? 'no priority: last among its kind' : `priority ${priority}`})`;
}

function offerText({ free, inUse }: Look, request: AddressRequest): string {
  if (request.ips.length > 0) return `has ${listOf(request.ips)}`;
  return `${listOf([...free].sort((a, b) => a.family - b.family))} ${free.length > 1 ? 'are its first ones' : 'is its first one'} that the Service may have (${inUse} in use before)`;
}

/** Where each address comes from, and who has it besides. */
function ipSteps(plan: Plan, service: Service, ips: readonly Ip[]): readonly Step[] {
  return ips.flatMap((ip) => {
    const pool = plan.snapshot.config.pools.find((one) => one.ranges.some((range) => rangeContains(range, ip)));
    if (pool === undefined) return [];
    const about = stepsAbout(metallbRef('IPAddressPool', pool.name, plan.options.namespace));
    const at = pool.ranges.findIndex((range) => rangeContains(range, ip));
    const range = pool.ranges[at];
    if (range === undefined) return [];
    const steps = [
      about('range', 'yes', `${formatIp(ip)} is of ${formatIpRange(range)}`, ['spec', 'addresses', at]),
      ...(pool.avoidBuggyIPs && ip.family === 4
        ? [about('avoid-buggy-ips', 'note', 'addresses that end in .0 or .255 are left out', ['spec', 'avoidBuggyIPs'])]
        : []),
    ];
    const others = plan.assigned.filter(
      (other) => other.service.key !== service.key && other.ips.some((one) => sameIp(one, ip)),
    );
    if (others.length === 0) return steps;
    const key = annotationKeyOf(service, 'allow-shared-ip');
    return [
      ...steps,
      stepsAbout({ kind: 'Service', namespace: service.namespace, name: service.name })(
        'sharing',
        'yes',
        `${formatIp(ip)} is shared with ${others.map((other) => other.service.key).join(', ')}: the same allow-shared-ip key and backends, and no port twice`,
        key === null ? [] : ['metadata', 'annotations', key],
      ),
    ];
  });
}

/** A Service that would like two families and has one, or got the second one later. */
function laterFamily(from: readonly Ip[], allocation: Allocation, about: Make): readonly Step[] {
  if (allocation.state !== 'Assigned') return [];
  const path = ['spec', 'ipFamilyPolicy'];
  if (allocation.message !== null) return [about('second-family', 'note', allocation.message, path)];
  const added = allocation.ips.filter((ip) => !from.some((one) => sameIp(one, ip)));
  return added.length === 0
    ? []
    : [
        about(
          'second-family',
          'yes',
          `${listOf(added)} was added from the same pool: PreferDualStack wants both families`,
          path,
        ),
      ];
}
