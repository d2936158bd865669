/**
 * The guide on a real cluster, from top to bottom: every manifest, every command, in order, with our manifest in place of MetalLB's URL.
 *
 * METALLB_GUIDE_TRANSCRIPT=FILE keeps all commands with their outputs.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterObstacle } from '../../lab/cluster/cluster.ts';
import { CLUSTER_NODES } from '../../lab/cluster/layout.ts';
import { kernelNextHops } from '../../lab/netns.ts';
import { titled } from '../../lab/requirements.ts';
import { tryRun, until } from '../../lab/run.ts';
import { ROOT } from '../../lab/speaker.ts';
import { expectStatesUp, speakerStatuses, untilBfdUp, untilStatusesUp } from './guide/bfd.ts';
import { Reader, type Said } from './guide/reader.ts';
import { type Block, blocksOf, commandsOf, textOf, WALK } from './guide/walk.ts';
import { type Harness, startHarness } from './harness.ts';

const GUIDE = process.env.METALLB_GUIDE ?? join(ROOT, '../shared/guide.md');
const noGuide = existsSync(GUIDE) ? undefined : 'the guide is not beside the checkout (METALLB_GUIDE)';

describe('the walk', () => {
  it.skipIf(noGuide !== undefined)(
    titled("has the guide's blocks, all of them, word for word and in their order", noGuide),
    () => {
      const blocks = blocksOf(readFileSync(GUIDE, 'utf8'));
      const printed = blocks.map((text, i) => (WALK[i]?.type === 'vendor' ? text.split('\n')[0] : text));
      expect(printed).toEqual(WALK.map(textOf));
    },
  );
});

const obstacle = await clusterObstacle(process.env);

/** Of BGP from the Service's creation to the last router. */
const ROUTES_MS = 60_000;
/** Of a silent cut: 0.9 s is the profile's, the rest FRR's and the machine's. The hold time is 90 s. */
const CUT_MS = 1_500;
const SERVICE_PREFIX = '10.100.0.1/32';
const NODE_ADDRESSES = CLUSTER_NODES.map(({ addresses: [ipv4] }) => ipv4);

