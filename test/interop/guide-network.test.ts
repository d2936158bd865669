/** The lab as a test: the guide's manifests, the guide's frr.conf, four routers, and a client's requests. */
import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Frr } from '../../lab/frr.ts';
import { FOLDERS, foldersWithoutSecrets, NODES, ROUTERS, SERVICE_PREFIX } from '../../lab/guide.ts';
import { GuideNetwork } from '../../lab/guide-network.ts';
import { kernelNextHops } from '../../lab/netns.ts';
import { LAB_PACKAGES } from '../../lab/packages.ts';
import { testObstacle, titled } from '../../lab/requirements.ts';
import { until } from '../../lab/run.ts';
import { Sandbox } from '../../lab/sandbox.ts';
import { hasFailed, speakerSessions } from '../../lab/speaker.ts';

const PATIENCE_MS = 60_000;
const ALL = NODES.map(({ name }) => name);
const ADDRESSES = NODES.map(({ address }) => address);
/** What the manifests give each router: one advertisement per peer, each with a community of its own. */
const COMMUNITIES: Readonly<Record<string, string>> = {
  'dc1-router-primary': '64512:1100',
  'dc1-router-secondary': '64512:1200',
  'dc2-router-primary': '64512:2100',
  'dc2-router-secondary': '64512:2200',
};

const obstacle = await testObstacle('root', LAB_PACKAGES);

describe.skipIf(obstacle !== undefined)(titled("the guide's network", obstacle), () => {
  let sandbox: Sandbox;
  let network: GuideNetwork;

  beforeAll(async () => {
    sandbox = new Sandbox('root');
    network = await GuideNetwork.build(sandbox);
    network.startSpeakers(FOLDERS);
    await network.untilNextHops(ALL, PATIENCE_MS);
  });
  afterAll(async () => {
    await sandbox.close();
    // Nothing stays: no namespace, no file.
    expect(readdirSync('/run/netns').filter((name) => name.startsWith(sandbox.id))).toEqual([]);
    expect(existsSync(sandbox.directory)).toBe(false);
  });

  it('has an established session from every node to every router', async () => {
    const views = await network.views();
    expect(views.map(({ router, established }) => [router, established])).toEqual(ROUTERS.map(({ name }) => [name, 3]));
  });

  it.each(ROUTERS.map(({ name }) => name))('has all three next hops on %s', async (name) => {
    expect(await network.router(name).nextHops(SERVICE_PREFIX)).toEqual(ADDRESSES);
  });

  it("has all three in the kernels of data center 1's routers", async () => {
    for (const { name } of ROUTERS.filter(({ dataCenter }) => dataCenter === 1)) {
      expect(await kernelNextHops(network.router(name).namespace, SERVICE_PREFIX)).toEqual(ADDRESSES);
    }
  });

  it.each(Object.entries(COMMUNITIES))('gives %s the paths with community %s and no other', async (name, community) => {
    const paths = await network.router(name).pathsText(SERVICE_PREFIX);
    // FRR writes 64512:1100, BIRD (64512,1100).
    const found = paths.match(/\b64512[:,]\d+/g)?.map((text) => text.replace(',', ':'));
    expect(found).toEqual([community, community, community]);
  });

  it("keeps the guide's frr.conf: its route map sets the local preference, its prefix list lets the route in", async () => {
    const frr = network.router('dc1-router-primary');
    if (!(frr instanceof Frr)) throw new Error('dc1-router-primary is FRR');
    interface Path {
      readonly locPrf: number;
      readonly path: string;
      readonly multipath?: boolean;
      readonly bestpath?: boolean;
    }
    const { routes } = await frr.json<{ readonly routes: Readonly<Record<string, readonly Path[]>> }>(
      'show bgp ipv4 unicast',
    );
    expect(Object.keys(routes)).toEqual([SERVICE_PREFIX]);
    const paths = routes[SERVICE_PREFIX] ?? [];
    expect(paths.map(({ locPrf, path }) => [locPrf, path])).toEqual(NODES.map(() => [100, '64513']));
    // No maximum-paths is configured: FRR uses all equal paths, the best one and those beside it.
    expect(paths.every(({ multipath, bestpath }) => multipath === true || bestpath === true)).toBe(true);
  });

  it('answers the client through every router, from every node', async () => {
    for (const { name } of ROUTERS) {
      await network.curlThrough(name);
      // Each connection picks one of three nodes; that one of them is never picked by 120 has a chance below one in 10^20.
      const answered = new Set<string>();
      for (let round = 0; round < 4 && answered.size < ALL.length; round++)
        for (const node of await network.curl(30)) answered.add(node);
      expect(answered, name).toEqual(new Set(ALL));
    }
    await network.curlThrough(undefined);
    expect(ALL).toEqual(expect.arrayContaining([...(await network.curl(6))]));
  });

  it('loses one next hop when a speaker says goodbye, and no session of another', async () => {
    expect(await network.speaker('node2').stop('SIGTERM')).toBe(0);
    const took = await network.untilNextHops(['node1', 'node3'], PATIENCE_MS);
    // The hold time is 90 s: what goes within seconds has been withdrawn.
    for (const [router, ms] of took) expect(ms, router).toBeLessThan(5_000);
    expect((await network.views()).map(({ established }) => established)).toEqual([2, 2, 2, 2]);
    const frr = network.router('dc1-router-primary');
    if (!(frr instanceof Frr)) throw new Error('dc1-router-primary is FRR');
    for (const node of ['192.168.1.10', '192.168.1.12']) {
      expect(await frr.vtysh(`show bgp neighbors ${node}`)).toContain('Connections established 1; dropped 0');
    }
    // RFC 4486: Cease, Administrative Shutdown.
    expect(await frr.vtysh('show bgp neighbors 192.168.1.11')).toMatch(/Cease\/Administrative Shutdown/);
    expect(await network.curl(12)).not.toContain('node2');
    network.startSpeaker('node2', FOLDERS);
    await network.untilNextHops(ALL, PATIENCE_MS);
  });

  it('loses one next hop when a speaker is killed', async () => {
    network.speaker('node3').signal('SIGKILL');
    const took = await network.untilNextHops(['node1', 'node2'], PATIENCE_MS);
    for (const [router, ms] of took) expect(ms, router).toBeLessThan(5_000);
    network.startSpeaker('node3', FOLDERS);
    await network.untilNextHops(ALL, PATIENCE_MS);
  });

  it('has no session without the Secrets, and the speaker names the cause', async () => {
    await network.stopSpeakers();
    await network.untilNextHops([], PATIENCE_MS);
    network.startSpeakers(foldersWithoutSecrets(sandbox.subdirectory('cluster-without-secrets')));
    const speaker = network.speaker('node1');
    const sessions = await until('causes', () => speakerSessions(speaker), {
      timeoutMs: PATIENCE_MS,
      everyMs: 200,
      done: (found) => found.length === ROUTERS.length && found.every(hasFailed),
    });
    // Where a router has dialled meanwhile, this node's kernel has counted its signatures: the same cause, with evidence.
    for (const { cause } of sessions) expect(['noAnswerWithMd5Key', 'md5CountersMoved']).toContain(cause?.cause);
    expect((await network.views()).map(({ established }) => established)).toEqual([0, 0, 0, 0]);
    const output = (await speaker.stdout()) + (await speaker.stderr());
    expect(output).toContain('no Secret of that name exists');
    // The text that names no Secret is the key itself (docs/decisions.md 2), and keys are in no output.
    expect(output).not.toContain('bgp-dc1-secret');
    expect(output).not.toContain('bgp-dc2-secret');
  });
});
