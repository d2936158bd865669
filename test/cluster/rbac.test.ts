/**
 * RBAC has nothing that is not used, and lacks nothing: controller and speaker run by their service accounts' tokens on a real API server, do all
 * that they do, and the server's audit log is held against the manifest's roles.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { MANIFEST } from '../../deploy/manifest/render.ts';
import { Daemon } from '../../lab/daemon.ts';
import { programFile } from '../../lab/kubernetes/binaries.ts';
import { ControlPlane, controlPlaneObstacle } from '../../lab/kubernetes/control-plane.ts';
import { kubeconfig } from '../../lab/kubernetes/kubeconfig.ts';
import { testObstacle, titled } from '../../lab/requirements.ts';
import { run, until } from '../../lab/run.ts';
import { Sandbox } from '../../lab/sandbox.ts';
import { type AuditEvent, grantsOf, grantText, isForbidden, isUseOf, userOf } from './granted.ts';

const obstacle = controlPlaneObstacle(process.env) ?? (await testObstacle('unprivileged', ['curl']));

const OWN = 'metallb-system';
const NODE = 'node1';
const SERVICE = 'nginx-lb';

/** What the guide's chapters have not: an L2Advertisement, and status objects of a node that is gone, one of each kind. */
const L2_ADVERTISEMENT = {
  apiVersion: 'metallb.io/v1beta1',
  kind: 'L2Advertisement',
  metadata: { name: 'some', namespace: OWN },
};
const LEFT_BEHIND = ['ServiceBGPStatus', 'ServiceL2Status', 'SpeakerStatus', 'ConfigurationState'].map((kind) => ({
  apiVersion: 'metallb.io/v1beta1',
  kind,
  metadata: {
    name: kind === 'ConfigurationState' ? 'speaker-gone' : 'gone',
    namespace: OWN,
    labels: {
      'metallb.io/node': 'gone',
      'metallb.io/service-name': SERVICE,
      'metallb.io/service-namespace': 'default',
    },
  },
}));
/** Not the slice of the guide's chapter: without Pods the cluster's own controller takes that for out of date. */
const ENDPOINTS = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'by-hand', namespace: 'default', labels: { 'kubernetes.io/service-name': SERVICE } },
  addressType: 'IPv4',
  ports: [{ port: 80 }],
  endpoints: [{ addresses: ['10.244.1.10'], nodeName: NODE, conditions: { ready: true } }],
};
/** Under the name that the speaker gives its own, without the labels by which it follows them: made by another, unseen. */
const IN_THE_WAY = {
  apiVersion: 'metallb.io/v1beta1',
  kind: 'ServiceBGPStatus',
  metadata: {
    name: `bgp-${createHash('sha256').update(`${NODE}/default/${SERVICE}`).digest('hex').slice(0, 20)}`,
    namespace: OWN,
  },
};

