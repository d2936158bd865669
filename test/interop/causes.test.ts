/**
 * Our speaker against real routers that it cannot have a session with: for each cause of `docs/reference/session-causes.md` that a router, a
 * network or a manifest can bring about, what the speaker says must be what is the case. A table of it is printed at the end.
 *
 * Not here, because no router that behaves brings them about within minutes: `heldBack` (a session that waits before anything has failed),
 * `noOpen` and `sendHoldTimerExpired` (four and eight minutes), `notificationSent`. The unit tests have them.
 */
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bird } from '../../lab/bird.ts';
import type { Daemon } from '../../lab/daemon.ts';
import { Frr } from '../../lab/frr.ts';
import { tcpCounter } from '../../lab/netns.ts';
import { NODE, NODE_ASN, Pair, type PairOptions, PREFIXES, ROUTER, ROUTER_ASN } from '../../lab/pair.ts';
import { testObstacle, titled } from '../../lab/requirements.ts';
import type { Router } from '../../lab/router.ts';
import { until } from '../../lab/run.ts';
import { Sandbox } from '../../lab/sandbox.ts';
import { type SessionState, speakerLog, speakerSessions } from '../../lab/speaker.ts';

const KEY = 'router-and-speaker';
const WRONG = 'router-but-not-speaker';
const OPTIONS: PairOptions = { families: ['ipv4'] };

/** Lines for the neighbor, and for the instance around it; `asn` is what the router thinks of us. */
interface RouterLines {
  readonly asn?: number;
  readonly neighbor?: readonly string[];
  readonly instance?: readonly string[];
}

const frrConfig = ({ asn = NODE_ASN, neighbor = [], instance = [] }: RouterLines): string =>
  [
    `router bgp ${ROUTER_ASN}`,
    ` bgp router-id ${ROUTER.ipv4}`,
    ' no bgp ebgp-requires-policy',
    ' no bgp network import-check',
    ...instance.map((line) => ` ${line}`),
    ` neighbor ${NODE.ipv4} remote-as ${asn}`,
    ` neighbor ${NODE.ipv4} timers connect 1`,
    ...neighbor.map((line) => ` neighbor ${NODE.ipv4} ${line}`),
    '',
  ].join('\n');

interface BirdLines extends RouterLines {
  readonly channel?: string;
  readonly address?: string;
}

const birdConfig = ({
  asn = NODE_ASN,
  neighbor = [],
  instance = [],
  channel = 'ipv4 { import all; export all; };',
  address = NODE.ipv4,
}: BirdLines): string => `
router id ${ROUTER.ipv4};
protocol device {}
${instance.join('\n')}
protocol bgp node {
  local ${ROUTER.ipv4} as ${ROUTER_ASN};
  neighbor ${address} as ${asn};
  connect delay time 1;
  connect retry time 2;
  error wait time 1, 2;
  ${neighbor.map((line) => `${line};`).join(' ')}
  ${channel}
}
`;

const STATIC_ROUTES = `protocol static { ipv4; ${[1, 2, 3].map((n) => `route 203.0.113.${n}/32 blackhole;`).join(' ')} }`;

interface Case {
  readonly cause: string;
  /** How it is made, for the table. */
  readonly how: string;
  readonly config: string;
  readonly options?: Partial<PairOptions>;
  /** What the message says. */
  readonly says: RegExp;
  readonly evidence?: RegExp;
  /** Before the speaker starts. */
  readonly before?: (pair: Pair) => Promise<unknown>;
  /** Once the session is up. */
  readonly onceUp?: (pair: Pair, router: Router) => Promise<unknown>;
}

/** A firewall of the router's: what it does with segments to and from its port 179. */
const firewall =
  (verdict: string) =>
  (pair: Pair): Promise<unknown> =>
    pair.router.run(['nft', '-f', '-'], {
      input: `table ip filter {
  chain input { type filter hook input priority filter; tcp dport 179 ${verdict}; tcp sport 179 ${verdict}; }
  chain output { type filter hook output priority filter; tcp dport 179 ${verdict}; tcp sport 179 ${verdict}; }
}
`,
    });

const shutDown = (frr: Router): Promise<string> =>
  (frr as Frr).vtysh(
    `configure terminal\nrouter bgp ${ROUTER_ASN}\nneighbor ${NODE.ipv4} shutdown message back at six\nend`,
  );

const IBGP: Partial<PairOptions> = { myASN: ROUTER_ASN };

