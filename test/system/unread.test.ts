/** A router that stops reading: what waits for it stays small, and nobody waits for it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { State } from '../../src/bgp/fsm.ts';
import { CeaseSubcode, IPV4_UNICAST } from '../../src/bgp/packet/constants.ts';
import { cease } from '../../src/bgp/packet/notification.ts';
import { BgpDriver } from '../../src/io/bgp-driver.ts';
import { type Ip, parseIp } from '../../src/net/ip.ts';
import { prefixOf } from '../../src/net/prefix.ts';
import { systemClock } from '../../src/time/clock.ts';
import { World } from './speaker-harness.ts';
import { UnreadRouter } from './unread.ts';

const ROUTER_ASN = 64512;
const CONFIG = 'multi-router/multi-router-config.yaml';

let router: UnreadRouter | undefined;
afterEach(() => router?.close());

const ip = (text: string): Ip => {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

const later = (ms: number): Promise<void> => new Promise((resolve) => systemClock.after(ms, resolve));

describe('a router that stops reading', () => {
  it('costs no more memory however much changes, and a bounded time at the end', async () => {
    router = await UnreadRouter.listen('127.0.0.1', 0, ROUTER_ASN, 90);
    let state = 'Idle' as State;
    const remote = { ip: ip(router.address), port: router.port };
    const driver = new BgpDriver({
      endpoint: { remote, dial: remote, source: null, localAddress: ip('192.0.2.10') },
      md5Key: null,
      config: {
        localAsn: 64513,
        remoteAsn: ROUTER_ASN,
        bgpIdentifier: 1,
        holdTimeSeconds: 90,
        keepaliveSeconds: 30,
        families: [IPV4_UNICAST],
        connectMode: 'active',
        connectRetry: { initialMs: 1_000, maxMs: 1_000 },
        maxPrefixes: 10,
      },
      observer: {
        stateChanged: (_, to) => {
          state = to;
        },
        established: () => undefined,
        down: () => undefined,
        updateReceived: () => undefined,
        routesSent: () => undefined,
      },
      clock: systemClock,
      random: Math.random,
      listeners: null,
    });
    driver.start();
    for (let waited = 0; state !== 'Established' && waited < 5_000; waited += 10) await later(10);
    expect(state).toBe('Established');

    const PREFIXES = 20_000;
    const change = (n: number, med: number): void => {
      const prefix = prefixOf({ family: 4, value: 0x0a000000n + BigInt(n % PREFIXES) }, 32);
      const attributes = { localPref: null, med, asPathPrepend: 0, communities: [], largeCommunities: [] };
      driver.peer.announce(prefix, attributes);
      if (n % 100 === 0) driver.peer.flush();
    };
    // Each prefix with attributes of its own, over and over, until the kernel takes no more.
    for (let round = 0; driver.peer.status.prefixes.pending === 0 && round < 50; round++) {
      for (let n = 0; n < PREFIXES; n++) change(n, round * PREFIXES + n);
      await later(1);
    }
    expect(driver.peer.status.prefixes.pending).toBeGreaterThan(0);
    const waiting = (): number => process.memoryUsage().external + process.memoryUsage().arrayBuffers;
    const before = waiting();
    for (let n = 0; n < 500_000; n++) change(n, n % 7);
    await later(10);
    expect(driver.peer.status.prefixes.pending).toBeLessThanOrEqual(PREFIXES);
    expect(waiting() - before).toBeLessThan(4_000_000);

    const began = performance.now();
    await driver.stop(cease(CeaseSubcode.AdministrativeShutdown));
    expect(performance.now() - began).toBeLessThan(1_500);
  });
});

describe('the end of a speaker', () => {
  async function unreadWorld(): Promise<World> {
    const world = await World.create();
    const text = readFileSync(join(world.folder, CONFIG), 'utf8');
    world.write(CONFIG, text.replaceAll(/^ {2}password: .*\n/gm, ''));
    router = await UnreadRouter.listen(world.routerAddress, world.port, ROUTER_ASN, 90);
    world.startSpeaker();
    await world.until('the session', () => world.events('sessionUp').length === 1);
    return world;
  }

  it('waits a second for a router that neither reads nor closes, and exits with status 0', async () => {
    const world = await unreadWorld();
    const began = performance.now();
    world.signal('SIGTERM');
    expect(await world.exited()).toBe(0);
    expect(performance.now() - began).toBeLessThan(2_500);
    await world.end();
  });

  it('does not wait at all after a second signal, and says so by its status', async () => {
    const world = await unreadWorld();
    const began = performance.now();
    world.signal('SIGTERM');
    await later(50);
    world.signal('SIGTERM');
    expect(await world.exited()).toBe(1);
    expect(performance.now() - began).toBeLessThan(700);
    await world.end();
  });
});
