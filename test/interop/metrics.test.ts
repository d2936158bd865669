/** The speaker's metrics against the counters of a real FRR: the same messages, seen from both ends. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Frr } from '../../lab/frr.ts';
import { NODE, NODE_ASN, Pair, PREFIXES, ROUTER, ROUTER_ASN } from '../../lab/pair.ts';
import { testObstacle, titled } from '../../lab/requirements.ts';
import { until } from '../../lab/run.ts';
import { Sandbox } from '../../lab/sandbox.ts';

const PORT = 7472;
const CONFIG = `
router bgp ${ROUTER_ASN}
 bgp router-id ${ROUTER.ipv4}
 no bgp ebgp-requires-policy
 no bgp network import-check
 network 203.0.113.1/32
 neighbor ${NODE.ipv4} remote-as ${NODE_ASN}
 neighbor ${NODE.ipv4} timers connect 1
`;

interface FrrNeighbor {
  readonly bgpTimerHoldTimeMsecs: number;
  readonly bgpTimerKeepAliveIntervalMsecs: number;
  readonly connectionsDropped: number;
  readonly messageStats: Readonly<Record<string, number>>;
  readonly addressFamilyInfo: { readonly ipv4Unicast: { readonly sentPrefixCounter: number } };
}

const obstacle = await testObstacle('root', ['frr', 'curl']);

describe.skipIf(obstacle !== undefined)(titled('metrics', obstacle), () => {
  let sandbox: Sandbox;
  let pair: Pair;
  beforeEach(async () => {
    sandbox = new Sandbox('root');
    pair = await Pair.build(sandbox);
  });
  afterEach(() => sandbox.close());

  /** Series of our one peer, without its label, to value. */
  async function scrape(): Promise<ReadonlyMap<string, number>> {
    const text = await pair.node.run(['curl', '-sf', `http://127.0.0.1:${PORT}/metrics`]);
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => {
        const series = line.slice(0, line.lastIndexOf(' ')).replace(`peer="${ROUTER.ipv4}:179"`, '');
        return [series.replace('{}', '').replace('{,', '{'), Number(line.slice(line.lastIndexOf(' ') + 1))];
      }),
    );
  }

  it('agree with what FRR counts of the same session, through a refresh and a reset', async () => {
    const frr = await Frr.start({ sandbox, namespace: pair.router, address: ROUTER.ipv4, config: CONFIG });
    pair.startSpeaker({ families: ['ipv4'], flags: ['--metrics-port', `${PORT}`] });
    const neighbor = async (): Promise<FrrNeighbor> => {
      const found = (await frr.json<Record<string, FrrNeighbor>>(`show bgp neighbors ${NODE.ipv4}`))[NODE.ipv4];
      if (found === undefined) throw new Error('FRR does not know the node');
      return found;
    };
    const routed = (): Promise<unknown> =>
      until('the route in FRR', () => frr.nextHops(PREFIXES.ipv4), {
        timeoutMs: 30_000,
        done: (hops) => hops.join() === NODE.ipv4,
      });
    /** Both ends go on counting KEEPALIVEs: they agree as soon as none is on its way. */
    const agree = (pairs: Readonly<Record<string, string>>): Promise<unknown> =>
      until(
        `${Object.keys(pairs).join()} to agree with FRR`,
        async () => {
          const [ours, { messageStats }] = [await scrape(), await neighbor()];
          return Object.entries(pairs).map(([series, theirs]) => [series, ours.get(series), messageStats[theirs]]);
        },
        { timeoutMs: 20_000, done: (rows) => rows.every(([, ours, theirs]) => ours !== undefined && ours === theirs) },
      );
    await routed();
    await agree({
      metallb_bgp_updates_total: 'updatesRecv',
      'metallb_bgp_updates_total_received{vrf="default"}': 'updatesSent',
      'metallb_bgp_keepalives_sent{vrf="default"}': 'keepalivesRecv',
      'metallb_bgp_keepalives_received{vrf="default"}': 'keepalivesSent',
    });
    const up = await scrape();
    expect(up.get('metallb_bgp_session_up')).toBe(1);
    expect(up.get('metallb_bgp_announced_prefixes_total')).toBe(1);
    expect(up.get('metallb_bgp_pending_prefixes_total')).toBe(0);
    expect(up.get('metallb_bgp_session_flaps_total')).toBe(0);
    // Its own prefix, and ours back to us.
    await until('the prefixes that FRR announces', async () => [...(await scrape())].map(String), {
      timeoutMs: 20_000,
      done: (values) => values.includes('metallb_bgp_received_prefixes_total,2'),
    });
    expect((await neighbor()).addressFamilyInfo.ipv4Unicast.sentPrefixCounter).toBe(2);
    const timers = await neighbor();
    expect(up.get('metallb_bgp_hold_time_seconds')).toBe(timers.bgpTimerHoldTimeMsecs / 1_000);
    expect(up.get('metallb_bgp_keepalive_interval_seconds')).toBe(timers.bgpTimerKeepAliveIntervalMsecs / 1_000);

    await frr.vtysh(`clear bgp ipv4 unicast ${NODE.ipv4} soft in`);
    await agree({
      'metallb_bgp_route_refresh_received{vrf="default"}': 'routeRefreshSent',
      metallb_bgp_updates_total: 'updatesRecv',
    });

    await frr.vtysh(`clear bgp ipv4 unicast ${NODE.ipv4}`);
    await until('the flap', scrape, {
      timeoutMs: 20_000,
      done: (values) => values.get('metallb_bgp_session_flaps_total') === 1,
    });
    await routed();
    const after = await scrape();
    expect(after.get('metallb_bgp_session_last_reset{cause="notificationReceived"}')).toBe(1);
    expect(after.get('metallb_bgp_notifications_received{vrf="default"}')).toBe(
      (await neighbor()).messageStats.notificationsSent,
    );
    expect((await neighbor()).connectionsDropped).toBe(1);
  });
});
