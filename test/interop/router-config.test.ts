/**
 * FRR and BIRD boot what `metallb router-config` writes, unchanged: the guide's network with generated configurations, then one node and one router
 * for each kind of session. What is shown is what the routers hold, and what they refuse.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Bird } from '../../lab/bird.ts';
import type { Daemon } from '../../lab/daemon.ts';
import { Frr } from '../../lab/frr.ts';
import { FOLDERS, NODES, ROUTERS, SERVICE_PREFIX } from '../../lab/guide.ts';
import { GuideNetwork } from '../../lab/guide-network.ts';
import { kernelNextHops } from '../../lab/netns.ts';
import { LAB_PACKAGES } from '../../lab/packages.ts';
import { NODE, NODE_ASN, Pair, ROUTER, ROUTER_ASN } from '../../lab/pair.ts';
import { testObstacle, titled } from '../../lab/requirements.ts';
import type { BfdRouter, Router } from '../../lab/router.ts';
import { run, until } from '../../lab/run.ts';
import { Sandbox } from '../../lab/sandbox.ts';
import { startSpeaker } from '../../lab/speaker.ts';
import { metallb } from '../cli/fake-io.ts';

const PATIENCE_MS = 60_000;
const ALL = NODES.map(({ name }) => name);
const ADDRESSES = NODES.map(({ address }) => address);

/** Runs the command; its configuration has no errors. */
async function configuration(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await metallb(['router-config', '--show-passwords', ...args]);
  expect([status, stderr.includes('error')]).toEqual([0, false]);
  return stdout;
}

/** The local preference of each path of a prefix, by next hop, as the router says it. */
async function localPrefs(router: Router, prefix: string): Promise<Readonly<Record<string, number>>> {
  if (router instanceof Frr) {
    interface Path {
      readonly locPrf?: number;
      readonly localPref?: number;
      readonly nexthops: readonly { readonly ip: string }[];
    }
    const { paths = [] } = await router.json<{ readonly paths?: readonly Path[] }>(
      `show bgp ${prefix.includes(':') ? 'ipv6' : 'ipv4'} unicast ${prefix}`,
    );
    return Object.fromEntries(paths.map((path) => [path.nexthops[0]?.ip, path.localPref ?? path.locPrf ?? -1]));
  }
  const text = await router.pathsText(prefix).catch((error: unknown) => {
    if (String(error).includes('Network not found')) return '';
    throw error;
  });
  const hops = [...text.matchAll(/BGP\.next_hop: (\S+)/g)].map(([, hop]) => hop ?? '');
  const preferences = [...text.matchAll(/BGP\.local_pref: (\d+)/g)].map(([, value]) => Number(value));
  return Object.fromEntries(hops.map((hop, i) => [hop, preferences[i] ?? -1]));
}

/** Whether the router's table has the prefix. */
const knows = async (router: Router, prefix: string): Promise<boolean> =>
  Object.keys(await localPrefs(router, prefix)).length > 0;

/** Waits until the router has so many BFD sessions, and all of them Up. */
const untilBfdUp = (router: BfdRouter, count: number): Promise<unknown> =>
  until(`BFD of ${router.name}`, () => router.bfdSessions(), {
    timeoutMs: PATIENCE_MS,
    done: (sessions) => sessions.length === count && sessions.every(({ isUp }) => isUp),
  });

const obstacle = await testObstacle('root', LAB_PACKAGES);

