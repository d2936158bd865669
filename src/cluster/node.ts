/** v1 Node: what announcement needs of it. */
import type { Ip } from '../net/ip.ts';

export interface Node {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `status.addresses` of type InternalIP, in their order. */
  readonly internalIPs: readonly Ip[];
  /** Condition NetworkUnavailable is True. */
  readonly networkUnavailable: boolean;
}
