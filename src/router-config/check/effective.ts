/** What is in force for one neighbor: its own settings, else those of its peer group, else those of all. */
import type { Ip, IpFamily } from '../../net/ip.ts';
import { formatIp } from '../../net/ip.ts';
import { prefixContains } from '../../net/prefix.ts';
import type { Who } from './dialect.ts';
import type { RunningConfig, RunningFamily, RunningNeighbor } from './running.ts';

export interface Effective {
  /** Where a change belongs. */
  readonly who: Who;
  readonly line: number;
  readonly settings: Pick<
    RunningNeighbor,
    'remoteAsn' | 'password' | 'timers' | 'bfd' | 'multihop' | 'ttlSecurity' | 'shutdown'
  >;
  /** Some settings are not read here: what is missing may be there. */
  readonly inherits: boolean;
  family(family: IpFamily): EffectiveFamily;
}

export interface EffectiveFamily extends Omit<RunningFamily, 'active'> {
  readonly active: boolean;
}

/** The neighbor of this address, listed or from a range; undefined where there is none. */
export function effectiveOf(address: Ip, config: RunningConfig): Effective | undefined {
  const text = formatIp(address);
  const own = config.neighbors.get(text);
  if (own !== undefined) return merge(text, own, own.group, config);
  const range = config.ranges.find(({ value }) => prefixContains(value.prefix, address));
  if (range === undefined) return undefined;
  const group = config.groups.get(range.value.group);
  return group === undefined ? undefined : merge(null, group, range.value.group, config);
}

function merge(
  address: string | null,
  own: RunningNeighbor,
  groupName: string | null,
  config: RunningConfig,
): Effective {
  const group = groupName === null ? undefined : config.groups.get(groupName);
  const known = group !== undefined && groupName !== null;
  return {
    who: known ? { kind: 'peer-group', name: groupName } : { kind: 'neighbor', name: address ?? '' },
    line: own.line,
    settings: {
      remoteAsn: own.remoteAsn ?? group?.remoteAsn ?? null,
      password: own.password ?? group?.password ?? null,
      timers: own.timers ?? group?.timers ?? config.timers,
      bfd: own.bfd ?? group?.bfd ?? null,
      multihop: own.multihop ?? group?.multihop ?? null,
      ttlSecurity: own.ttlSecurity ?? group?.ttlSecurity ?? null,
      shutdown: own.shutdown ?? group?.shutdown ?? null,
    },
    inherits: own.inherits || (group?.inherits ?? false) || (groupName !== null && group === undefined),
    family: (family) => {
      const [mine, ours] = [own.families.get(family), group?.families.get(family)];
      return {
        active: (mine?.active ?? ours?.active)?.value ?? (family === 4 && config.ipv4ByDefault),
        routeMap: mine?.routeMap ?? ours?.routeMap ?? null,
        prefixList: mine?.prefixList ?? ours?.prefixList ?? null,
        otherFilter: mine?.otherFilter ?? ours?.otherFilter ?? null,
        maximumPrefix: mine?.maximumPrefix ?? ours?.maximumPrefix ?? null,
      };
    },
  };
}