const FRR_CASES: readonly Case[] = [
  {
    cause: 'unreachable',
    how: 'nobody has the address of the BGPPeer',
    config: frrConfig({}),
    options: { peerAddress: '192.0.2.99' },
    says: /192\.0\.2\.99 port 179 cannot be reached \(EHOSTUNREACH\)/,
  },
  {
    cause: 'linkDown',
    how: 'the cable is pulled while the session is up',
    config: frrConfig({}),
    onceUp: (pair) => pair.node.ip('link set eth0 down'),
    says: /the link to 192\.0\.2\.1 is down/,
  },
  {
    cause: 'sourceAddressMissing',
    how: 'sourceAddress is not the node’s',
    config: frrConfig({}),
    options: { sourceAddress: '192.0.2.77' },
    says: /no address 192\.0\.2\.77/,
  },
  { cause: 'refused', how: 'bgpd runs without an instance', config: '', says: /192\.0\.2\.1 port 179 refused/ },
  {
    cause: 'noAnswer',
    how: 'a firewall drops without a word',
    config: frrConfig({}),
    before: firewall('drop'),
    says: /^no answer from 192\.0\.2\.1 port 179$/,
  },
  {
    cause: 'noAnswer',
    how: 'only the router has a key, and it does not dial',
    config: frrConfig({ neighbor: [`password ${KEY}`, 'passive'] }),
    says: /^no answer from 192\.0\.2\.1 port 179$/,
  },
  {
    cause: 'noAnswerWithMd5Key',
    how: 'keys differ, and the router does not dial',
    config: frrConfig({ neighbor: [`password ${KEY}`, 'passive'] }),
    options: { password: WRONG },
    says: /no answer from 192\.0\.2\.1 port 179; an MD5 key is configured/,
  },
  {
    cause: 'noAnswerWithMd5Key',
    how: 'only we have a key, and the router does not dial',
    config: frrConfig({ neighbor: ['passive'] }),
    options: { password: KEY },
    says: /no answer from 192\.0\.2\.1 port 179; an MD5 key is configured/,
  },
  {
    cause: 'md5CountersMoved',
    how: 'keys differ, and the router dials too',
    config: frrConfig({ neighbor: [`password ${KEY}`] }),
    options: { password: WRONG },
    says: /an MD5 key is configured, and this node drops segments for their signature/,
    evidence:
      /MD5 failures of this node's kernel moved by [1-9]\d* meanwhile, all peers together: [1-9]\d* with another/,
  },
  {
    cause: 'md5CountersMoved',
    how: 'only we have a key, and the router dials too',
    config: frrConfig({}),
    options: { password: KEY },
    says: /an MD5 key is configured, and this node drops segments for their signature/,
    evidence: /[1-9]\d* without a signature/,
  },
  {
    cause: 'md5CountersMoved',
    how: 'only the router has a key, and dials too',
    config: frrConfig({ neighbor: [`password ${KEY}`] }),
    says: /no MD5 key is configured, and this node drops segments that are signed/,
    evidence: /TcpExtTCPMD5Unexpected\) moved by [1-9]/,
  },
  {
    cause: 'ttlDropped',
    how: 'ttlSecurityHops 1 here, none there',
    config: frrConfig({}),
    options: { spec: ['ttlSecurityHops: 1'] },
    says: /TTL of 255 or more, which ttlSecurityHops 1 asks for/,
    evidence: /TcpExtTCPMinTTLDrop\) moved by [1-9]/,
  },
  {
    cause: 'holdTimerExpired',
    how: 'TTL security there, none here: what we send is dropped',
    config: frrConfig({ neighbor: ['ttl-security hops 1'] }),
    says: /nothing came from 192\.0\.2\.1 for the hold time/,
  },
  {
    cause: 'connecting',
    how: 'a firewall lets connections through, and no OPEN',
    config: frrConfig({}),
    before: firewall('tcp flags psh drop'),
    says: /connected to 192\.0\.2\.1 port 179; its OPEN has not come yet/,
  },
  {
    cause: 'closedByPeer',
    how: 'the router does not know this node',
    config: frrConfig({}).replaceAll(NODE.ipv4, '192.0.2.200'),
    says: /192\.0\.2\.1 closed the connection in OpenSent without a NOTIFICATION/,
  },
  {
    cause: 'asMismatch',
    how: 'peerASN is not the router’s',
    config: frrConfig({}),
    options: { peerASN: ROUTER_ASN + 7 },
    says: new RegExp(`${ROUTER_ASN + 7}.*${ROUTER_ASN}|${ROUTER_ASN}.*${ROUTER_ASN + 7}`),
  },
  {
    cause: 'asMismatch',
    how: 'the router expects another AS of us',
    config: frrConfig({ asn: NODE_ASN + 7 }),
    says: new RegExp(`192\\.0\\.2\\.1 \\(AS ${ROUTER_ASN} in the BGPPeer\\) does not accept our AS ${NODE_ASN} \\(2/2`),
  },
  {
    cause: 'holdTimeRefused',
    how: 'the router’s minimum is 60 s, ours 9 s',
    config: frrConfig({ instance: ['bgp minimum-holdtime 60'] }),
    says: /refuses our hold time of 9 s \(2\/6/,
  },
  {
    cause: 'routerIDClash',
    how: 'iBGP, and routerID is the router’s',
    config: frrConfig({ asn: ROUTER_ASN }),
    options: { ...IBGP, spec: [`routerID: ${ROUTER.ipv4}`] },
    says: /router ID/,
  },
  {
    cause: 'capabilityMismatch',
    how: 'the router has activated IPv6 alone for this node',
    config: `${frrConfig({ instance: ['no bgp default ipv4-unicast'] })} address-family ipv6 unicast\n  neighbor ${NODE.ipv4} activate\n`,
    says: /address famil(?:y|ies)/,
  },
  {
    cause: 'maxPrefixes',
    how: 'maxPrefixes 2, and the router announces 3',
    config: frrConfig({ instance: [1, 2, 3].map((n) => `network 203.0.113.${n}/32`) }),
    options: { spec: ['maxPrefixes: 2'] },
    says: /192\.0\.2\.1 announced more than 2 prefixes/,
  },
  {
    cause: 'holdTimerExpired',
    how: 'a firewall drops from the middle of the session on',
    config: frrConfig({}),
    onceUp: firewall('drop'),
    says: /nothing came from 192\.0\.2\.1 for the hold time/,
  },
  {
    cause: 'notificationReceived',
    how: 'neighbor … shutdown message back at six',
    config: frrConfig({}),
    onceUp: (_pair, router) => shutDown(router),
    says: /192\.0\.2\.1 ended the session: 6\/2 Cease: Administrative Shutdown "back at six"/,
  },
  {
    cause: 'unknown',
    how: 'a firewall answers “protocol unreachable”',
    config: frrConfig({}),
    before: firewall('reject with icmp type prot-unreachable'),
    says: /connecting to 192\.0\.2\.1 port 179 failed \(ENOPROTOOPT\)/,
  },
];

