/** BFD with FRR's bfdd and with BIRD, in network namespaces. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bird } from '../../../lab/bird.ts';
import { Frr } from '../../../lab/frr.ts';
import { NODE, ROUTER } from '../../../lab/pair.ts';
import { testObstacle, titled } from '../../../lab/requirements.ts';
import { until } from '../../../lab/run.ts';
import { BfdNetwork, type End, FAR, multihop, session } from './network.ts';

interface FrrPeer {
  readonly peer: string;
  readonly status: string;
  readonly diagnostic: string;
  readonly 'remote-diagnostic': string;
  readonly 'receive-interval': number;
  readonly 'transmit-interval': number;
  readonly 'remote-receive-interval': number;
  readonly 'remote-transmit-interval': number;
  readonly 'remote-detect-multiplier': number;
  readonly 'remote-id': number;
}

interface FrrCounters {
  readonly peer: string;
  readonly 'session-down': number;
  readonly 'echo-packet-input': number;
}

const frrObstacle = await testObstacle('root', ['frr', 'nftables']);
const birdObstacle = await testObstacle('root', ['bird2', 'nftables']);

let network: BfdNetwork;
let end: End;

beforeEach(async () => {
  network = await BfdNetwork.build();
});
afterEach(async () => {
  await end.stop();
  await network.sandbox.close();
});

describe.skipIf(frrObstacle !== undefined)(titled('BFD with FRR', frrObstacle), () => {
  let frr: Frr;

  /** @param lines - of each peer. */
  async function start(lines: readonly string[]): Promise<void> {
    const peers = [
      `peer ${NODE.ipv4} interface eth0`,
      `peer ${NODE.ipv6} local-address ${ROUTER.ipv6} interface eth0`,
      `peer ${FAR.node} multihop local-address ${FAR.router}`,
    ];
    const config = ['bfd', ...peers.flatMap((peer) => [peer, ...lines, ' no shutdown', '!'])].map(
      (line) => ` ${line}\n`,
    );
    const { sandbox, pair } = network;
    const text = config.join('').trimStart();
    frr = await Frr.start({ sandbox, namespace: pair.router, address: ROUTER.ipv4, config: text });
    expect(frr.remarks).toBe('');
  }

  const peerOf = async (node: string): Promise<FrrPeer> => {
    const peers = await frr.json<readonly FrrPeer[]>('show bfd peers');
    return peers.find(({ peer }) => peer === node) as FrrPeer;
  };
  const countersOf = async (node: string): Promise<FrrCounters> => {
    const peers = await frr.json<readonly FrrCounters[]>('show bfd peers counters');
    return peers.find(({ peer }) => peer === node) as FrrCounters;
  };
  const frrIs = (node: string, status: string, timeoutMs = 20_000): Promise<FrrPeer> =>
    until(`FRR's session with ${node} ${status}`, () => peerOf(node), {
      timeoutMs,
      everyMs: 10,
      done: (peer) => peer.status === status,
    });

  it('single hop over IPv4 and IPv6, and multihop, with other intervals in each direction', async () => {
    await start([' receive-interval 100', ' transmit-interval 200', ' detect-multiplier 4']);
    const timers = { desiredMinTxMs: 50, requiredMinRxMs: 400, detectMult: 5 };
    end = network.end([
      session({ name: 'v4', device: 'eth0', ...timers }),
      session({ name: 'v6', remote: ROUTER.ipv6, local: NODE.ipv6, ...timers }),
      multihop({ name: 'far', ...timers }),
    ]);
    for (const [name, node] of [
      ['v4', NODE.ipv4],
      ['v6', NODE.ipv6],
      ['far', FAR.node],
    ] as const) {
      await end.inState(name, 'Up');
      await frrIs(node, 'up');
      const agreed = await until(`what ${name} agreed on`, async () => (await end.report()).sessions[name]?.status, {
        timeoutMs: 10_000,
        done: (status) => status?.transmitIntervalMs === 100 && status.detectionTimeMs === 1_600,
      });
      expect(agreed).toMatchObject({ polling: false, remoteDetectMult: 4 });
      expect(await peerOf(node)).toMatchObject({
        'remote-receive-interval': 400,
        'remote-transmit-interval': 50,
        'remote-detect-multiplier': 5,
        'remote-id': agreed?.localDiscr,
      });
    }
    const report = await end.report();
    for (const one of Object.values(report.sessions)) {
      expect(one?.sourcePort).toBeGreaterThanOrEqual(49_152);
      expect(one?.status.worstLatenessMs).toBeLessThan(100);
    }
  });

  it('single hop between link-local addresses', async () => {
    await start([]);
    const [node, router] = await Promise.all(
      [network.pair.node, network.pair.router].map((each) => network.linkLocal(each)),
    );
    if (node === undefined || router === undefined) throw new Error('two ends, two addresses');
    await frr.configure('bfd', `peer ${node.address} local-address ${router.address} interface eth0`, 'no shutdown');
    end = network.end([
      session({
        name: 'unnumbered',
        remote: router.address,
        local: node.address,
        device: 'eth0',
        interfaceIndex: node.index,
      }),
    ]);
    await end.inState('unnumbered', 'Up');
    await frrIs(node.address, 'up');
  });

  it('changes intervals on either side without a flap', async () => {
    await start([' receive-interval 300', ' transmit-interval 300']);
    end = network.end([session({ name: 'v4' })]);
    await end.inState('v4', 'Up');
    await frrIs(NODE.ipv4, 'up');
    for (const ms of [50, 1_000, 100, 2_000, 300]) {
      end.do({ do: 'update', session: session({ name: 'v4', desiredMinTxMs: ms, requiredMinRxMs: ms }) });
      await until('our interval at FRR', () => peerOf(NODE.ipv4), {
        timeoutMs: 10_000,
        done: (peer) => peer['remote-receive-interval'] === ms && peer['remote-transmit-interval'] === ms,
      });
    }
    for (const ms of [50, 1_000, 150]) {
      await frr.configure(
        'bfd',
        `peer ${NODE.ipv4} interface eth0`,
        `receive-interval ${ms}`,
        `transmit-interval ${ms}`,
      );
      await until('FRR’s interval here', async () => (await end.report()).sessions.v4?.status, {
        timeoutMs: 10_000,
        done: (status) =>
          status?.remoteMinRxInterval === ms * 1_000 && status.remoteDesiredMinTxInterval === ms * 1_000,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await end.downs('v4')).toBe(0);
    expect((await countersOf(NODE.ipv4))['session-down']).toBe(0);
  });

  it.each([
    [300, 920],
    [50, 170],
  ])('notices a silent cut at %i ms three times within %i ms, on either side', async (ms, limitMs) => {
    await start([` receive-interval ${ms}`, ` transmit-interval ${ms}`]);
    end = network.end([session({ name: 'v4', desiredMinTxMs: ms, requiredMinRxMs: ms })]);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < 3; round++) {
      await end.inState('v4', 'Up');
      await frrIs(NODE.ipv4, 'up');
      await until('agreement', async () => (await end.report()).sessions.v4?.status, {
        timeoutMs: 10_000,
        done: (status) => status?.transmitIntervalMs === ms && status.detectionTimeMs === ms * 3,
      });
      const cutAtMs = await network.cut();
      const [down] = await Promise.all([end.inState('v4', 'Down'), frrIs(NODE.ipv4, 'down')]);
      theirs.push(Date.now() - cutAtMs);
      ours.push(down.atMs - cutAtMs);
      expect(down.localDiag).toBe(1);
      await network.mend();
    }
    console.log(
      `silent cut at ${ms} ms x 3: our Down after ${ours.join(', ')} ms; FRR's seen after ${theirs.join(', ')} ms`,
    );
    // The machine has other work too: what the issue asks for is measured by bench, and this is for what is wrong by far.
    for (const each of ours) expect(each).toBeLessThan(limitMs + 100);
  });

  it('tells AdminDown as that, and comes back', async () => {
    await start([' receive-interval 300', ' transmit-interval 300']);
    end = network.end([session({ name: 'v4' })]);
    await end.inState('v4', 'Up');
    await frrIs(NODE.ipv4, 'up');
    end.do({ do: 'disable', name: 'v4' });
    const down = await frrIs(NODE.ipv4, 'down');
    expect(down['remote-diagnostic']).toMatch(/administratively down/i);
    end.do({ do: 'enable', name: 'v4' });
    await end.inState('v4', 'Up');
    await frr.configure('bfd', `peer ${NODE.ipv4} interface eth0`, 'shutdown');
    const told = await end.inState('v4', 'Down');
    expect(told).toMatchObject({ localDiag: 3, remoteSessionState: 'AdminDown' });
  });

  it('goes on while the main thread is blocked for 2 s, and through the death of its own', async () => {
    await start([' receive-interval 300', ' transmit-interval 300']);
    end = network.end([session({ name: 'v4', desiredMinTxMs: 50, requiredMinRxMs: 300 })]);
    await end.inState('v4', 'Up');
    const before = await frrIs(NODE.ipv4, 'up');
    end.do({ do: 'block', ms: 2_000 });
    await end.next('blocked', 0);
    expect((await countersOf(NODE.ipv4))['session-down']).toBe(0);
    end.do({ do: 'update', session: session({ name: 'v4' }) });
    // What a successor needs is told once a second.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    end.do({ do: 'killWorker' });
    await end.next('ready', 1);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await end.downs('v4')).toBe(0);
    expect((await countersOf(NODE.ipv4))['session-down']).toBe(0);
    const after = await frrIs(NODE.ipv4, 'up');
    expect(after['remote-id']).toBe(before['remote-id']);
  });

  it('has FRR’s Echo packets sent back by the kernel where it forwards', async () => {
    await start([' receive-interval 300', ' transmit-interval 300']);
    await frr.configure('bfd', `peer ${NODE.ipv4} interface eth0`, 'echo-mode', 'echo receive-interval 50');
    end = network.end([session({ name: 'v4', requiredMinEchoRxMs: 50 })]);
    await end.inState('v4', 'Up');
    await until('Echo packets', () => countersOf(NODE.ipv4), {
      timeoutMs: 20_000,
      done: (counters) => counters['echo-packet-input'] > 20,
    });
    expect(await end.downs('v4')).toBe(0);
  });

  it('drops a flood by its reasons, and the session does not notice', async () => {
    await start([' receive-interval 100', ' transmit-interval 100']);
    end = network.end([session({ name: 'v4', desiredMinTxMs: 100, requiredMinRxMs: 100 })]);
    await end.inState('v4', 'Up');
    const up = '20c003182521435bdeadbeef000493e0000493e00000c350';
    const script = `
      const dgram = require('node:dgram');
      const socket = dgram.createSocket('udp4');
      socket.bind(0, () => {
        const octets = Buffer.from('${up}', 'hex');
        let sent = 0;
        const some = () => {
          for (let i = 0; i < 500; i++, sent++) {
            socket.setTTL(sent % 2 === 0 ? 255 : 64);
            octets.writeUInt32BE(sent * 7919 >>> 0, 8);
            socket.send(octets, 3784, '${NODE.ipv4}');
          }
          if (sent < 20000) setTimeout(some, 20);
          else setTimeout(() => socket.close(), 100);
        };
        some();
      });`;
    await network.pair.router.run([process.execPath, '-e', script]);
    const { dropped, sessions } = await end.report();
    expect((dropped.unknownDiscriminator ?? 0) + (dropped.badTtl ?? 0)).toBeGreaterThan(10_000);
    expect(dropped.badTtl).toBeGreaterThan(1_000);
    expect(sessions.v4?.status).toMatchObject({ sessionState: 'Up', downCount: 0 });
    expect((await countersOf(NODE.ipv4))['session-down']).toBe(0);
  });
});

