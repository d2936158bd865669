/** Two speakers that dial each other at the same moment over real sockets, two hundred times: one session each time, the same one at both ends. */
import { describe, expect, it } from 'vitest';
import { CeaseSubcode, IPV4_UNICAST } from '../../src/bgp/packet/constants.ts';
import { cease } from '../../src/bgp/packet/notification.ts';
import type { Peer } from '../../src/bgp/peer.ts';
import { BgpDriver } from '../../src/io/bgp-driver.ts';
import { BgpListeners, type Expecting } from '../../src/io/bgp-listeners.ts';
import { type Ip, parseIp } from '../../src/net/ip.ts';
import { systemClock } from '../../src/time/clock.ts';

const RACES = 200;
const AT_ONCE = 25;
const PORT = 17_179;

const ip = (text: string): Ip => {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};
const later = (ms: number): Promise<void> => new Promise((resolve) => systemClock.after(ms, resolve));

const listeners = new BgpListeners(PORT, {
  unavailable: (_, error) => {
    throw error;
  },
  stranger: () => undefined,
  tooFar: () => undefined,
});

/** Listens before any of a pair dials, so that both connections come about; nobody connects from there. */
const holdOpen = (address: string): Expecting =>
  listeners.expect(
    { local: ip(address), remote: ip('192.0.2.99'), md5Key: null, ttlSecurityHops: null },
    () => undefined,
  );

function driver(local: string, remote: string, asn: number, bgpIdentifier: number): BgpDriver {
  const to = { ip: ip(remote), port: PORT };
  return new BgpDriver({
    endpoint: { remote: to, dial: to, source: ip(local), localAddress: null },
    md5Key: null,
    config: {
      localAsn: asn,
      remoteAsn: 'external',
      bgpIdentifier,
      holdTimeSeconds: 90,
      keepaliveSeconds: 30,
      families: [IPV4_UNICAST],
      connectMode: 'both',
      connectRetry: { initialMs: 1_000, maxMs: 30_000 },
      maxPrefixes: 10,
    },
    observer: {
      stateChanged: () => undefined,
      established: () => undefined,
      down: () => undefined,
      updateReceived: () => undefined,
      routesSent: () => undefined,
    },
    clock: systemClock,
    random: Math.random,
    listeners,
  });
}

/** The ports of the session that is up, ours first. */
const ports = ({ status }: Peer, oursFirst: boolean): readonly number[] => {
  const { session } = status;
  if (status.state !== 'Established' || session === null) return [];
  return oursFirst ? [session.localPort, session.remotePort] : [session.remotePort, session.localPort];
};

describe('collisions over real sockets', () => {
  it(`leave exactly one session of ${RACES}, whoever has the higher identifier`, async () => {
    const outcomes = new Map<string, number>();
    for (let first = 0; first < RACES; first += AT_ONCE) {
      const open: Expecting[] = [];
      const pairs = Array.from({ length: AT_ONCE }, (_, i) => {
        const n = first + i;
        const [a, b] = [`127.150.${n}.1`, `127.150.${n}.2`];
        open.push(...[a, b].map((address) => holdOpen(address)));
        // Lower, higher and equal.
        const identifier = [1, 3, 2][n % 3] as number;
        return [driver(a, b, 65_001, identifier), driver(b, a, 65_002, 2)] as const;
      });
      for (const [a, b] of pairs) {
        a.start();
        b.start();
      }
      const up = (): boolean => pairs.flat().every(({ peer }) => peer.status.state === 'Established');
      for (let waited = 0; !up() && waited < 5_000; waited += 10) await later(10);
      for (const [a, b] of pairs) {
        const here = ports(a.peer, true);
        expect(here).toHaveLength(2);
        expect(ports(b.peer, false)).toEqual(here);
        const kept = here[1] === PORT ? 'the one that a opened' : 'the one that b opened';
        outcomes.set(kept, (outcomes.get(kept) ?? 0) + 1);
      }
      await later(200);
      for (const [a, b] of pairs) {
        expect(ports(b.peer, false)).toEqual(ports(a.peer, true));
        for (const { status } of [a.peer, b.peer]) {
          expect(status.establishedCount).toBe(1);
          expect(status.messagesSent.OPEN).toBeLessThanOrEqual(2); // a third would be that of another attempt
        }
      }
      const reason = cease(CeaseSubcode.AdministrativeShutdown);
      await Promise.all(pairs.flat().map((one) => one.stop(reason)));
      for (const expecting of open) expecting.end();
    }
    // A race that only one side ever ran would prove nothing.
    expect(outcomes.size).toBe(2);
  });
});
