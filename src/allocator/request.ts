/** What a Service asks for: families, addresses, a pool. */
import type { Service } from '../cluster/service.ts';
import { formatIp, type Ip, type IpFamily, parseIp } from '../net/ip.ts';
import { err, ok, type Result } from '../result.ts';
import { annotationKeyOf, annotationOf } from './annotation.ts';

export interface AddressRequest {
  /** In the order in which they were asked for; empty leaves the choice to us. */
  readonly ips: readonly Ip[];
  /** The pool that an annotation names. */
  readonly pool: string | null;
  /** The families that the Service has, primary first. */
  readonly families: readonly IpFamily[];
  /** One address will do where two would be better. */
  readonly mayBeSingle: boolean;
}

/** Reads the request; the error says what is wrong with it and how to put it right. */
export function requestOf(service: Service): Result<AddressRequest, string> {
  const families = familiesOf(service);
  if (!families.ok) return families;
  const ips = requestedIps(service);
  if (!ips.ok) return ips;
  if (ips.value.length > 0 && !sameFamilies(ips.value, families.value))
    return err(
      `the requested ${listOf(ips.value)} ${ips.value.length === 1 ? 'is' : 'are'} not of the Service's ${familyNames(families.value)}: ` +
        `ask for one address of each of its families (metallb.io/loadBalancerIPs takes two, separated by a comma), or change ipFamilies`,
    );
  return ok({
    ips: ips.value,
    pool: annotationOf(service, 'address-pool'),
    families: families.value,
    mayBeSingle: families.value.length === 2 && service.ipFamilyPolicy === 'PreferDualStack',
  });
}

function familiesOf(service: Service): Result<readonly IpFamily[], string> {
  const families = [...new Set(service.ipFamilies)];
  if (families.length === 0)
    return err('it has no cluster IP, so no address family: give it one (clusterIP: None has none)');
  if (service.ipFamilyPolicy === 'RequireDualStack' && families.length < 2)
    return err(
      `ipFamilyPolicy is RequireDualStack, but the Service has cluster IPs of ${familyNames(families)} only: ` +
        'give the cluster both families, or use PreferDualStack',
    );
  if (service.ipFamilyPolicy === 'SingleStack' && families.length > 1)
    return err(
      'it has two address families with ipFamilyPolicy SingleStack: use PreferDualStack or RequireDualStack, or one family',
    );
  return ok(families);
}

function requestedIps(service: Service): Result<readonly Ip[], string> {
  const annotation = annotationOf(service, 'loadBalancerIPs');
  const field = service.loadBalancerIP;
  if (annotation !== null && field !== null)
    return err(
      `both spec.loadBalancerIP and the annotation ${annotationKeyOf(service, 'loadBalancerIPs')} are set: keep the annotation, remove the field`,
    );
  const text = annotation ?? field;
  if (text === null) return ok([]);
  const where = annotation === null ? 'spec.loadBalancerIP' : annotationKeyOf(service, 'loadBalancerIPs');
  const ips: Ip[] = [];
  for (const item of text.split(',')) {
    const ip = parseIp(item.trim());
    if (!ip.ok) return err(`${where}: ${ip.error}`);
    ips.push(ip.value);
  }
  if (ips.length > 2) return err(`${where} asks for ${ips.length} addresses: at most one of each family can be had`);
  if (ips[0] !== undefined && ips[0].family === ips[1]?.family)
    return err(`${where} asks for two IPv${ips[0].family} addresses: at most one of each family can be had`);
  return ok(ips);
}

/** Whether the addresses are of exactly these families, one of each. */
export const sameFamilies = (ips: readonly Ip[], families: readonly IpFamily[]): boolean =>
  ips.length === families.length && families.every((family) => ips.some((ip) => ip.family === family));

export const familyNames = (families: readonly IpFamily[]): string =>
  families.map((family) => `IPv${family}`).join(' and ');

export const listOf = (ips: readonly Ip[]): string => ips.map(formatIp).join(', ');
