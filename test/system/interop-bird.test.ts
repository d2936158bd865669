/** Our speaker and BIRD on a cable, without root: what BIRD's table holds is what the manifests say. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bird } from '../../lab/bird.ts';
import type { Daemon } from '../../lab/daemon.ts';
import { kernelNextHops } from '../../lab/netns.ts';
import { NODE, NODE_ASN, Pair, PREFIXES, ROUTER, ROUTER_ASN } from '../../lab/pair.ts';
import { testObstacle, titled } from '../../lab/requirements.ts';
import { until } from '../../lab/run.ts';
import { Sandbox } from '../../lab/sandbox.ts';
import { speakerSessions } from '../../lab/speaker.ts';

const KEY = 'bird-and-speaker';
const TIMEOUT = { timeoutMs: 30_000 };

const CONFIG = `log stderr all;
router id ${ROUTER.ipv4};
protocol device {}
protocol kernel { ipv4 { import none; export all; }; }
protocol kernel { ipv6 { import none; export all; }; }
protocol bgp node_ipv4 {
  local ${ROUTER.ipv4} as ${ROUTER_ASN};
  neighbor ${NODE.ipv4} as ${NODE_ASN};
  password "${KEY}";
  ipv4 { import all; export none; };
}
protocol bgp node_ipv6 {
  local ${ROUTER.ipv6} as ${ROUTER_ASN};
  neighbor ${NODE.ipv6} as ${NODE_ASN};
  password "${KEY}";
  ipv6 { import all; export none; };
}
`;

const obstacle = await testObstacle('unprivileged', ['bird2']);

describe.skipIf(obstacle !== undefined)(titled('BIRD as the router', obstacle), () => {
  let sandbox: Sandbox;
  let bird: Bird;
  let speaker: Daemon;

  beforeAll(async () => {
    sandbox = new Sandbox('unprivileged');
    const pair = await Pair.build(sandbox);
    bird = await Bird.start({ sandbox, namespace: pair.router, address: ROUTER.ipv4, config: CONFIG });
    speaker = pair.startSpeaker({ families: ['ipv4', 'ipv6'], password: KEY });
  });
  afterAll(() => sandbox.close());

  it.each(['ipv4', 'ipv6'] as const)('has the %s route with next hop, path and communities', async (family) => {
    const route = await until(`route in BIRD`, () => bird.pathsText(PREFIXES[family]), {
      ...TIMEOUT,
      done: (text) => text.includes('BGP.next_hop'),
    });
    expect(route).toContain(`via ${NODE[family]} on eth0`);
    expect(route).toContain(`BGP.next_hop: ${NODE[family]}`);
    expect(route).toContain(`BGP.as_path: ${NODE_ASN}\n`);
    expect(route).toContain('BGP.origin: IGP');
    expect(route).toContain('BGP.community: (64512,100)\n');
    expect(route).toContain('BGP.large_community: (64512, 1, 2)\n');
    const hops = await until('route in the kernel', () => kernelNextHops(bird.namespace, PREFIXES[family]), {
      ...TIMEOUT,
      done: (found) => found.length > 0,
    });
    expect(hops).toEqual([NODE[family]]);
  });

  it('has no route that the session is not for', async () => {
    const table = await bird.birdc('show route');
    expect(table.match(/unicast/g)).toHaveLength(2);
  });

  it('hides the key in its state and its log', async () => {
    const sessions = await speakerSessions(speaker);
    expect(sessions.map(({ state }) => state)).toEqual(['Established', 'Established']);
    expect((await speaker.stdout()) + (await speaker.stderr())).not.toContain(KEY);
  });

  it('loses both routes when the speaker says goodbye, and hears why', async () => {
    expect(await speaker.stop('SIGTERM')).toBe(0);
    await until('empty table', () => bird.birdc('show route'), {
      ...TIMEOUT,
      done: (text) => !text.includes('unicast'),
    });
    // RFC 4486: Cease, Administrative Shutdown.
    expect(await bird.birdc('show protocols all node_ipv4')).toContain('Received: Administrative shutdown');
  });
});
