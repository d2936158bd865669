/**
 * What a session can do beside carrying routes, against a real FRR: TTL security in both directions, keys that change, links that go, AS numbers
 * that stand for others.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Daemon } from '../../lab/daemon.ts';
import { Frr } from '../../lab/frr.ts';
import { tcpCounter } from '../../lab/netns.ts';
import { NODE, NODE_ASN, Pair, type PairOptions, PREFIXES, ROUTER, ROUTER_ASN } from '../../lab/pair.ts';
import { testObstacle, titled } from '../../lab/requirements.ts';
import { until } from '../../lab/run.ts';
import { Sandbox } from '../../lab/sandbox.ts';
import { type LogLine, speakerLog } from '../../lab/speaker.ts';

const OLD_KEY = 'the-key-before';
const NEW_KEY = 'the-key-after';
const BOTH = ['ipv4', 'ipv6'] as const;
/** Milliseconds on an idle machine; tests share theirs. The hold time would be 90 s. */
const AT_ONCE_MS = 2_000;
/** Nothing listens here on the router, so that it has to dial. */
const CLOSED_PORT = 'peerPort: 1790';

/** @param lines - of each neighbor. */
const config = (lines: readonly string[], remoteAs: number | 'internal' = NODE_ASN, asn = ROUTER_ASN): string => `
router bgp ${asn}
 bgp router-id ${ROUTER.ipv4}
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
${[NODE.ipv4, NODE.ipv6]
  .flatMap((node) =>
    [`remote-as ${remoteAs}`, 'timers connect 1', ...lines].map((line) => ` neighbor ${node} ${line}\n`),
  )
  .join('')}\
 address-family ipv4 unicast
  neighbor ${NODE.ipv4} activate
 exit-address-family
 address-family ipv6 unicast
  neighbor ${NODE.ipv6} activate
 exit-address-family
`;

const obstacle = await testObstacle('root', ['frr']);