const BIRD_CASES: readonly Case[] = [
  {
    cause: 'refused',
    how: 'BIRD runs without a BGP protocol',
    config: `router id ${ROUTER.ipv4};\nprotocol device {}\n`,
    says: /192\.0\.2\.1 port 179 refused/,
  },
  {
    cause: 'noAnswerWithMd5Key',
    how: 'keys differ, and the router does not dial',
    config: birdConfig({ neighbor: [`password "${KEY}"`, 'passive on'] }),
    options: { password: WRONG },
    says: /an MD5 key is configured$/,
  },
  {
    cause: 'md5CountersMoved',
    how: 'keys differ, and the router dials too',
    config: birdConfig({ neighbor: [`password "${KEY}"`] }),
    options: { password: WRONG },
    says: /an MD5 key is configured, and this node drops segments for their signature/,
    evidence: /[1-9]\d* with another key/,
  },
  {
    cause: 'ttlDropped',
    how: 'ttlSecurityHops 1 here, none there',
    config: birdConfig({}),
    options: { spec: ['ttlSecurityHops: 1'] },
    says: /TTL of 255 or more/,
    evidence: /TcpExtTCPMinTTLDrop\) moved by [1-9]/,
  },
  {
    cause: 'connecting',
    how: 'a firewall lets connections through, and no OPEN',
    config: birdConfig({}),
    before: firewall('tcp flags psh drop'),
    says: /connected to 192\.0\.2\.1 port 179; its OPEN has not come yet/,
  },
  {
    cause: 'closedByPeer',
    how: 'the router does not know this node',
    config: birdConfig({ address: '192.0.2.200' }),
    says: /192\.0\.2\.1 closed the connection in OpenSent without a NOTIFICATION/,
  },
  {
    cause: 'asMismatch',
    how: 'peerASN is not the router’s',
    config: birdConfig({}),
    options: { peerASN: ROUTER_ASN + 7 },
    says: new RegExp(`${ROUTER_ASN + 7}.*${ROUTER_ASN}|${ROUTER_ASN}.*${ROUTER_ASN + 7}`),
  },
  {
    cause: 'asMismatch',
    how: 'the router expects another AS of us',
    config: birdConfig({ asn: NODE_ASN + 7 }),
    says: new RegExp(`does not accept our AS ${NODE_ASN} \\(2/2`),
  },
  {
    cause: 'routerIDClash',
    how: 'iBGP, and routerID is the router’s',
    config: birdConfig({ asn: ROUTER_ASN }),
    options: { ...IBGP, spec: [`routerID: ${ROUTER.ipv4}`] },
    says: /router ID/,
  },
  {
    cause: 'capabilityMismatch',
    how: 'the router has an IPv6 channel alone',
    config: birdConfig({ channel: 'ipv6 { import all; export none; };' }),
    says: /address famil(?:y|ies)/,
  },
  {
    cause: 'maxPrefixes',
    how: 'maxPrefixes 2, and the router announces 3',
    config: birdConfig({ instance: [STATIC_ROUTES] }),
    options: { spec: ['maxPrefixes: 2'] },
    says: /192\.0\.2\.1 announced more than 2 prefixes/,
  },
  {
    cause: 'maxPrefixes',
    how: 'the router takes no prefix at all',
    config: birdConfig({ channel: 'ipv4 { receive limit 0 action disable; import all; export none; };' }),
    says: /192\.0\.2\.1 takes no more prefixes of us/,
  },
  {
    cause: 'holdTimerExpired',
    how: 'a firewall drops from the middle of the session on',
    config: birdConfig({}),
    onceUp: firewall('drop'),
    says: /nothing came from 192\.0\.2\.1 for the hold time/,
  },
  {
    cause: 'notificationReceived',
    how: 'birdc disable node "back at six"',
    config: birdConfig({}),
    onceUp: (_pair, router) => (router as Bird).birdc('disable node "back at six"'),
    says: /192\.0\.2\.1 ended the session: 6\/2 Cease: Administrative Shutdown "back at six"/,
  },
];

