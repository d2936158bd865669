import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countedSince, parseTcpCounters } from './tcp-counters.ts';

const NETSTAT = `TcpExt: SyncookiesSent TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure TCPSackShifted TCPMinTTLDrop
TcpExt: 1 2 3 4 5 6
IpExt: InNoRoutes InTruncatedPkts
IpExt: 7 8
`;

describe('the counters of the kernel', () => {
  it('are found by name', () => {
    expect(parseTcpCounters(NETSTAT)).toEqual({ md5Failure: 4, md5NotFound: 2, md5Unexpected: 3, minTtlDrop: 6 });
  });

  it('are zero where this kernel has not that one, and absent without any', () => {
    expect(parseTcpCounters(NETSTAT.replace('TCPMinTTLDrop', 'Other'))?.minTtlDrop).toBe(0);
    expect(parseTcpCounters('IpExt: A\nIpExt: 1\n')).toBeNull();
    expect(parseTcpCounters('')).toBeNull();
  });

  it('are numbers whatever the file says', () => {
    fc.assert(
      fc.property(fc.string(), (rest) => {
        const counters = parseTcpCounters(`TcpExt: TCPMD5Failure ${rest}\nTcpExt: ${rest}\n`);
        for (const value of Object.values(counters ?? {})) expect(Number.isSafeInteger(value)).toBe(true);
      }),
    );
  });

  it('differ by what came between', () => {
    const now = parseTcpCounters(NETSTAT.replace('1 2 3 4 5 6', '1 2 3 9 5 7'));
    const before = parseTcpCounters(NETSTAT);
    expect(now !== null && before !== null && countedSince(before, now)).toEqual({
      md5Failure: 5,
      md5NotFound: 0,
      md5Unexpected: 0,
      minTtlDrop: 1,
    });
  });
});
