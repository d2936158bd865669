/** Faults of the cluster itself, with the product on it: what is announced stays announced, and what is new comes as soon as it can. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterObstacle } from '../../lab/cluster/cluster.ts';
import { deployProduct } from '../../lab/cluster/deploy.ts';
import { titled } from '../../lab/requirements.ts';
import { until } from '../../lab/run.ts';
import { type Harness, startHarness } from './harness.ts';

const obstacle = await clusterObstacle(process.env);

const NEXT_HOPS = JSON.stringify(['192.168.1.10', '192.168.1.11', '192.168.1.12']);
const TOKEN_SECONDS = 20;
/** Sessions that are looked at while a fault lasts. */
const ROUTER = 'dc1-router-primary';

describe.skipIf(obstacle !== undefined)(titled('the product on a cluster with faults', obstacle), () => {
  let harness: Harness;
  let services = 0;
  beforeAll(async () => {
    harness = await startHarness({ tokenSeconds: TOKEN_SECONDS });
    await deployProduct(harness.cluster);
    for (const chapter of ['multi-router', 'cluster/secrets.yaml', 'test-service'])
      await harness.kubectl('apply', '-f', `examples/guide/${chapter}`);
    await untilRoutes('10.100.0.1/32');
  });
  afterAll(() => harness?.[Symbol.asyncDispose]());

  const untilRoutes = (prefix: string): Promise<unknown> =>
    until(`${prefix} on ${ROUTER}`, () => harness.cluster.router(ROUTER).nextHops(prefix), {
      timeoutMs: 120_000,
      done: (hops) => JSON.stringify(hops) === NEXT_HOPS,
    });

  /** How often each session of the router has been established, and how many UPDATEs came. */
  async function sessionFigures(): Promise<unknown> {
    interface Neighbor {
      readonly connectionsEstablished: number;
      readonly messageStats: { readonly updatesRecv: number };
    }
    const neighbors = await harness.cluster
      .router(ROUTER)
      .json<Readonly<Record<string, Neighbor>>>('show bgp neighbors');
    return Object.entries(neighbors).map(
      ([
        name,
        {
          connectionsEstablished,
          messageStats: { updatesRecv },
        },
      ]) => ({
        name,
        connectionsEstablished,
        updatesRecv,
      }),
    );
  }

  const curl = async (): Promise<string> => {
    const { stdout, stderr } = await harness.cluster.client.tryRun(['curl', '-sS', '-m', '3', 'http://10.100.0.1']);
    return stdout + stderr;
  };

  /** One more Service of the guide's kind gets an address, and each router has it. */
  async function expectNewServiceAnnounced(): Promise<void> {
    services += 1;
    const name = `more-${services}`;
    await until(
      `kubectl create ${name}`,
      async () => {
        const args = ['create', 'service', 'loadbalancer', name, '--tcp=80:80'];
        return (await harness.cluster.kubectl(args)).stderr;
      },
      { timeoutMs: 60_000, everyMs: 500, done: (stderr) => stderr === '' || stderr.includes('already exists') },
    );
    await harness.kubectl('set', 'selector', `service/${name}`, 'app=nginx-test');
    const path = 'jsonpath={.status.loadBalancer.ingress[0].ip}';
    const ip = await harness.until(['get', 'service', name, '-o', path], (text) => text !== '', 120_000);
    await untilRoutes(`${ip}/32`);
  }

  it('goes on with tokens that end after 20 s', async () => {
    const before = await sessionFigures();
    await sleep(3 * TOKEN_SECONDS * 1_000);
    expect(await sessionFigures()).toEqual(before);
    await expectNewServiceAnnounced();
    const path = 'jsonpath={.items[*].status.containerStatuses[*].restartCount}';
    expect(await harness.kubectl('get', 'pods', '-n', 'metallb-system', '-o', path)).toBe('0 0 0 0');
  });

  it('keeps every route while the API server is away for 30 s, and goes on when it is back', async () => {
    const { controlPlane } = harness.cluster;
    const before = await sessionFigures();
    await controlPlane.kill('kube-apiserver');
    const end = performance.now() + 30_000;
    while (performance.now() < end) {
      expect(await curl()).toContain('Welcome to nginx!');
      await sleep(1_000);
    }
    expect(await sessionFigures()).toEqual(before);
    controlPlane.startAgain('kube-apiserver');
    await expectNewServiceAnnounced();
  });

  it('does so when etcd is killed and comes back', async () => {
    const { controlPlane } = harness.cluster;
    const before = await sessionFigures();
    await controlPlane.kill('etcd');
    await sleep(5_000);
    expect(await curl()).toContain('Welcome to nginx!');
    expect(await sessionFigures()).toEqual(before);
    controlPlane.startAgain('etcd');
    await expectNewServiceAnnounced();
  });
});