/** What was said, for the table. */
const table: string[][] = [['cause', 'router', 'how it was made', 'what was said', 'evidence']];

const DAEMONS = {
  FRR: { packages: ['frr', 'nftables'], cases: FRR_CASES, daemon: Frr },
  BIRD: { packages: ['bird2', 'nftables'], cases: BIRD_CASES, daemon: Bird },
} as const;

for (const [name, { packages, cases, daemon }] of Object.entries(DAEMONS)) {
  const obstacle = await testObstacle('root', packages);
  describe.skipIf(obstacle !== undefined)(titled(`${name} as the router: what the speaker says of`, obstacle), () => {
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

    const start = (config: string): Promise<Router> =>
      daemon.start({ sandbox, namespace: pair.router, address: ROUTER.ipv4, config });

    const established = (router: Router): Promise<unknown> =>
      until('the session', () => router.sessions(), {
        timeoutMs: 30_000,
        done: (sessions) => sessions.some(({ state }) => state === 'Established'),
      });

    /** Waits until the speaker gives this cause. A router that has just started also closes connections; that is the cause before. */
    async function failsWith(cause: string, says: RegExp): Promise<SessionState> {
      const running = speaker;
      if (running === undefined) throw new Error('no speaker');
      const sessions = await until(`cause ${cause}`, () => speakerSessions(running), {
        timeoutMs: 60_000,
        everyMs: 200,
        done: ([session]) => session?.cause?.cause === cause && says.test(session.cause.message),
      });
      const [session] = sessions;
      if (session === undefined) throw new Error('no session');
      return session;
    }

    for (const { cause, how, config, options = {}, says, evidence, before, onceUp } of cases) {
      it(`${cause}: ${how}`, async () => {
        const router = await start(config);
        await before?.(pair);
        speaker = pair.startSpeaker({ ...OPTIONS, ...options });
        if (onceUp !== undefined) {
          await established(router);
          await onceUp(pair, router);
        }
        const { state, cause: said } = await failsWith(cause, says);
        table.push([cause, router.software, how, said?.message ?? '', said?.evidence ?? '']);
        expect(state).not.toBe('Established');
        if (evidence !== undefined) expect(said?.evidence).toMatch(evidence);
        // What the state says the log has said, or says in its next summary where the attempt is still under way.
        const errors = (await speakerLog(speaker)).filter(({ event }) => event === 'sessionError');
        if (state !== 'OpenSent') expect(errors.map((error) => error.cause)).toContain(cause);
      });
    }

    if (name === 'FRR') {
      it('nothing with the right MD5 key, on either side', async () => {
        const router = await start(frrConfig({ neighbor: [`password ${KEY}`] }));
        speaker = pair.startSpeaker({ ...OPTIONS, password: KEY });
        await established(router);
        await until('the route in FRR', () => router.nextHops(PREFIXES.ipv4), {
          timeoutMs: 30_000,
          done: (hops) => hops.join() === NODE.ipv4,
        });
        expect(await tcpCounter(pair.router, 'TCPMD5Failure')).toBe(0);
      });

      it('a wrong key, and mends it when told the right one; the router’s kernel has dropped what was signed with it', async () => {
        const router = await start(frrConfig({ neighbor: [`password ${KEY}`] }));
        speaker = pair.startSpeaker({ ...OPTIONS, password: WRONG });
        await failsWith('md5CountersMoved', /signature/);
        expect(await tcpCounter(pair.router, 'TCPMD5Failure')).toBeGreaterThan(0);
        pair.configure({ ...OPTIONS, password: KEY });
        await established(router);
      });
    }
  });
}

afterAll(() => {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(' | ')
      .trimEnd(),
  );
  if (table.length > 1) console.log(`\n${lines.join('\n')}\n`);
});
