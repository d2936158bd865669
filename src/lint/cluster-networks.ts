/** The address ranges that the cluster uses inside, as far as the input shows them. */
import { parseIp } from '../net/ip.ts';
import { formatIpRange, type IpRange, rangeOfPrefix, rangesOverlap } from '../net/ip-range.ts';
import { parsePrefix } from '../net/prefix.ts';
import type { Plan } from '../plan/plan.ts';
import { listAt, type Objects, textAt } from './objects.ts';
import type { RuleFinding } from './rule.ts';
import { few } from './words.ts';

/** A range, and where it is from. */
export interface Network {
  readonly range: IpRange;
  readonly source: string;
}

/** For cluster IPs: ServiceCIDRs, the flag of an API server that runs as a Pod, and every cluster IP that some Service has. */
export function serviceNetworks(objects: Objects): readonly Network[] {
  return [
    ...objects
      .of('ServiceCIDR')
      .flatMap(({ body, metadata }) => networksOf(listAt(body, 'spec', 'cidrs'), `ServiceCIDR ${metadata.name}`)),
    ...flagsOf(objects, '--service-cluster-ip-range'),
    ...objects.of('Service').flatMap(({ body, metadata }) =>
      [...new Set([textAt(body, 'spec', 'clusterIP'), ...listAt(body, 'spec', 'clusterIPs')])].flatMap((text) => {
        const ip = typeof text === 'string' ? parseIp(text) : undefined;
        if (ip?.ok !== true) return [];
        const source = `the cluster IP of Service ${metadata.namespace}/${metadata.name}`;
        return [{ range: { first: ip.value, last: ip.value }, source }];
      }),
    ),
  ];
}

/** For Pods: `podCIDRs` of Nodes, and the flag of a controller manager that runs as a Pod. */
export function podNetworks(objects: Objects): readonly Network[] {
  return [
    ...objects
      .of('Node')
      .flatMap(({ body, metadata }) =>
        networksOf(
          [...new Set([textAt(body, 'spec', 'podCIDR'), ...listAt(body, 'spec', 'podCIDRs')])],
          `podCIDR of node ${metadata.name}`,
        ),
      ),
    ...flagsOf(objects, '--cluster-cidr'),
  ];
}

function flagsOf(objects: Objects, flag: string): readonly Network[] {
  return objects.of('Pod').flatMap(({ body, metadata }) =>
    listAt(body, 'spec', 'containers')
      .flatMap((container) => [...listAt(container, 'command'), ...listAt(container, 'args')])
      .flatMap((word) => (typeof word === 'string' && word.startsWith(`${flag}=`) ? [word.slice(flag.length + 1)] : []))
      .flatMap((value) => networksOf(value.split(','), `${flag} of Pod ${metadata.name}`)),
  );
}

const networksOf = (texts: readonly unknown[], source: string): readonly Network[] =>
  texts.flatMap((text) => {
    const prefix = typeof text === 'string' ? parsePrefix(text.trim()) : undefined;
    return prefix?.ok === true ? [{ range: rangeOfPrefix(prefix.value), source }] : [];
  });

/** Each range of a pool that overlaps one of the networks, with the networks that it overlaps, as `describe` says them. */
export const poolsInside = (
  plan: Plan,
  networks: readonly Network[],
  describe: (network: Network) => string = describeNetwork,
): readonly RuleFinding[] =>
  plan.snapshot.config.pools.flatMap(({ name, ranges }) =>
    ranges.flatMap((range, i) => {
      const inside = networks.filter((network) => rangesOverlap(network.range, range));
      if (inside.length === 0) return [];
      return [
        {
          object: { kind: 'IPAddressPool', name },
          path: ['spec', 'addresses', i],
          message: `${formatIpRange(range)} overlaps ${few(inside.map(describe), 2)}`,
        },
      ];
    }),
  );

/** `10.96.0.0-10.111.255.255 (ServiceCIDR kubernetes)`. */
export const describeNetwork = ({ range, source }: Network): string => `${formatIpRange(range)} (${source})`;