describe.skipIf(obstacle !== undefined)(titled("the guide's network with generated configurations", obstacle), () => {
  const WANTED: Readonly<Record<string, number>> = {
    'dc1-router-primary': 200,
    'dc1-router-secondary': 190,
    'dc2-router-primary': 150,
    'dc2-router-secondary': 140,
  };
  let sandbox: Sandbox;
  let network: GuideNetwork;

  /** The guide's manifests without a speaker's cluster folder being changed: a copy with what the test adds. */
  const withMore = (name: string, yaml: string): readonly string[] => {
    const folder = sandbox.subdirectory(name);
    writeFileSync(join(folder, 'more.yaml'), yaml);
    return [...FOLDERS, folder];
  };

  beforeAll(async () => {
    sandbox = new Sandbox('root');
    const texts = new Map<string, string>();
    for (const { address, software } of ROUTERS)
      texts.set(address, await configuration('--vendor', software, '--router', address, ...FOLDERS));
    network = await GuideNetwork.build(sandbox, ({ address }) => texts.get(address) ?? '');
    network.startSpeakers(FOLDERS);
    await network.untilNextHops(ALL, PATIENCE_MS);
  });
  afterAll(() => sandbox.close());

  it('is booted without a remark', () => {
    for (const router of network.routers) if (router instanceof Frr) expect(router.remarks, router.name).toBe('');
  });

  it('has all sessions Established, and the nodes as next hops', async () => {
    expect(await network.views()).toEqual(
      ROUTERS.map(({ name }) => ({ router: name, established: 3, nextHops: ADDRESSES })),
    );
    for (const { name } of ROUTERS.filter(({ dataCenter }) => dataCenter === 1))
      expect(await kernelNextHops(network.router(name).namespace, SERVICE_PREFIX), name).toEqual(ADDRESSES);
  });

  it('has BFD Up with every node, from data center 2 over another router', async () => {
    for (const router of network.routers) await untilBfdUp(router, NODES.length);
  });

  it('gives each path the local preference that its advertisement asks for', async () => {
    for (const { name } of ROUTERS)
      expect(await localPrefs(network.router(name), SERVICE_PREFIX), name).toEqual(
        Object.fromEntries(ADDRESSES.map((address) => [address, WANTED[name]])),
      );
  });

  it('has nothing to remark on what the routers run, in their own words', async () => {
    for (const router of network.routers) {
      if (!(router instanceof Frr)) continue;
      const file = join(sandbox.directory, `${router.name}.running`);
      writeFileSync(file, await router.vtysh('show running-config'));
      const args = ['--vendor', 'frr', '--router', router.address, '--check', file, '-o', 'json'];
      const { status, stdout } = await metallb(['router-config', ...args, ...FOLDERS]);
      expect([status, (JSON.parse(stdout) as { diagnostics: unknown }).diagnostics]).toEqual([0, []]);
    }
  });

  it('lets no prefix in that is outside of the pools, and keeps the session', async () => {
    const leak = '203.0.113.77/32';
    const yaml = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: leaked, namespace: metallb-system }
spec: { addresses: ["${leak}"] }
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: { name: leak, namespace: metallb-system }
spec: { ipAddressPools: [leaked], communities: ["64512:1100"] }
---
apiVersion: v1
kind: Service
metadata: { name: leaked, namespace: default, annotations: { metallb.io/address-pool: leaked } }
spec: { type: LoadBalancer, ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, ports: [{ port: 80, protocol: TCP }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: leaked-1, namespace: default, labels: { kubernetes.io/service-name: leaked } }
addressType: IPv4
endpoints: [{ addresses: [10.244.3.10], nodeName: node3, conditions: { ready: true } }]
`;
    await network.speaker('node3').stop();
    await network.untilNextHops(['node1', 'node2'], PATIENCE_MS);
    network.startSpeaker('node3', withMore('leak', yaml));
    await network.untilNextHops(ALL, PATIENCE_MS);
    const frr = network.router('dc1-router-primary') as Frr;
    interface Neighbor {
      readonly addressFamilyInfo: { readonly ipv4Unicast: { readonly acceptedPrefixCounter: number } };
      readonly messageStats: { readonly updatesRecv: number };
    }
    // Both routes came in one session; one of them was let in.
    const neighbor = (await frr.json<Record<string, Neighbor>>('show bgp neighbors 192.168.1.12'))['192.168.1.12'];
    expect(neighbor?.addressFamilyInfo.ipv4Unicast.acceptedPrefixCounter).toBe(1);
    const bird = network.router('dc1-router-secondary') as Bird;
    expect(await bird.birdc('show protocols all METALLB_DC1_ROUTER_SECONDARY_3')).toMatch(
      /Import updates:\s+2\s+0\s+1\s+0\s+1/,
    );
    for (const router of network.routers) expect(await knows(router, leak), router.name).toBe(false);
    expect((await network.views()).map(({ established }) => established)).toEqual([3, 3, 3, 3]);
  });

  it('uses the routes of a node with GRACEFUL_SHUTDOWN last', async () => {
    const drained = ROUTERS.map(
      ({ name }) => `
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: { name: ${name}-drain, namespace: metallb-system }
spec: { ipAddressPools: [production-pool], peers: [${name}], communities: [graceful-shutdown] }
`,
    );
    await network.speaker('node2').stop();
    await network.untilNextHops(['node1', 'node3'], PATIENCE_MS);
    network.startSpeaker('node2', withMore('drain', drained.join('---')));
    for (const { name } of ROUTERS) {
      const found = await until(`the drained path on ${name}`, () => localPrefs(network.router(name), SERVICE_PREFIX), {
        timeoutMs: PATIENCE_MS,
        done: (preferences) => Object.keys(preferences).length === 3,
      });
      expect(found, name).toEqual({ '192.168.1.10': WANTED[name], '192.168.1.11': 0, '192.168.1.12': WANTED[name] });
      expect(await network.router(name).nextHops(SERVICE_PREFIX), name).toEqual(['192.168.1.10', '192.168.1.12']);
    }
  });
});

/** One node and one router; what is said of the peer, and with which options the configuration is made. */
interface Kind {
  readonly kind: string;
  readonly spec: string;
  readonly myASN?: number;
  readonly args?: readonly string[];
  /** What vtysh says while it reads the configuration; nothing unless told. */
  readonly remark?: string;
  /** Families that routes come in. */
  readonly families: readonly ('ipv4' | 'ipv6')[];
}

const KINDS: readonly Kind[] = [
  {
    kind: 'eBGP over IPv4 with a key',
    spec: `peerAddress: ${ROUTER.ipv4}\n  password: the-md5-key`,
    families: ['ipv4'],
  },
  {
    kind: 'eBGP over IPv6 with a key',
    spec: `peerAddress: "${ROUTER.ipv6}"\n  password: the-md5-key`,
    families: ['ipv6'],
  },
  {
    kind: 'both families over IPv4',
    spec: `peerAddress: ${ROUTER.ipv4}\n  dualStackAddressFamily: true`,
    families: ['ipv4', 'ipv6'],
  },
  { kind: 'iBGP', spec: `peerAddress: ${ROUTER.ipv4}`, myASN: ROUTER_ASN, families: ['ipv4'] },
  { kind: 'TTL security', spec: `peerAddress: ${ROUTER.ipv4}\n  ttlSecurityHops: 1`, families: ['ipv4'] },
  {
    kind: 'multihop',
    spec: `peerAddress: ${ROUTER.ipv4}\n  ebgpMultiHop: true`,
    args: ['--subnet', '10.0.0.0/8'],
    families: ['ipv4'],
  },
  {
    kind: 'graceful restart',
    spec: `peerAddress: ${ROUTER.ipv4}\n  enableGracefulRestart: true`,
    remark: 'Graceful restart configuration changed, reset this peer to take effect',
    families: ['ipv4'],
  },
  { kind: 'BFD', spec: `peerAddress: ${ROUTER.ipv4}\n  bfdProfile: fast`, families: ['ipv4'] },
  { kind: 'BFD over IPv6', spec: `peerAddress: "${ROUTER.ipv6}"\n  bfdProfile: fast`, families: ['ipv6'] },
  {
    kind: 'BFD with TTL security',
    spec: `peerAddress: ${ROUTER.ipv4}\n  ttlSecurityHops: 1\n  bfdProfile: fast`,
    families: ['ipv4'],
  },
  {
    kind: 'a listen range with a key',
    spec: `peerAddress: ${ROUTER.ipv4}\n  password: the-md5-key`,
    args: ['--listen-range', '192.0.2.0/24'],
    families: ['ipv4'],
  },
];

const POOLS = { ipv4: '198.51.100.0/28', ipv6: '2001:db8:100::/124' } as const;

/** @param services - how many Services there are of each family; those above 16 need a wider pool than the routers know. */
const manifests = (
  { spec, myASN = NODE_ASN }: Kind,
  services = 1,
  pools: Readonly<Record<string, string>> = POOLS,
): string => `
apiVersion: v1
kind: Node
metadata: { name: ${NODE.name} }
status: { addresses: [{ type: InternalIP, address: ${NODE.ipv4} }, { type: InternalIP, address: "${NODE.ipv6}" }] }
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: router, namespace: metallb-system }
spec:
  myASN: ${myASN}
  peerASN: ${ROUTER_ASN}
  holdTime: 9s
  ${spec}
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: web, namespace: metallb-system }
spec: { addresses: ["${pools.ipv4}", "${pools.ipv6}"] }
---
apiVersion: metallb.io/v1beta1
kind: BFDProfile
metadata: { name: fast, namespace: metallb-system }
spec: { receiveInterval: 200, transmitInterval: 150, detectMultiplier: 4 }
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: { name: web, namespace: metallb-system }
spec: { localPref: 250, communities: ["large:64512:1:250"] }
${Array.from({ length: services }, (_, i) =>
  (['ipv4', 'ipv6'] as const).map(
    (family) => `---
apiVersion: v1
kind: Service
metadata: { name: web-${family}-${i}, namespace: default }
spec: { type: LoadBalancer, ipFamilies: [${family === 'ipv4' ? 'IPv4' : 'IPv6'}], ipFamilyPolicy: SingleStack, ports: [{ port: 80, protocol: TCP }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-${family}-${i}, namespace: default, labels: { kubernetes.io/service-name: web-${family}-${i} } }
addressType: ${family === 'ipv4' ? 'IPv4' : 'IPv6'}
endpoints: [{ addresses: ["${family === 'ipv4' ? '10.244.1.2' : 'fd00::2'}"], nodeName: ${NODE.name}, conditions: { ready: true } }]
`,
  ),
)
  .flat()
  .join('')}`;

describe.skipIf(obstacle !== undefined)(titled("the routers' own parsers", obstacle), () => {
  const SITE = 'test/golden/router-config/inputs/site.yaml';

  it.each(['10.1.0.1', '10.9.9.1', '2001:db8:1::1'])('take what a site may need, for %s', async (address) => {
    await using sandbox = new Sandbox('root');
    for (const [vendor, parse] of [
      ['frr', ['vtysh', '-C', '-f']],
      ['bird', ['bird', '-p', '-c']],
    ] as const) {
      const file = join(sandbox.directory, `${vendor}.conf`);
      writeFileSync(file, await configuration('--vendor', vendor, '--router', address, SITE));
      // Both name the line that they do not take, and end with another status.
      expect(await run([...parse, file]), vendor).toBe('');
    }
  });
});

describe.skipIf(obstacle !== undefined)(titled('a router with a generated configuration', obstacle), () => {
  let sandbox: Sandbox;
  let pair: Pair;

  beforeEach(async () => {
    sandbox = new Sandbox('root');
    pair = await Pair.build(sandbox);
  });
  afterEach(() => sandbox.close());

  function write(folder: string, text: string): string {
    const path = join(sandbox.directory, folder);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'all.yaml'), text);
    return path;
  }

  async function startRouter(vendor: string, kind: Kind, folder: string): Promise<BfdRouter> {
    const config = await configuration('--vendor', vendor, ...(kind.args ?? []), folder);
    const options = { sandbox, namespace: pair.router, address: ROUTER.ipv4, config };
    if (vendor === 'bird') return await Bird.start(options);
    const frr = await Frr.start(options);
    expect(frr.remarks).toBe(kind.remark ?? '');
    return frr;
  }

  const speaker = (folder: string): Daemon =>
    startSpeaker({ sandbox, namespace: pair.node, node: NODE.name, from: [folder] });

  describe.each(['frr', 'bird'])('%s', (vendor) => {
    it.each(KINDS)('$kind', async (kind) => {
      const folder = write('manifests', manifests(kind));
      const router = await startRouter(vendor, kind, folder);
      speaker(folder);
      for (const family of kind.families) {
        const prefix = family === 'ipv4' ? '198.51.100.0/32' : '2001:db8:100::/128';
        const preferences = await until(`${prefix} on ${vendor}`, () => localPrefs(router, prefix), {
          timeoutMs: PATIENCE_MS,
          done: (found) => Object.keys(found).length > 0,
        });
        expect(preferences).toEqual({ [NODE[family]]: 250 });
      }
      const sessions = await router.sessions();
      // FRR lists a session once for each family that it carries.
      expect(sessions).toHaveLength(vendor === 'frr' ? kind.families.length : 1);
      for (const { state } of sessions) expect(state).toBe('Established');
      if (kind.spec.includes('bfdProfile')) await untilBfdUp(router, 1);
    });

    it('ends the session at maximum-prefix', async () => {
      const [kind] = KINDS;
      if (kind === undefined) throw new Error('there is a kind');
      const router = await startRouter(vendor, kind, write('manifests', manifests(kind)));
      // 16 addresses, so that 26 prefixes are let in; whatever the 40 are, they are counted before the policy.
      const wider = { ipv4: '198.51.100.0/24', ipv6: '2001:db8:100::/120' };
      speaker(write('wider', manifests(kind, 40, wider)));
      const says =
        router instanceof Frr
          ? () => router.vtysh(`show bgp neighbors ${NODE.ipv4}`)
          : () => (router as Bird).birdc('show protocols all METALLB_ROUTER_1');
      const text = await until('the end of the session', says, {
        timeoutMs: PATIENCE_MS,
        done: (told) => /Maximum Number of Prefixes|Route limit exceeded|prefix limit/i.test(told),
      });
      expect(text).toMatch(vendor === 'frr' ? /Cease\/Maximum Number of Prefixes Reached/ : /Route limit exceeded/);
      expect(await knows(router, '198.51.100.0/32')).toBe(false);
    });
  });

  it('FRR, which VyOS runs, matches the communities by the expressions that are written for VyOS', async () => {
    const [kind] = KINDS;
    if (kind === undefined) throw new Error('there is a kind');
    const drained = manifests(kind).replace('communities: [', 'communities: [graceful-shutdown, "64512:77", ');
    const folder = write('manifests', drained);
    const vyos = await configuration('--vendor', 'vyos', folder);
    const lists = [...vyos.matchAll(/^set policy (\S*community-list) (\S+) rule 10 regex '(\S+)'$/gm)];
    expect(lists.map(([, , name]) => name)).toEqual(['METALLB-GRACEFUL-SHUTDOWN', 'METALLB-COMMUNITY-64512-77']);
    const entries = lists.map(
      ([, list, name, expression], i) => `bgp ${list} expanded ${name} seq 10 permit ${expression}
route-map SEEN permit ${i + 1}
 match community ${name}
 set metric +${10 ** i}
 on-match next
exit`,
    );
    const config = `${entries.join('\n')}
route-map SEEN permit 99
router bgp ${ROUTER_ASN}
 no bgp ebgp-requires-policy
 neighbor ${NODE.ipv4} remote-as ${NODE_ASN}
 neighbor ${NODE.ipv4} password the-md5-key
 neighbor ${NODE.ipv4} route-map SEEN in
`;
    const frr = await Frr.start({ sandbox, namespace: pair.router, address: ROUTER.ipv4, config });
    speaker(folder);
    const seen = await until('the route', () => frr.pathsText('198.51.100.0/32'), {
      timeoutMs: PATIENCE_MS,
      done: (text) => text.includes('Community:'),
    });
    // Each expression that matched has added its part.
    expect(seen).toMatch(/metric 11\b/);
    // FRR lowers the preference of external routes with GRACEFUL_SHUTDOWN by itself: --check demands no rule for that.
    expect(await localPrefs(frr, '198.51.100.0/32')).toEqual({ [NODE.ipv4]: 0 });
  });

  it("makes the guide's frr.conf right with the commands of --check", async () => {
    const { guideFrrConf } = await import('../../lab/guide.ts');
    const frr = await Frr.start({
      sandbox,
      namespace: pair.router,
      address: ROUTER.ipv4,
      config: `bfd\n${guideFrrConf()}`,
    });
    const check = async (): Promise<readonly { rule: string; severity: string; commands: readonly string[] }[]> => {
      const file = join(sandbox.directory, 'running');
      writeFileSync(file, await frr.vtysh('show running-config'));
      const args = ['--vendor', 'frr', '--router', '192.168.1.1', '--check', file, '-o', 'json'];
      const { stdout } = await metallb(['router-config', ...args, ...FOLDERS]);
      return (JSON.parse(stdout) as { diagnostics: Awaited<ReturnType<typeof check>> }).diagnostics;
    };
    const before = await check();
    expect(before.map(({ rule }) => rule).sort()).toEqual([
      'router-bfd-missing',
      'router-local-preference-differs',
      'router-maximum-prefix-missing',
      'router-prefix-list-too-wide',
      'router-timers-differ',
    ]);
    for (const { commands } of before) await frr.configure(...commands, 'end');
    expect(await check()).toEqual([]);
  });
});
