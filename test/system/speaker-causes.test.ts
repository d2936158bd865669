/** A router that cannot be had: the speaker says which way it cannot, in its log and its state, and tries again without haste. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Daemon } from '../../lab/daemon.ts';
import { tcpCounter } from '../../lab/netns.ts';
import { NODE, Pair, type PairOptions, ROUTER } from '../../lab/pair.ts';
import { testObstacle, titled } from '../../lab/requirements.ts';
import { until } from '../../lab/run.ts';
import { Sandbox } from '../../lab/sandbox.ts';
import { speakerLog, speakerSessions } from '../../lab/speaker.ts';

const obstacle = await testObstacle('unprivileged', ['nftables']);

describe.skipIf(obstacle !== undefined)(titled('a router that cannot be had', obstacle), () => {
  let sandbox: Sandbox;
  let pair: Pair;

  beforeEach(async () => {
    sandbox = new Sandbox('unprivileged');
    pair = await Pair.build(sandbox);
  });
  afterEach(() => sandbox.close());

  async function fails(speaker: Daemon, cause: string): Promise<void> {
    await until(`cause ${cause}`, () => speakerSessions(speaker), {
      timeoutMs: 30_000,
      done: ([session]) => session?.cause?.cause === cause,
    });
    const errors = (await speakerLog(speaker)).filter(({ event }) => event === 'sessionError');
    expect(
      errors.map(({ level, msg, cause: logged, peerAddress }) => [level, msg, logged, peerAddress]),
    ).toContainEqual(['error', 'BGP session error', cause, expect.any(String)]);
    for (const error of errors) expect(error.help).toEqual(expect.stringMatching(/./));
  }

  const start = (options: Partial<PairOptions>): Daemon => pair.startSpeaker({ families: ['ipv4'], ...options });

  it('refuses, where no BGP runs', async () => {
    await fails(start({}), 'refused');
  });

  it('is unreachable, where nobody has its address', async () => {
    await fails(start({ peerAddress: '192.0.2.99' }), 'unreachable');
  });

  it('is unreachable, where no route leads', async () => {
    await fails(start({ peerAddress: '203.0.113.1' }), 'unreachable');
  });

  it('does not answer, where a firewall is silent', async () => {
    await dropBgp();
    await fails(start({}), 'noAnswer');
  });

  it('does not answer, and a key is configured, where a firewall is silent: the same as with a wrong key', async () => {
    await dropBgp();
    await fails(start({ password: 'some-key' }), 'noAnswerWithMd5Key');
  });

  it('cannot be dialled from an address that the node has not', async () => {
    await fails(start({ sourceAddress: '192.0.2.77' }), 'sourceAddressMissing');
  });

  it('is tried again, less and less often', async () => {
    start({});
    // Nothing listens: each attempt is answered by a reset, which the router's kernel counts.
    const times: number[] = [];
    await until('three attempts', () => tcpCounter(pair.router, 'OutRsts'), {
      timeoutMs: 60_000,
      everyMs: 20,
      done: (resets) => {
        while (times.length < resets) times.push(performance.now());
        return resets >= 3;
      },
    });
    const [first = 0, second = 0, third = 0] = times;
    expect(second - first).toBeGreaterThan(500);
    expect(third - second).toBeGreaterThan(second - first);
  });

  async function dropBgp(): Promise<void> {
    await pair.router.run(['nft', '-f', '-'], {
      input: `table ip silent {
  chain input {
    type filter hook input priority filter;
    ip saddr ${NODE.ipv4} ip daddr ${ROUTER.ipv4} tcp dport 179 drop
  }
}
`,
    });
  }
});