describe.skipIf(obstacle !== undefined)(titled('a session with FRR', obstacle), () => {
  let sandbox: Sandbox;
  let pair: Pair;
  let speaker: Daemon;

  beforeEach(async () => {
    sandbox = new Sandbox('root');
    pair = await Pair.build(sandbox);
  });
  afterEach(async () => {
    const output = (await speaker.stdout()) + (await speaker.stderr());
    await sandbox.close();
    expect(output).not.toContain(OLD_KEY);
    expect(output).not.toContain(NEW_KEY);
  });

  async function start(text: string, options: Partial<PairOptions> = {}): Promise<Frr> {
    const frr = await Frr.start({ sandbox, namespace: pair.router, address: ROUTER.ipv4, config: text });
    speaker = pair.startSpeaker({ families: ['ipv4'], ...options });
    return frr;
  }

  const routed = (frr: Frr, family: 'ipv4' | 'ipv6'): Promise<unknown> =>
    until(`${family} route in FRR`, () => frr.nextHops(PREFIXES[family]), {
      timeoutMs: 30_000,
      everyMs: 20,
      done: (hops) => hops.join() === NODE[family],
    });

  const events = async (name: string): Promise<readonly LogLine[]> =>
    (await speakerLog(speaker)).filter(({ event }) => event === name);

  /** Waits for the n-th event of a name, and answers it. */
  const event = async (name: string, nth = 1): Promise<LogLine> => {
    const found = await until(`${name} (${nth})`, () => events(name), {
      timeoutMs: 30_000,
      everyMs: 5,
      done: (lines) => lines.length >= nth,
    });
    return found[nth - 1] as LogLine;
  };

  /** Waits for a failure of this cause; an FRR that has just started also closes connections. */
  const failure = async (cause: string): Promise<LogLine> => {
    const found = await until(
      `cause ${cause}`,
      async () => (await events('sessionError')).filter((line) => line.cause === cause),
      { timeoutMs: 30_000, everyMs: 5, done: (lines) => lines.length > 0 },
    );
    return found[0] as LogLine;
  };

  /** Milliseconds of the log's own clock. */
  const at = (line: LogLine): number => Date.parse(String(line.ts));

  const neighbor = async (frr: Frr): Promise<Record<string, unknown>> =>
    (await frr.json<Record<string, Record<string, unknown>>>(`show bgp neighbors ${NODE.ipv4}`))[NODE.ipv4] ?? {};

  describe('with TTL security (RFC 5082)', () => {
    const hops = ['ttlSecurityHops: 1'];

    it.each([
      ['the speaker dials', ['ttl-security hops 1', 'passive'], hops, 'outgoing'],
      ['the router dials', ['ttl-security hops 1'], [...hops, CLOSED_PORT], 'incoming'],
    ])('comes up in both families when %s', async (_, lines, spec) => {
      const frr = await start(config(lines), { families: BOTH, spec });
      for (const family of BOTH) await routed(frr, family);
    });

    it('takes nothing from a router that sends with a low TTL, and says so of a connection that came in', async () => {
      // FRR sends to an eBGP neighbor with TTL 1.
      await start(config([]), { spec: [...hops, CLOSED_PORT] });
      expect(await event('ttlTooLow')).toMatchObject({ level: 'warn', address: NODE.ipv4, remote: ROUTER.ipv4 });
      expect(await events('sessionUp')).toEqual([]);
    });

    it('leaves other sessions of the same address as they are', async () => {
      const frr = await start(config([]));
      await routed(frr, 'ipv4');
      expect(await tcpCounter(pair.router, 'TCPMinTTLDrop')).toBe(0);
    });

    it('cannot be had from one side alone', async () => {
      await start(config(['ttl-security hops 1']));
      await until("packets dropped by the router's kernel", () => tcpCounter(pair.router, 'TCPMinTTLDrop'), {
        timeoutMs: 30_000,
        done: (dropped) => dropped > 0,
      });
      expect(await events('sessionUp')).toEqual([]);
    });
  });

  it('is re-keyed once when the key changes, with a Cease that says so', async () => {
    const frr = await start(config([`password ${OLD_KEY}`]), { password: OLD_KEY });
    await routed(frr, 'ipv4');
    pair.configure({ families: ['ipv4'], password: NEW_KEY });
    const rekeyed = await event('sessionRekeyed');
    const told = await until('the Cease', () => neighbor(frr), {
      timeoutMs: 10_000,
      everyMs: 50,
      done: ({ lastNotificationReason }) => lastNotificationReason !== undefined,
    });
    expect(told).toMatchObject({
      lastNotificationReason: 'Cease/Administrative Reset',
      lastShutdownDescription: 'TCP MD5 key changed',
    });
    await frr.configure(`router bgp ${ROUTER_ASN}`, `neighbor ${NODE.ipv4} password ${NEW_KEY}`);
    const up = await event('sessionUp', 2);
    await routed(frr, 'ipv4');
    expect(await events('sessionRekeyed')).toHaveLength(1);
    expect(at(up) - at(rekeyed)).toBeLessThan(15_000);
    expect((await events('sessionError')).filter(({ cause }) => cause === 'notificationReceived')).toEqual([]);
  });

  it('goes on without a word when its peer is renamed', async () => {
    const frr = await start(config([]));
    await routed(frr, 'ipv4');
    const before = await neighbor(frr);
    pair.configure({ families: ['ipv4'], peerName: 'renamed' });
    await event('configLoaded', 2);
    const after = await neighbor(frr);
    expect(after.connectionsEstablished).toBe(before.connectionsEstablished);
    expect(after.messageStats).toMatchObject({
      updatesRecv: (before.messageStats as { updatesRecv: number }).updatesRecv,
    });
    expect(await events('sessionUp')).toHaveLength(1);
  });

  it('ends at once when the link loses its carrier, and comes back with it', async () => {
    const frr = await start(config([]), { holdTime: '90s' });
    await routed(frr, 'ipv4');
    const begun = Date.now();
    await pair.router.ip('link set eth0 down');
    const done = Date.now();
    const ended = at(await failure('linkDown'));
    await pair.router.ip('link set eth0 up');
    const raised = Date.now();
    const up = at(await event('sessionUp', (await events('sessionUp')).length + 1));
    await routed(frr, 'ipv4');
    console.info(
      `link down: the command took ${done - begun} ms, the session ended ${ended - begun} ms after it began; link up: Established after ${up - raised} ms`,
    );
    expect(ended - done).toBeLessThan(AT_ONCE_MS);
    expect(up - raised).toBeLessThan(10_000);
  });

  it('ends at once when its own address goes, and comes back with it', async () => {
    const frr = await start(config([]), { holdTime: '90s' });
    await routed(frr, 'ipv4');
    await pair.node.ip(`addr del ${NODE.ipv4}/24 dev eth0`);
    const done = Date.now();
    const ended = await failure('linkDown');
    expect(ended.error).toContain(NODE.ipv4);
    expect(at(ended) - done).toBeLessThan(AT_ONCE_MS);
    await pair.node.ip(`addr add ${NODE.ipv4}/24 dev eth0`);
    await event('sessionUp', (await events('sessionUp')).length + 1);
    await routed(frr, 'ipv4');
  });

  it.each([
    ['external', config([]), {}, `${NODE_ASN}`],
    ['internal', config([], 'internal', NODE_ASN), {}, ''],
    ['external, with another AS of our own', config([], 65_100), { localASN: 65_100 }, '65100'],
  ] as const)('takes the AS of the router from its OPEN: %s', async (kind, text, more, path) => {
    const spec = [
      `dynamicASN: ${kind.split(',')[0]}`,
      ...Object.entries(more).map(([field, value]) => `${field}: ${value}`),
    ];
    const frr = await start(text, { peerASN: 0, spec });
    await routed(frr, 'ipv4');
    const { paths } = await frr.json<{ paths: readonly { aspath: { string: string } }[] }>(
      `show bgp ipv4 unicast ${PREFIXES.ipv4}`,
    );
    expect(paths.map(({ aspath }) => aspath.string)).toEqual([path === '' ? 'Local' : path]);
  });

  it('answers a refresh between its markers (RFC 7313), and nothing is lost by it', async () => {
    const frr = await start(config([]));
    await routed(frr, 'ipv4');
    expect((await neighbor(frr)).neighborCapabilities).toMatchObject({ enhancedRouteRefresh: 'advertisedAndReceived' });
    const received = async (): Promise<number> =>
      ((await neighbor(frr)).messageStats as { routeRefreshRecv: number }).routeRefreshRecv;
    const before = await received();
    await frr.vtysh(`clear bgp ipv4 unicast ${NODE.ipv4} soft in`);
    await until('BoRR and EoRR', received, { timeoutMs: 10_000, everyMs: 50, done: (n) => n === before + 2 });
    await routed(frr, 'ipv4');
    expect(await events('sessionUp')).toHaveLength(1);
  });

  it('refuses a router of another kind', async () => {
    await start(config([]), { peerASN: 0, spec: ['dynamicASN: internal'] });
    expect((await failure('asMismatch')).error).toContain('an internal peer');
  });
});