describe.skipIf(obstacle !== undefined)(titled('RBAC on kube-apiserver', obstacle), () => {
  const grants = grantsOf(readFileSync(MANIFEST, 'utf8'));
  let sandbox: Sandbox;
  let plane: ControlPlane;
  let auditLog: string;
  const daemons: Daemon[] = [];

  const kubectl = (args: readonly string[], ...objects: readonly object[]): Promise<string> =>
    run([programFile('kubectl', process.env), '--kubeconfig', plane.adminKubeconfig, ...args], {
      input: objects.map((object) => JSON.stringify(object)).join('\n---\n'),
    });
  const apply = (...objects: readonly object[]) => kubectl(['apply', '-f', '-'], ...objects);
  const example = (chapter: string) => kubectl(['apply', '-f', `examples/guide/${chapter}`]);

  function events(): readonly AuditEvent[] {
    const users = ['controller', 'speaker'].map((account) => userOf(account, OWN));
    const lines = readFileSync(auditLog, 'utf8').split('\n');
    return lines
      .slice(0, -1)
      .map((line) => JSON.parse(line) as AuditEvent)
      .filter(({ user }) => users.includes(user.username));
  }
  const unused = (): readonly string[] => {
    const seen = events();
    return grants.filter((grant) => !seen.some((event) => isUseOf(grant, event, OWN))).map(grantText);
  };
  const lacking = (): readonly string[] => [
    ...new Set(
      events()
        .filter(isForbidden)
        .map(({ user, verb, requestURI }) => `${user.username}: ${verb} ${requestURI}`),
    ),
  ];
  /** Where a right is lacking the waiting is over: what comes behind it would be waited for in vain. */
  const isUsed = async (grant: RegExp): Promise<void> => {
    const done = (left: string): boolean => !grant.test(left) || lacking().length > 0;
    await until(`the use of ${grant}`, async () => unused().join('\n'), { timeoutMs: 60_000, everyMs: 500, done });
    expect(lacking()).toEqual([]);
  };

  /** Starts a daemon by its service account's token, as its Pod; returns the port of its metrics over TLS. */
  async function start(component: 'controller' | 'speaker', args: readonly string[]): Promise<number> {
    const token = (await kubectl(['create', 'token', component, '-n', OWN])).trim();
    const file = join(sandbox.directory, `${component}.kubeconfig`);
    writeFileSync(file, kubeconfig({ ...plane, token }), { mode: 0o600 });
    const podsOf = ['get', 'pods', '-n', OWN, '-l', `component=${component}`];
    const pod = await until(`a Pod of ${component}`, () => kubectl([...podsOf, '-o', 'name']), {
      timeoutMs: 30_000,
      done: (text) => text !== '',
    });
    const port = await freePort();
    const common = [`--kubeconfig=${file}`, `--namespace=${OWN}`, '--health-probe-port=0', '--metrics-port=0'];
    const name = /^pod\/(\S+)/.exec(pod)?.[1];
    const program = [process.execPath, 'src/cli/main.ts', component];
    const daemon = new Daemon({
      name: component,
      argv: ['env', '-C', process.cwd(), ...program, ...common, `--port=${port}`, `--pod-name=${name}`, ...args],
      directory: sandbox.directory,
    });
    if (daemon.pid !== undefined) sandbox.adopt(daemon.pid);
    daemons.push(daemon);
    return port;
  }

  beforeAll(async () => {
    sandbox = new Sandbox('unprivileged');
    auditLog = join(sandbox.directory, 'audit.log');
    plane = await ControlPlane.start({ sandbox, env: process.env, controllers: true, auditLog });
    await kubectl(['apply', '-f', MANIFEST]);
    await kubectl(['wait', '--for=condition=established', 'crd', '--all', '--timeout=30s']);
    await kubectl(['create', 'serviceaccount', 'stranger']);
    for (const chapter of ['cluster', 'multi-router', 'test-service']) await example(chapter);
    await apply(L2_ADVERTISEMENT, ENDPOINTS, ...LEFT_BEHIND, IN_THE_WAY);
  });
  afterAll(async () => {
    for (const daemon of daemons) if (daemon.running) daemon.signal('SIGKILL');
    await plane?.stop();
    await sandbox?.close();
  });

  it('allows what the audit log shows, no more and no less', async () => {
    onTestFailed(async () => {
      for (const daemon of daemons)
        console.log(`${daemon.name} said at last:\n${(await daemon.stdout()).split('\n').slice(-20).join('\n')}`);
    });
    // The guide's routers are nobody's business here: a port of loopback where nobody listens.
    const peers = ['192.168.1.1', '192.168.1.2', '192.168.2.1', '192.168.2.2'].map((address) => `${address}:179`);
    const map = join(sandbox.directory, 'transport.json');
    const nowhere = { peers: Object.fromEntries(peers.map((peer) => [peer, '127.0.0.2:1'])), nodes: {} };
    writeFileSync(map, JSON.stringify(nowhere));
    const ports = [
      await start('controller', []),
      await start('speaker', [`--node-name=${NODE}`, '--bgp-listen-port=0', `--transport-map=${map}`]),
    ];

    // Metrics: for the administrator, and for an account that the cluster knows and that may not.
    const stranger = (await kubectl(['create', 'token', 'stranger'])).trim();
    for (const port of ports) {
      await until('metrics', () => scrape(port, plane.token), { timeoutMs: 30_000, done: (status) => status === 200 });
      expect([await scrape(port, stranger), await scrape(port, 'unknown'), await scrape(port, null)]).toEqual([
        403, 401, 401,
      ]);
    }

    // An address, and its announcement; then none, and again: an event that repeats is counted. Then no address at all.
    await isUsed(/speaker: create metallb.io\/servicebgpstatuses /);
    await isUsed(/speaker: patch metallb.io\/servicebgpstatuses\/status /);
    const annotation = (pool: string) => [
      'annotate',
      '--overwrite',
      'service',
      SERVICE,
      `metallb.universe.tf/address-pool=${pool}`,
    ];
    for (let times = 0; times < 2; times++) {
      await kubectl(annotation('no-such-pool'));
      await addressIs('');
      await kubectl(annotation('production-pool'));
      await addressIs('10.100.0.1');
    }
    await isUsed(/: patch events /);
    await kubectl(['patch', 'service', SERVICE, '-p', '{"spec":{"type":"ClusterIP"}}']);
    await isUsed(/controller: get services /);
    await isUsed(/controller: delete metallb.io/);

    // The lease is given up, and the node's SpeakerStatus goes with its speaker.
    for (const daemon of daemons) expect(await daemon.stop()).toBe(0);
    expect({ lacking: lacking(), unused: unused() }).toEqual({ lacking: [], unused: [] });
  });

  async function addressIs(wanted: string): Promise<void> {
    const get = ['get', 'service', SERVICE, '-o', 'jsonpath={.status.loadBalancer.ingress[*].ip}'];
    await until(`the address "${wanted}"`, () => kubectl(get), { timeoutMs: 30_000, done: (ip) => ip === wanted });
  }
});

/** The status of GET /metrics. */
function scrape(port: number, token: string | null): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const options = { host: '127.0.0.1', port, path: '/metrics', headers, rejectUnauthorized: false, agent: false };
    request(options, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
