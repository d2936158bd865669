/** A daemon under test: what every one of them can be asked, and how a route in its table is written down. */
import type { NetworkNamespace } from '../../../../lab/netns.ts';
import type { DaemonName } from './network.ts';

/** A route as a daemon holds it. */
export interface HeldRoute {
  readonly nextHop: string;
  readonly origin: string;
  readonly asPath: readonly number[];
  /** Null: none came with it. */
  readonly localPref: number | null;
  readonly med: number | null;
  /** `64512:100`; well-known ones as numbers too. */
  readonly communities: readonly string[];
  readonly largeCommunities: readonly string[];
}

export interface Subject {
  readonly name: DaemonName;
  readonly namespace: NetworkNamespace;
  /** The node's address in the session. */
  readonly neighbor: string;
  /** Its only path of a prefix; null when it has none. */
  route(prefix: string): Promise<HeldRoute | null>;
  established(): Promise<boolean>;
  /** All that it tells of the neighbor, in its own words. */
  about(): Promise<string>;
  log(): Promise<string>;
  /** UPDATEs that it has received in this session. */
  updatesReceived(): Promise<number>;
  /** Makes it ask for the routes of the session's family again. */
  askRefresh(): Promise<void>;
  /** Makes it end the session as an operator would, and begin it anew. */
  restart(): Promise<void>;
}

const isIPv6 = (text: string): boolean => text.includes(':');

export const familyOf = (text: string): 'ipv4' | 'ipv6' => (isIPv6(text) ? 'ipv6' : 'ipv4');

const WELL_KNOWN: Readonly<Record<string, string>> = {
  'graceful-shutdown': '65535:0',
  'accept-own': '65535:1',
  'llgr-stale': '65535:6',
  'no-llgr': '65535:7',
  blackhole: '65535:666',
  'no-export': '65535:65281',
  'no-advertise': '65535:65282',
  'local-as': '65535:65283',
  'no-peer': '65535:65284',
};

/** Communities as text with numbers alone, sorted by number. */
export function communities(words: readonly string[]): readonly string[] {
  return words.map((word) => WELL_KNOWN[word.toLowerCase()] ?? word).sort(byNumbers);
}

export function byNumbers(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(':').map(Number)) as [number[], number[]];
  for (const [i, value] of left.entries()) {
    const difference = value - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
