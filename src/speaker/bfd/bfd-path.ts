/**
 * Where the BFD session with a router runs (docs/decisions.md 18): over one hop where both ends are on a subnet of this node, else over several. Pure.
 */
import type { SessionPath } from '../../bfd/session-table.ts';
import type { BfdProfile } from '../../config/bfd-profile.ts';
import { sessionPathOf } from '../../io/bfd-profile.ts';
import type { LinkTable } from '../../io/linux/link-table.ts';
import { formatIp, type Ip } from '../../net/ip.ts';

export interface BfdPath {
  readonly path: SessionPath;
  /** The interface of a single hop; null over several. */
  readonly device: string | null;
}

export interface BfdEnds {
  readonly remote: Ip;
  readonly local: Ip;
  /** Where the kernel tells nothing of links, it is taken for the distance. */
  readonly ebgpMultiHop: boolean;
}

/** @param links - null where the kernel tells nothing of them. */
export function bfdPathOf(
  profile: BfdProfile,
  { remote, local, ebgpMultiHop }: BfdEnds,
  links: Pick<LinkTable, 'linkBetween'> | null,
): BfdPath {
  if (links === null && !ebgpMultiHop)
    return { path: { type: 'singleHop', remote, local, interfaceIndex: null }, device: null };
  const link = links?.linkBetween(local, remote) ?? null;
  return { path: sessionPathOf(profile, remote, local, link?.index ?? null), device: link?.name ?? null };
}

/** Equal for paths that the same session serves. */
export const pathText = ({ path, device }: BfdPath): string =>
  JSON.stringify({ ...path, remote: formatIp(path.remote), local: path.local && formatIp(path.local), device });
