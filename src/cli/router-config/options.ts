/** The options of `metallb router-config` in the types that the model takes. */
import { InvalidArgumentError } from 'commander';
import type { NodeSelectorsPolicy } from '../../config/peer.ts';
import { type Ip, parseIp } from '../../net/ip.ts';
import { type Prefix, parsePrefix } from '../../net/prefix.ts';
import type { VendorName } from '../../router-config/vendors/vendor.ts';

export interface RouterConfigFlags {
  readonly vendor: VendorName;
  readonly router?: Ip;
  readonly check?: string;
  readonly showPasswords?: true;
  readonly listenRange?: Prefix;
  readonly maxNeighbors?: number;
  readonly subnet?: readonly Prefix[];
  readonly output: 'text' | 'json' | 'sarif';
  readonly nodeSelectors: NodeSelectorsPolicy;
  readonly namespace: string;
}

export function addressOf(text: string): Ip {
  const ip = parseIp(text);
  if (!ip.ok) throw new InvalidArgumentError(`${ip.error}.`);
  return ip.value;
}

export function prefixOption(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (!prefix.ok) throw new InvalidArgumentError(`${prefix.error}.`);
  return prefix.value;
}

/** For an option that may be given several times. */
export const prefixes = (text: string, before: readonly Prefix[] = []): readonly Prefix[] => [
  ...before,
  prefixOption(text),
];

export function countOf(text: string): number {
  const count = Number(text);
  if (!/^[0-9]{1,6}$/.test(text) || count < 1) throw new InvalidArgumentError('must be a number from 1 on.');
  return count;
}
