/** The address ranges that the cluster uses inside, as far as the input shows them. */
import { parseIp } from '../net/ip.ts';
import { type IpRange, rangeOfPrefix } from '../net/ip-range.ts';
import { parsePrefix } from '../net/prefix.ts';
import { listAt, type Objects, textAt } from './objects.ts';

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
