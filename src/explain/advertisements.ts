/** Which advertisements are for a Service that has an address: by its pool, and by its labels. */
import type { Service } from '../cluster/service.ts';
import type { PoolScope } from '../config/advertisement.ts';
import type { Pool } from '../config/pool.ts';
import type { Selector } from '../config/selector.ts';
import type { Plan } from '../plan/plan.ts';
import { matchingEntry, metallbRef, type Step, selectorStep, stepsAbout } from './step.ts';

/** One advertisement, and whether it is for the Service. */
export interface AdvertisementExplanation {
  readonly kind: 'BGPAdvertisement' | 'L2Advertisement';
  readonly name: string;
  readonly applies: boolean;
  readonly steps: readonly Step[];
}

type Advertisement = PoolScope & { readonly name: string; readonly serviceSelectors: readonly Selector[] };

/** Every advertisement of the configuration, those of BGP first, by name. */
export function explainAdvertisements(plan: Plan, service: Service, pool: Pool): readonly AdvertisementExplanation[] {
  const { bgpAdvertisements, l2Advertisements } = plan.snapshot.config;
  const explain = (kind: AdvertisementExplanation['kind']) => (advertisement: Advertisement) =>
    explainOne(kind, advertisement, service, pool, plan.options.namespace);
  return [...bgpAdvertisements.map(explain('BGPAdvertisement')), ...l2Advertisements.map(explain('L2Advertisement'))];
}

function explainOne(
  kind: AdvertisementExplanation['kind'],
  advertisement: Advertisement,
  service: Service,
  pool: Pool,
  namespace: string,
): AdvertisementExplanation {
  const make = stepsAbout(metallbRef(kind, advertisement.name, namespace));
  const scope = scopeStep(make, advertisement, pool);
  const steps =
    scope.outcome === 'no'
      ? [scope]
      : [scope, selectorStep(make, 'serviceSelectors', advertisement.serviceSelectors, service.labels)];
  return { kind, name: advertisement.name, applies: steps.every(({ outcome }) => outcome === 'yes'), steps };
}

function scopeStep(
  make: ReturnType<typeof stepsAbout>,
  scope: PoolScope & { readonly name: string },
  pool: Pool,
): Step {
  const { ipAddressPools, ipAddressPoolSelectors } = scope;
  if (ipAddressPools.length === 0 && ipAddressPoolSelectors.length === 0)
    return make('pool-scope', 'yes', 'it is for every pool: it names none and selects none', ['spec']);
  const named = ipAddressPools.indexOf(pool.name);
  if (named >= 0) return make('pool-scope', 'yes', `it names pool ${pool.name}`, ['spec', 'ipAddressPools', named]);
  const selected = matchingEntry(ipAddressPoolSelectors, pool.labels);
  if (selected !== null)
    return make('pool-scope', 'yes', `it selects pool ${pool.name} by its labels`, [
      'spec',
      'ipAddressPoolSelectors',
      selected,
    ]);
  const field = ipAddressPools.length > 0 ? 'ipAddressPools' : 'ipAddressPoolSelectors';
  return make('pool-scope', 'no', `it is for other pools than ${pool.name}`, ['spec', field]);
}