describe.skipIf(birdObstacle !== undefined)(titled('BFD with BIRD', birdObstacle), () => {
  let bird: Bird;

  async function start(lines: string): Promise<void> {
    const config = `
router id ${ROUTER.ipv4};
protocol device {}
protocol bfd {
${lines}
}
`;
    const { sandbox, pair } = network;
    bird = await Bird.start({ sandbox, namespace: pair.router, address: ROUTER.ipv4, config });
  }

  const birdIs = (node: string, state: string): Promise<string> =>
    until(`BIRD's session with ${node} ${state}`, () => bird.birdc('show bfd sessions'), {
      timeoutMs: 20_000,
      done: (text) => new RegExp(`^${node}\\s+\\S+\\s+${state}\\b`, 'm').test(text),
    });

  const SINGLE_HOP = `  neighbor ${NODE.ipv4} dev "eth0";\n  neighbor ${NODE.ipv6} dev "eth0";`;

  it('single hop over IPv4 and IPv6', async () => {
    await start(`  interface "eth0" { min rx interval 200 ms; min tx interval 100 ms; multiplier 4; };\n${SINGLE_HOP}`);
    end = network.end([
      session({ name: 'v4', detectMult: 5 }),
      session({ name: 'v6', remote: ROUTER.ipv6, local: NODE.ipv6, detectMult: 5 }),
    ]);
    for (const [name, node] of [
      ['v4', NODE.ipv4],
      ['v6', NODE.ipv6],
    ] as const) {
      await end.inState(name, 'Up');
      await birdIs(node, 'Up');
    }
    const agreed = await until('agreement', async () => (await end.report()).sessions.v4?.status, {
      timeoutMs: 10_000,
      done: (status) => status?.transmitIntervalMs === 300 && status.detectionTimeMs === 1_200,
    });
    expect(agreed).toMatchObject({ remoteMinRxInterval: 200_000, remoteDesiredMinTxInterval: 100_000 });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect([await end.downs('v4'), await end.downs('v6')]).toEqual([0, 0]);
  });

  it.each([
    ['simple', 'simplePassword'],
    ['keyed md5', 'keyedMd5'],
    ['meticulous keyed md5', 'meticulousKeyedMd5'],
    ['keyed sha1', 'keyedSha1'],
    ['meticulous keyed sha1', 'meticulousKeyedSha1'],
  ] as const)('authenticated by %s; with another key neither side takes a packet', async (words, type) => {
    const key = { type, keyId: 1, key: 'swordfish' };
    await start(
      `  interface "eth0" { interval 200 ms; authentication ${words}; password "swordfish" { id 1; }; };\n${SINGLE_HOP}`,
    );
    end = network.end([
      session({ name: 'v4', authentication: key }),
      session({ name: 'v6', remote: ROUTER.ipv6, local: NODE.ipv6, authentication: { ...key, key: 'sawfish' } }),
    ]);
    await end.inState('v4', 'Up');
    await birdIs(NODE.ipv4, 'Up');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(await end.downs('v4')).toBe(0);
    const { sessions } = await end.report();
    expect(sessions.v6?.status.sessionState).toBe('Down');
    expect(sessions.v6?.status.packetsDropped.authenticationDigest).toBeGreaterThan(1);
    expect(await end.said()).not.toMatch(/swordfish|sawfish/);
  });

  it('multihop: its TTL of 64 is too low by default, and said; with minimumTtl 60, or with 255 in its kernel, the session is Up', async () => {
    await start(`  multihop { interval 200 ms; };\n  neighbor ${FAR.node} local ${FAR.router} multihop on;`);
    end = network.end([multihop({ name: 'far' })]);
    await until('a TTL that is too low', async () => (await end.report()).sessions.far?.status, {
      timeoutMs: 10_000,
      done: (status) => status?.lastBadTtl === 64,
    });
    await end.stop();
    end = network.end([multihop({ name: 'far', minimumTtl: 60 })]);
    await end.inState('far', 'Up');
    await birdIs(FAR.node, 'Up');
    await end.stop();
    await network.pair.router.sysctl({ 'ipv4/ip_default_ttl': 255 });
    end = network.end([multihop({ name: 'far' })]);
    await end.inState('far', 'Up');
  });
});
