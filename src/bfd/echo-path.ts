/** Where Echo packets can go (RFC 5881 sections 4 and 5): to the neighbor on a link that is known, from an address of ours that is known, over IPv4. */
import type { Ip } from '../net/ip.ts';
import type { SessionPath } from './session-table.ts';

/** The link of a session, and our address there. */
export interface EchoLink {
  readonly interfaceIndex: number;
  readonly local: Ip;
}

/** Why no Echo packets can go by a path. */
export type EchoObstacle =
  /** The Echo function is of a single hop (RFC 5883 section 3). */
  | 'severalHops'
  /** Not done here, as in MetalLB. */
  | 'ipv6'
  /** The kernel has not told which link it is. */
  | 'linkUnknown';

export function echoLinkOf(path: SessionPath): EchoLink | EchoObstacle {
  if (path.type === 'multihop') return 'severalHops';
  if (path.remote.family === 6) return 'ipv6';
  const { interfaceIndex, local } = path;
  return interfaceIndex === null || local === null ? 'linkUnknown' : { interfaceIndex, local };
}
