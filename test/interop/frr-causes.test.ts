/**
 * Our speaker against a real FRR that does not want it: MD5 keys right, wrong and missing on either side, AS and hold time refused.
 *
 * What the speaker says must be what is the case; what FRR's kernel counts proves why no session came up.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Daemon } from '../../lab/daemon.ts';
import { Frr } from '../../lab/frr.ts';
import { tcpCounter } from '../../lab/netns.ts';
import { NODE, NODE_ASN, Pair, type PairOptions, PREFIXES, ROUTER, ROUTER_ASN } from '../../lab/pair.ts';
import { testObstacle, titled } from '../../lab/requirements.ts';
import { until } from '../../lab/run.ts';
import { Sandbox } from '../../lab/sandbox.ts';
import { speakerSessions } from '../../lab/speaker.ts';

const KEY = 'frr-and-speaker';
const WRONG = 'frr-but-not-speaker';
const OPTIONS: PairOptions = { families: ['ipv4'] };

interface RouterOptions {
  readonly password?: string;
  readonly minimumHoldTime?: number;
}

const config = ({ password, minimumHoldTime }: RouterOptions): string => `
router bgp ${ROUTER_ASN}
 bgp router-id ${ROUTER.ipv4}
 no bgp ebgp-requires-policy
${minimumHoldTime === undefined ? '' : ` bgp minimum-holdtime ${minimumHoldTime}\n`}\
 neighbor ${NODE.ipv4} remote-as ${NODE_ASN}
 neighbor ${NODE.ipv4} timers connect 1
${password === undefined ? '' : ` neighbor ${NODE.ipv4} password ${password}\n`}`;

const obstacle = await testObstacle('root', ['frr']);

describe.skipIf(obstacle !== undefined)(titled('FRR as the router', obstacle), () => {
  let sandbox: Sandbox;
  let pair: Pair;
  let speaker: Daemon | undefined;

  beforeEach(async () => {
    sandbox = new Sandbox('root');
    pair = await Pair.build(sandbox);
  });
  afterEach(async () => {
    // A password in any output would be the same fault in each of these tests.
    const output = speaker === undefined ? '' : (await speaker.stdout()) + (await speaker.stderr());
    await sandbox.close();
    expect(output).not.toContain(KEY);
    expect(output).not.toContain(WRONG);
  });

  async function start(router: RouterOptions, options: Partial<PairOptions>): Promise<Frr> {
    const frr = await Frr.start({ sandbox, namespace: pair.router, address: ROUTER.ipv4, config: config(router) });
    speaker = pair.startSpeaker({ ...OPTIONS, ...options });
    return frr;
  }

  const established = (frr: Frr): Promise<unknown> =>
    until('route in FRR', () => frr.nextHops(PREFIXES.ipv4), {
      timeoutMs: 30_000,
      done: (hops) => hops.join() === NODE.ipv4,
    });

  /** Waits until the speaker gives this cause. An FRR that has just started also closes connections; that is the cause before. */
  async function fails(frr: Frr, cause: string): Promise<void> {
    const running = speaker;
    if (running === undefined) throw new Error('no speaker');
    const sessions = await until(`cause ${cause}`, () => speakerSessions(running), {
      timeoutMs: 60_000,
      everyMs: 200,
      done: (found) => found[0]?.cause?.cause === cause,
    });
    expect(sessions.map(({ state }) => state)).not.toContain('Established');
    expect((await frr.sessions()).map(({ state }) => state)).not.toContain('Established');
  }

  it('takes the route of a session with the right MD5 key', async () => {
    const frr = await start({ password: KEY }, { password: KEY });
    await established(frr);
    expect(await frr.vtysh(`show bgp neighbors ${NODE.ipv4}`)).toContain('Peer Authentication Enabled');
    expect(await tcpCounter(pair.router, 'TCPMD5Failure')).toBe(0);
  });

  it('drops what is signed with a wrong key; the speaker says that nobody answers and a key is configured, and mends it when told the right one', async () => {
    const frr = await start({ password: KEY }, { password: WRONG });
    await fails(frr, 'noAnswerWithMd5Key');
    expect(await tcpCounter(pair.router, 'TCPMD5Failure')).toBeGreaterThan(0);
    pair.configure({ ...OPTIONS, password: KEY });
    await established(frr);
  });

  it('drops what is not signed when only the router has a key', async () => {
    const frr = await start({ password: KEY }, {});
    await fails(frr, 'noAnswer');
    expect(await tcpCounter(pair.router, 'TCPMD5NotFound')).toBeGreaterThan(0);
  });

  it('drops what is signed when only the speaker has a key', async () => {
    const frr = await start({}, { password: KEY });
    await fails(frr, 'noAnswerWithMd5Key');
    expect(await tcpCounter(pair.router, 'TCPMD5Unexpected')).toBeGreaterThan(0);
  });

  it('is in another AS than the manifest says', async () => {
    const frr = await start({}, { peerASN: ROUTER_ASN + 7 });
    await fails(frr, 'asMismatch');
  });

  it('refuses the hold time', async () => {
    const frr = await start({ minimumHoldTime: 60 }, { holdTime: '9s' });
    await fails(frr, 'holdTimeRefused');
  });
});
