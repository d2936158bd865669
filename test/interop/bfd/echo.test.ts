/** BFD Echo packets of our own with FRR's bfdd, in network namespaces: the router's kernel sends them back where it forwards. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Frr } from '../../../lab/frr.ts';
import { forward } from '../../../lab/netns.ts';
import { NODE, ROUTER } from '../../../lab/pair.ts';
import { testObstacle, titled } from '../../../lab/requirements.ts';
import { until } from '../../../lab/run.ts';
import { BfdNetwork, type End, type LineOf, session } from './network.ts';

interface FrrPeer {
  readonly peer: string;
  readonly status: string;
  readonly 'remote-receive-interval': number;
}

const obstacle = await testObstacle('root', ['frr', 'nftables']);

/** Counts what the router forwards of our Echo packets; the second chain loses them, and nothing else, where it is there. */
const COUNT = `table ip watch { counter echo {}; chain count { type filter hook forward priority -10; ip saddr ${NODE.ipv4} ip daddr ${NODE.ipv4} udp dport 3785 counter name echo; }; }`;
const LOSE = `table ip lose { chain in { type filter hook forward priority 0; ip daddr ${NODE.ipv4} udp dport 3785 drop; }; }`;
const ECHO_MS = 50;

let network: BfdNetwork;
let end: End;
let frr: Frr;

beforeEach(async () => {
  network = await BfdNetwork.build();
});
afterEach(async () => {
  await end.stop();
  await network.sandbox.close();
});

describe.skipIf(obstacle !== undefined)(titled('Echo packets of our own, with FRR', obstacle), () => {
  /** FRR takes Echo packets unless told otherwise. @param lines - of its peer. */
  async function start(lines: readonly string[] = []): Promise<void> {
    const { sandbox, pair } = network;
    const peer = [`peer ${NODE.ipv4} interface eth0`, ' receive-interval 300', ' transmit-interval 300', ...lines];
    const config = ['bfd', ...[...peer, ' no shutdown', '!'].map((line) => ` ${line}`), ''].join('\n');
    frr = await Frr.start({ sandbox, namespace: pair.router, address: ROUTER.ipv4, config });
    expect(frr.remarks).toBe('');
    const { index } = await network.linkLocal(pair.node);
    end = network.end([
      session({ name: 'v4', device: 'eth0', interfaceIndex: index, echoMs: ECHO_MS, requiredMinEchoRxMs: ECHO_MS }),
    ]);
    await end.inState('v4', 'Up');
  }

  const peer = async (): Promise<FrrPeer> =>
    (await frr.json<readonly FrrPeer[]>('show bfd peers')).find((one) => one.peer === NODE.ipv4) as FrrPeer;
  const counters = async (): Promise<object | undefined> =>
    (await frr.json<readonly { readonly peer: string }[]>('show bfd peers counters')).find(
      (one) => one.peer === NODE.ipv4,
    );
  const report = async (): Promise<LineOf<'report'>> => await end.report();
  const statusOf = async () => (await report()).sessions.v4?.status;
  const forwarded = async (): Promise<number> => {
    const text = await network.pair.router.run(['nft', 'list', 'counter', 'ip', 'watch', 'echo']);
    return Number(/packets (\d+)/.exec(text)?.[1]);
  };

  it('watch the path while the router forwards them: a cut that only they notice is a failure, once', async () => {
    const { router } = network.pair;
    await forward(router);
    await router.run(['nft', COUNT]);
    await start();
    // In the other direction as well: those of FRR are none of ours.
    await frr.configure('bfd', `peer ${NODE.ipv4} interface eth0`, 'echo-mode');
    await end.echoIs('v4', 'active');
    await pause(3_000);
    const before = await statusOf();
    const counted = await forwarded();
    expect(before).toMatchObject({
      sessionState: 'Up',
      echo: 'active',
      downCount: 0,
      requiredMinRxInterval: 1_000_000,
    });
    // 50 ms less up to a quarter, for three seconds; each was forwarded by the router, and each is back but those under way.
    expect(before?.echoPacketsReceived).toBeGreaterThan(50);
    expect((before?.echoPacketsSent ?? 0) - (before?.echoPacketsReceived ?? 0)).toBeLessThanOrEqual(2);
    expect(Math.abs(counted - (before?.echoPacketsSent ?? 0))).toBeLessThanOrEqual(15);
    expect((await peer())['remote-receive-interval']).toBe(1_000);
    expect((await report()).dropped).not.toHaveProperty('unknownEcho');

    const cutAt = Date.now();
    await router.run(['nft', LOSE]);
    const down = await until('our Down', () => end.states('v4'), {
      timeoutMs: 5_000,
      everyMs: 10,
      done: (states) => states.some(({ state, localDiag }) => state === 'Down' && localDiag === 2),
    });
    const after = (down.find(({ localDiag }) => localDiag === 2)?.atMs ?? 0) - cutAt;
    console.log(`Echo alone cut at ${ECHO_MS} ms x 3: our Down with diagnostic 2 after ${after} ms`);
    expect(after).toBeLessThan(400);
    await end.inState('v4', 'Up');
    await end.echoIs('v4', 'notReturned');
    await pause(3_000);
    expect(await statusOf()).toMatchObject({ sessionState: 'Up', downCount: 1, requiredMinRxInterval: 300_000 });

    // FRR was told, and says it no more: its session is up again.
    expect(await counters()).toMatchObject({ 'session-down': 1 });

    await router.run(['nft', 'delete table ip lose']);
    await end.echoIs('v4', 'active');
    expect(await statusOf()).toMatchObject({ sessionState: 'Up', downCount: 1 });
  });

  it('take no session down where the router does not forward, and begin when it does', async () => {
    await start();
    await end.echoIs('v4', 'notReturned');
    await pause(3_000);
    expect(await statusOf()).toMatchObject({
      sessionState: 'Up',
      downCount: 0,
      echoPacketsReceived: 0,
      requiredMinRxInterval: 300_000,
    });
    await forward(network.pair.router);
    await end.echoIs('v4', 'active');
    expect(await statusOf()).toMatchObject({ sessionState: 'Up', downCount: 0 });
  });

  it('go on through the death of the thread, without a flap', async () => {
    await forward(network.pair.router);
    await start();
    await end.echoIs('v4', 'active');
    await pause(3_000);
    const seen = (await end.lines('echo')).length;
    end.do({ do: 'killWorker' });
    await until('Echo after the death', () => end.lines('echo'), {
      timeoutMs: 20_000,
      done: (lines) => lines.slice(seen).some(({ state }) => state === 'active'),
    });
    await pause(3_000);
    expect(await end.downs('v4')).toBe(0);
    expect(await peer()).toMatchObject({ status: 'up' });
  });

  it('are not sent to a router that takes none', async () => {
    await forward(network.pair.router);
    await start([' echo receive-interval disabled']);
    await pause(3_000);
    expect(await statusOf()).toMatchObject({
      sessionState: 'Up',
      remoteMinEchoRxInterval: 0,
      echo: 'off',
      echoPacketsSent: 0,
    });
  });
});
