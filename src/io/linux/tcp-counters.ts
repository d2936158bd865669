/**
 * What the kernel's TCP counted of segments that it dropped without a word: signatures (RFC 2385) and TTL security (RFC 5082).
 *
 * The counters are those of the process's network namespace (`/proc/net` is that of the reader) and know no peer: a difference between
 * two readings says that something was dropped meanwhile, not whose it was. Who prints one says so.
 */
import { readFileSync } from 'node:fs';
import type { Clock } from '../../time/clock.ts';

/** Segments dropped since the namespace was made, by the kernel's names for why. */
export interface TcpCounters {
  /** Signed, but not with our key. */
  readonly md5Failure: number;
  /** Not signed, and we have a key for that peer. */
  readonly md5NotFound: number;
  /** Signed, and we have no key for that peer. */
  readonly md5Unexpected: number;
  /** With a smaller TTL than the socket asks for. */
  readonly minTtlDrop: number;
}

const NAMES = {
  md5Failure: 'TCPMD5Failure',
  md5NotFound: 'TCPMD5NotFound',
  md5Unexpected: 'TCPMD5Unexpected',
  minTtlDrop: 'TCPMinTTLDrop',
} as const satisfies Record<keyof TcpCounters, string>;

/** Reads the text of `/proc/net/netstat`; a counter that this kernel has not is zero, and without any of TCP the answer is null. */
export function parseTcpCounters(text: string): TcpCounters | null {
  // Two lines each: the names, then the values.
  const [names, values] = text
    .split('\n')
    .filter((line) => line.startsWith('TcpExt: '))
    .map((line) => line.split(' '));
  if (names === undefined || values === undefined) return null;
  const of = (name: string): number => {
    const value = Number(values[names.indexOf(name)]);
    return Number.isSafeInteger(value) ? value : 0;
  };
  return {
    md5Failure: of(NAMES.md5Failure),
    md5NotFound: of(NAMES.md5NotFound),
    md5Unexpected: of(NAMES.md5Unexpected),
    minTtlDrop: of(NAMES.minTtlDrop),
  };
}

/** How much each has grown from one reading to the next. */
export const countedSince = (before: TcpCounters, now: TcpCounters): TcpCounters => ({
  md5Failure: now.md5Failure - before.md5Failure,
  md5NotFound: now.md5NotFound - before.md5NotFound,
  md5Unexpected: now.md5Unexpected - before.md5Unexpected,
  minTtlDrop: now.minTtlDrop - before.minTtlDrop,
});

/** A reader that many sessions share: within `maxAgeMs` it answers what it read last. Null where the kernel has no such file. */
export function tcpCounterReader(clock: Clock, maxAgeMs: number): () => TcpCounters | null {
  let last: { readonly at: number; readonly counters: TcpCounters | null } | undefined;
  return () => {
    const at = clock.now();
    if (last === undefined || at - last.at > maxAgeMs) last = { at, counters: read() };
    return last.counters;
  };
}

function read(): TcpCounters | null {
  try {
    return parseTcpCounters(readFileSync('/proc/self/net/netstat', 'latin1'));
  } catch {
    return null; // not Linux, or /proc is not mounted: causes are then named without this evidence
  }
}