describe.skipIf(obstacle !== undefined)(titled('the guide on a cluster', obstacle), () => {
  let harness: Harness;
  let reader: Reader;
  beforeAll(async () => {
    harness = await startHarness();
    // How long a connection is tried that nobody answers: 7 s, not the kernel's 127.
    for (const node of ['node1', 'node2', 'node3'])
      await harness.cluster.namespace(node).sysctl({ 'ipv4/tcp_syn_retries': 2 });
    reader = new Reader(harness.cluster, harness.sandbox, process.env.METALLB_GUIDE_TRANSCRIPT);
  });
  afterAll(() => harness?.[Symbol.asyncDispose]());

  /** All of them succeed, and say nothing on standard error. */
  const expectAllWell = (said: readonly Said[]): void => {
    for (const { command, status, stderr } of said)
      expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: '' });
  };
  const saidTo = (said: readonly Said[], part: string): string => {
    const found = said.filter(({ command }) => command.includes(part));
    expect(found).toHaveLength(1);
    return found[0]?.stdout ?? '';
  };

  /** What a block of commands must have said, beyond having succeeded. */
  const CHECKS: Readonly<Record<string, (said: readonly Said[]) => void>> = {
    install: (said) => {
      expectAllWell(said);
      expect(saidTo(said, 'kubectl wait').match(/condition met/g)).toHaveLength(4);
    },
    'verify-components': (said) => {
      expectAllWell(said);
      expect(saidTo(said, 'get pods').match(/ 1\/1 +Running +0 /g)).toHaveLength(4);
      expect(saidTo(said, 'get ipaddresspools')).toMatch(/^production-pool .*10\.100\.0\.0\/24/m);
      for (const peer of [
        'router-primary',
        'router-primary-secure',
        'router-edge-nodes',
        'dc1-router-primary',
        'dc2-router-secondary',
      ])
        expect(saidTo(said, 'get bgppeers')).toMatch(new RegExp(`^${peer} `, 'm'));
      expect(saidTo(said, 'get bgpadvertisements').trim().split('\n')).toHaveLength(1 + 9);
      expect(saidTo(said, 'get communities').trim().split('\n')).toHaveLength(1 + 8);
    },
    'session-status': (said) => {
      expectAllWell(said);
      expect(said[1]?.stdout).toMatch(/session/i);
      expect(said[0]?.stdout).not.toContain('your-secure-password');
    },
    'route-advertisement': (said) => {
      // The column of the state holds a number when the session is established.
      for (const command of ['vtysh -c "show bgp summary"', 'show ip bgp summary'])
        for (const one of said.filter((candidate) => candidate.command === command))
          for (const node of ['192.168.1.10', '192.168.1.11', '192.168.1.12'])
            expect(one.stdout).toMatch(new RegExp(`^${node.replaceAll('.', '\\.')} +4 +64513( +\\S+){6} +\\d+ `, 'm'));
      // What the guide asks for needs soft-reconfiguration, which its own configuration has not (docs/decisions.md 12).
      expect(saidTo(said, 'vtysh -c "show bgp neighbors 192.168.1.10 received-routes"')).toContain('%');
    },
    'test-service': (said) => {
      expectAllWell(said);
      const [header, row] = saidTo(said, 'get svc').trim().split('\n');
      expect(header?.split(/ {2,}/)).toEqual(['NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'AGE']);
      expect(row).toMatch(/^nginx-lb +LoadBalancer +10\.96\.\d+\.\d+ +10\.100\.0\.1 +80:\d+\/TCP +\S+$/);
      expect(saidTo(said, 'curl')).toContain('Welcome to nginx!');
    },
    'sessions-not-establishing': (said) => {
      // grep says by its status whether there was an error; there need not be one.
      expect(said[0]?.stderr).toBe('');
      expect(saidTo(said, 'ping')).toContain('3 packets transmitted, 3 received, 0% packet loss');
      // A router that wants MD5 of an address does not answer what comes from there without it (RFC 2385): nc, which has no key, is not answered
      // although the session is well.
      const nc = said.filter(({ command }) => command.includes('nc -zv'))[0];
      expect(nc?.stderr).toMatch(/192\.168\.1\.1 port 179 \(tcp\) (failed|timed out)/);
      expect(nc?.stderr).not.toContain('not found');
    },
    'routes-not-advertised': (said) => {
      expectAllWell(said);
      expect(saidTo(said, 'grep LoadBalancer')).toMatch(/^default +nginx-lb +LoadBalancer .* 10\.100\.0\.1 /);
    },
    'authentication-failures': (said) => {
      expectAllWell(said);
      expect(saidTo(said, 'base64')).toBe('your-secure-password');
    },
    'debugging-summary': (said) => {
      expectAllWell(said);
      expect(saidTo(said, 'describe pods').match(/^Name: +speaker-/gm)).toHaveLength(3);
      expect(saidTo(said, 'describe bgppeer')).toMatch(/^Name: +router-primary$/m);
      expect(saidTo(said, 'component=controller')).toMatch(/"msg"/);
      for (const kind of [
        'pod/',
        'daemonset.apps/speaker',
        'deployment.apps/controller',
        'ipaddresspool.metallb.io/production-pool',
      ])
        expect(saidTo(said, 'get all')).toContain(kind);
      expect(saidTo(said, 'get crd').trim().split('\n')).toHaveLength(10);
    },
  };

  /** Each router forwards the Service's address to these nodes. */
  const untilRoutes = async (...nextHops: readonly string[]): Promise<void> => {
    for (const router of harness.cluster.routers)
      await until(`next hops of ${router.name}`, () => router.nextHops(SERVICE_PREFIX), {
        timeoutMs: ROUTES_MS,
        done: (hops) => JSON.stringify(hops) === JSON.stringify(nextHops),
      });
  };

  /** kube-proxy writes its rules in its own time, on each node: until then a connection that a router sends there is refused. */
  const untilAnswered = async (): Promise<void> => {
    const { client } = harness.cluster;
    const connect = async (): Promise<boolean> =>
      (await tryRun(client.command(['/usr/bin/curl', '-sS', '--max-time', '2', 'http://10.100.0.1']))).status === 0;
    await until('answers on every path', () => Promise.all(Array.from({ length: 12 }, connect)), {
      timeoutMs: 30_000,
      everyMs: 200,
      done: (answered) => answered.every((is) => is),
    });
  };

  /** What the guide leaves to its reader, or to time, after a block. */
  const AFTER: Readonly<Record<string, () => Promise<void>>> = {
    // The Secrets that the multi-router chapter names and does not define.
    'multi-router/multi-router-config.yaml': async () => {
      expectAllWell([await reader.run(`kubectl apply -f ${join(ROOT, 'examples/guide/cluster/secrets.yaml')}`)]);
      for (const router of harness.cluster.routers)
        await until(`sessions of ${router.name}`, () => router.sessions(), {
          timeoutMs: 150_000,
          everyMs: 500,
          done: (sessions) => sessions.length === 3 && sessions.every(({ state }) => state === 'Established'),
        });
      await untilBfdUp(harness);
    },
    'test-service/test-service.yaml': async () => {
      expectAllWell([await reader.run('kubectl rollout status deployment/nginx-test --timeout=60s')]);
      await untilRoutes(...NODE_ADDRESSES);
      await untilAnswered();
    },
  };

  const examples = join(ROOT, 'examples/guide');
  const titleOf = (block: Block): string => {
    switch (block.type) {
      case 'manifest':
        return `applies ${relative(examples, block.file)}`;
      case 'commands':
        return `runs the commands of ${block.name}`;
      case 'frr':
        return 'has given its configuration to the routers';
      case 'vendor':
        return `passes over another vendor's router: ${block.firstLine}`;
    }
  };

  for (const block of WALK)
    it(titleOf(block), async () => {
      switch (block.type) {
        case 'manifest': {
          const said = await reader.run(`kubectl apply -f ${block.file}`);
          expectAllWell([said]);
          await AFTER[relative(examples, block.file)]?.();
          break;
        }
        case 'commands': {
          const said: Said[] = [];
          for (const command of commandsOf(textOf(block))) said.push(await reader.run(command));
          CHECKS[block.name]?.(said);
          break;
        }
        case 'frr': {
          const running = await harness.cluster.router('dc1-router-primary').vtysh('show running-config');
          for (const line of [
            'neighbor 192.168.1.10 remote-as 64513',
            'ip prefix-list METALLB-PREFIXES seq 10 permit 10.100.0.0/24 le 32',
          ])
            expect(running).toContain(line);
          break;
        }
        case 'vendor':
          expect(block.firstLine).not.toBe('');
      }
    });

  it('has announced the Service as the multi-router chapter says, each router with its community', async () => {
    const communities = {
      'dc1-router-primary': '64512:1100',
      'dc1-router-secondary': '64512:1200',
      'dc2-router-primary': '64512:2100',
      'dc2-router-secondary': '64512:2200',
    };
    for (const [name, community] of Object.entries(communities))
      expect(await harness.cluster.router(name).pathsText(SERVICE_PREFIX)).toContain(community);
  });

  it('is answered by every Pod', async () => {
    const answers = new Set<string>();
    for (let i = 0; i < 40; i += 1) {
      const { status, stdout, stderr } = await reader.run('curl http://10.100.0.1');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      answers.add(/<p>(.*)<\/p>/.exec(stdout)?.[1] ?? stdout);
    }
    expect(answers.size).toBe(3);
  });

  it('has BFD Up on both sides of every session, as the production profile says', async () => {
    await untilBfdUp(harness);
    await untilStatusesUp(harness);
    const { downs, worstLatenessMs } = await expectStatesUp(harness);
    process.stdout.write(`12 BFD sessions Up; Down so far: ${downs}; latest packet: ${worstLatenessMs} ms late\n`);
    const said = [
      await reader.run('kubectl get speakerstatuses -n metallb-system'),
      await reader.run('vtysh -c "show bfd peers brief"'),
    ];
    expectAllWell(said);
    for (const node of NODE_ADDRESSES)
      expect(saidTo(said, 'bfd peers')).toMatch(new RegExp(`${node.replaceAll('.', '\\.')} .*\\bup\\b`));
  });

  it.each([
    { name: 'dc1-router-primary', node: 'node1', hops: 'one hop' },
    { name: 'dc2-router-primary', node: 'node2', hops: 'several hops' },
  ])(
    '$name gives up $node within the detection time when the path over $hops is cut silently, and has it again',
    async ({ name, node }) => {
      const { cluster } = harness;
      const router = cluster.router(name);
      const address = CLUSTER_NODES.find((one) => one.name === node)?.addresses[0] ?? '';
      const hops = async (): Promise<readonly string[]> => [
        ...(await router.nextHops(SERVICE_PREFIX)),
        ...(await kernelNextHops(router.namespace, SERVICE_PREFIX)),
      ];
      expect(await hops()).toContain(address);
      const cut = await cluster.cut(name, node);
      let mendedAt: number;
      try {
        const options = { timeoutMs: 20_000, everyMs: 10, done: (left: readonly string[]) => !left.includes(address) };
        const left = await until(`${name} without ${node}`, hops, options);
        const tookMs = Math.round(Date.now() - cut.at);
        process.stdout.write(`${name} (${router.software}): ${node} cut off silently, gone after ${tookMs} ms\n`);
        expect(tookMs).toBeLessThan(CUT_MS);
        for (const other of NODE_ADDRESSES.filter((one) => one !== address)) expect(left).toContain(other);
        // Nobody else has noticed anything.
        for (const other of cluster.routers.filter((one) => one !== router))
          expect(await other.nextHops(SERVICE_PREFIX)).toEqual(NODE_ADDRESSES);
        const session = async () => (await speakerStatuses(harness)).get(node)?.find(({ peer }) => peer === name);
        const told = await until(`the session in the SpeakerStatus of ${node}`, session, {
          timeoutMs: 15_000,
          done: (one) => one !== undefined && one.state !== 'Established' && one.bfdState === 'Down',
        });
        expect(told?.bfdMessage).toMatch(/./);
      } finally {
        await cut.mend();
        mendedAt = Date.now();
      }
      await untilRoutes(...NODE_ADDRESSES);
      await untilBfdUp(harness);
      process.stdout.write(
        `${name}: ${node} back, with BFD Up, after ${((Date.now() - mendedAt) / 1_000).toFixed(1)} s\n`,
      );
      await untilStatusesUp(harness);
    },
  );
});
