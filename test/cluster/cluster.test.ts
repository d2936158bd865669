/** The lab's cluster itself: what its kubelet must do for what runs on it, seen through kubectl and the network. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterObstacle } from '../../lab/cluster/cluster.ts';
import { titled } from '../../lab/requirements.ts';
import { until } from '../../lab/run.ts';
import { type Harness, startHarness, toolPod } from './harness.ts';

const obstacle = await clusterObstacle(process.env);

describe.skipIf(obstacle !== undefined)(titled("the lab's cluster", obstacle), () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness?.[Symbol.asyncDispose]());

  const field = (pod: string, path: string): Promise<string> =>
    harness.kubectl('get', 'pod', pod, '-o', `jsonpath={${path}}`);
  const ready = (...pods: readonly string[]): Promise<string> =>
    harness.kubectl('wait', '--for=condition=ready', '--timeout=60s', ...pods.map((pod) => `pod/${pod}`));
  const state = (path: string) => `.status.containerStatuses[0].${path}`;

  it('has three nodes, each with addresses of both families', async () => {
    const path = '{range .items[*]}{.metadata.name} {.status.addresses[*].address} {.spec.podCIDRs[*]}{"\\n"}{end}';
    expect(await harness.kubectl('get', 'nodes', '-o', `jsonpath=${path}`)).toBe(
      'node1 192.168.1.10 fd00:192:168:1::10 node1 10.244.1.0/24 fd00:10:244:1::/64\n' +
        'node2 192.168.1.11 fd00:192:168:1::11 node2 10.244.2.0/24 fd00:10:244:2::/64\n' +
        'node3 192.168.1.12 fd00:192:168:1::12 node3 10.244.3.0/24 fd00:10:244:3::/64\n',
    );
  });

  it('runs a Deployment, whose Service is answered from every node and every Pod, over both families', async () => {
    const labels = { app: 'web' };
    await harness.apply(
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: {
          replicas: 3,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              containers: [
                {
                  name: 'nginx',
                  image: 'nginx:alpine',
                  readinessProbe: { httpGet: { port: 80 }, periodSeconds: 1 },
                },
              ],
            },
          },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { selector: labels, ports: [{ port: 8080, targetPort: 80 }], ipFamilyPolicy: 'RequireDualStack' },
      },
    );
    await harness.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    const pods = (
      await harness.kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].metadata.name}')
    ).split(' ');
    expect(pods).toHaveLength(3);
    const addresses = (await harness.kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIPs[*]}')).split(
      ' ',
    );
    expect(addresses).toHaveLength(2);
    for (const address of addresses) {
      const url = `http://${address.includes(':') ? `[${address}]` : address}:8080/`;
      for (const node of ['node1', 'node2', 'node3'])
        await until(
          `${url} from ${node}`,
          () => harness.cluster.namespace(node).run(['curl', '-gsS', '-m', '2', url]),
          {
            timeoutMs: 20_000,
            done: (page) => pods.some((pod) => page.includes(pod)),
          },
        );
      for (const pod of pods)
        expect(await harness.kubectl('exec', pod, '--', 'curl', '-gsS', '-m', '2', url)).toContain('Welcome to nginx!');
    }
    const log = await harness.kubectl('logs', '-l', 'app=web', '--tail=-1');
    expect(log.split('\n').filter((line) => line.includes('GET /')).length).toBeGreaterThanOrEqual(12);
  });

  it('says again that a Pod is ready, where kube-controller-manager has taken it for not ready', async () => {
    await harness.apply(toolPod('contradicted', 'sleep 1000'));
    await ready('contradicted');
    const status = JSON.stringify({ status: { conditions: [{ type: 'Ready', status: 'False' }] } });
    await harness.kubectl('patch', 'pod', 'contradicted', '--subresource=status', '--type=strategic', '-p', status);
    await ready('contradicted');
  });

  it('gives containers what their spec says', async () => {
    await harness.apply(
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, stringData: { password: 'one', other: 'x' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'conf' }, data: { 'a.conf': 'text' } },
      toolPod(
        'spec',
        'sleep 1000',
        {
          env: [
            { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
            { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
            { name: 'ALL', value: '$(NODE)/$(KEY)' },
          ],
          volumeMounts: [
            { name: 'keys', mountPath: '/keys', readOnly: true },
            { name: 'conf', mountPath: '/etc/conf/a.conf', subPath: 'a.conf' },
            { name: 'scratch', mountPath: '/scratch' },
          ],
          securityContext: {
            runAsUser: 65_534,
            runAsGroup: 65_534,
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'], add: ['NET_RAW'] },
          },
        },
        {
          nodeName: 'node2',
          volumes: [
            { name: 'keys', secret: { secretName: 'keys', items: [{ key: 'password', path: 'p' }] } },
            { name: 'conf', configMap: { name: 'conf' } },
            { name: 'scratch', emptyDir: {} },
          ],
        },
      ),
    );
    await ready('spec');
    const exec = (script: string): Promise<string> => harness.kubectl('exec', 'spec', '--', 'sh', '-c', script);
    const ip = await field('spec', '.status.podIP');
    expect(await exec('echo $ALL $IP; id -u; hostname; cat /keys/p /etc/conf/a.conf; ls /keys')).toBe(
      `node2/one ${ip}\n65534\nspec\nonetextp\n`,
    );
    // Bit 13 of the bounding set is NET_RAW; not root, it has none in effect.
    expect(await exec('grep -E "CapBnd|CapEff|NoNewPrivs" /proc/1/status')).toBe(
      'CapEff:\t0000000000000000\nCapBnd:\t0000000000002000\nNoNewPrivs:\t1\n',
    );
    expect(await exec('touch /x 2>&1 || true')).toContain('Read-only file system');
    expect(await exec('touch /keys/x 2>&1 || true')).toContain('Read-only file system');
    // The API server, through the Service `kubernetes`, as the Pod's service account.
    const account = '/var/run/secrets/kubernetes.io/serviceaccount';
    const whoAmI = `curl -sS --cacert ${account}/ca.crt -H "Authorization: Bearer $(cat ${account}/token)" -H 'Content-Type: application/json' \
      -d '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}' \
      https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/apis/authentication.k8s.io/v1/selfsubjectreviews`;
    expect(await exec(whoAmI)).toContain('system:serviceaccount:default:default');

    await harness.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'keys' },
      stringData: { password: 'two' },
    });
    await harness.until(['exec', 'spec', '--', 'cat', '/keys/p'], (text) => text === 'two');
  });

  it('passes through standard input, both outputs and the exit status of exec', async () => {
    await harness.apply(toolPod('exec', 'sleep 1000'));
    await ready('exec');
    const { kubectl } = harness.cluster;
    const run = (args: readonly string[], input?: string) =>
      kubectl.call(harness.cluster, ['exec', ...args], input === undefined ? {} : { input });
    expect(await run(['-i', 'exec', '--', 'sh', '-c', 'tr a-z A-Z; echo bad >&2; exit 7'], 'hello\n')).toEqual({
      status: 7,
      stdout: 'HELLO\n',
      stderr: 'bad\ncommand terminated with exit code 7\n',
    });
    const large = 'x'.repeat(1_000_000);
    expect((await run(['-i', 'exec', '--', 'wc', '-c'], large)).stdout).toBe('1000000\n');
    expect((await run(['exec', '--', 'head', '-c', '1000000', '/dev/zero'])).stdout).toHaveLength(1_000_000);
    expect((await run(['exec', '--', 'no-such-program'])).stderr).toContain(
      'exec: "no-such-program": executable file not found in $PATH',
    );
  });

  it('shows what a container writes, and follows it', async () => {
    await harness.apply(toolPod('logs', 'for i in 1 2 3; do echo line $i; done; sleep 3; echo late; sleep 1000'));
    await ready('logs');
    await harness.until(['logs', 'logs', '--tail=2'], (text) => text === 'line 2\nline 3\n');
    const followed = harness.cluster.kubectl(['logs', '-f', 'logs']);
    await harness.until(['logs', 'logs'], (text) => text.endsWith('late\n'));
    await harness.kubectl('delete', 'pod', 'logs');
    expect((await followed).stdout).toBe('line 1\nline 2\nline 3\nlate\n');
  });

  it('is ready when the readiness probe says so, and restarts what the liveness probe gives up', async () => {
    await harness.apply(
      toolPod('probed', 'touch /alive; sleep 1000', {
        readinessProbe: { exec: { command: ['test', '-e', '/ready'] }, periodSeconds: 1, failureThreshold: 1 },
        livenessProbe: { exec: { command: ['test', '-e', '/alive'] }, periodSeconds: 1, failureThreshold: 2 },
      }),
      toolPod('tcp', 'sleep 1000', { readinessProbe: { tcpSocket: { port: 9 }, periodSeconds: 1 } }),
    );
    await harness.until(['get', 'pod', 'probed', '-o', `jsonpath={${state('state.running')}}`], (text) => text !== '');
    expect(await field('probed', state('ready'))).toBe('false');
    await harness.kubectl('exec', 'probed', '--', 'touch', '/ready');
    await ready('probed');
    await harness.kubectl('exec', 'probed', '--', 'rm', '/ready');
    await harness.kubectl('wait', '--for=condition=ready=false', '--timeout=20s', 'pod/probed');
    await harness.kubectl('exec', 'probed', '--', 'rm', '/alive');
    // A shell that is process 1 does not hear SIGTERM: this takes until SIGKILL.
    await harness.until(
      ['get', 'pod', 'probed', '-o', `jsonpath={${state('restartCount')}}`],
      (text) => text === '1',
      60_000,
    );
    expect(await field('probed', state('lastState.terminated.exitCode'))).toBe('137');
    expect(await harness.kubectl('get', 'events', '--field-selector=involvedObject.name=probed')).toMatch(
      /Unhealthy +pod\/probed +Liveness/,
    );
    expect(await field('tcp', state('ready'))).toBe('false');
  });

  it('waits longer each time before it starts again what ends again and again', async () => {
    await harness.apply(toolPod('crash', 'echo run; exit 3'));
    const path = `jsonpath={${state('restartCount')}} {${state('state.waiting.reason')}} {${state('lastState.terminated.exitCode')}}`;
    await harness.until(['get', 'pod', 'crash', '-o', path], (text) => text === '1 CrashLoopBackOff 3');
    expect(await harness.kubectl('logs', 'crash', '--previous')).toBe('run\n');
    await harness.until(['get', 'pod', 'crash', '-o', path], (text) => text === '2 CrashLoopBackOff 3');
  });

  it('ends a Pod by SIGTERM, and by SIGKILL when its grace is over', async () => {
    const polite = 'trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.1; done';
    const deaf = 'trap "" TERM; echo up; while :; do sleep 0.1; done';
    await harness.apply(
      toolPod('polite', polite, {}, { terminationGracePeriodSeconds: 30 }),
      toolPod('deaf', deaf, {}, { terminationGracePeriodSeconds: 3 }),
    );
    await ready('polite', 'deaf');
    for (const pod of ['polite', 'deaf']) await harness.until(['logs', pod], (text) => text === 'up\n');
    const followed = harness.cluster.kubectl(['logs', '-f', 'polite']);
    await sleep(500);
    const started = performance.now();
    await harness.kubectl('delete', 'pod', 'polite');
    expect(performance.now() - started).toBeLessThan(10_000);
    expect((await followed).stdout).toBe('up\nbye\n');
    const before = performance.now();
    await harness.kubectl('delete', 'pod', 'deaf');
    expect(performance.now() - before).toBeGreaterThan(2_500);
    expect(performance.now() - before).toBeLessThan(15_000);
  });

  it("runs init containers in their order, and Pods that end, and puts hostNetwork Pods into their node's network", async () => {
    const volumes = [{ name: 'v', emptyDir: {} }];
    const volumeMounts = [{ name: 'v', mountPath: '/v' }];
    const init = (name: string) => ({
      name,
      image: 'busybox',
      command: ['sh', '-c', `echo ${name} >> /v/order`],
      volumeMounts,
    });
    await harness.apply(
      toolPod(
        'job',
        'cat /v/order',
        { volumeMounts },
        { volumes, restartPolicy: 'Never', initContainers: [init('a'), init('b')] },
      ),
      toolPod('host', 'sleep 1000', {}, { hostNetwork: true, nodeName: 'node3' }),
    );
    await harness.until(['get', 'pod', 'job', '-o', 'jsonpath={.status.phase}'], (text) => text === 'Succeeded');
    expect(await harness.kubectl('logs', 'job')).toBe('a\nb\n');
    await ready('host');
    expect(await field('host', '.status.podIPs[*].ip')).toBe('192.168.1.12 fd00:192:168:1::12');
    expect(await harness.kubectl('exec', 'host', '--', 'ip', '-br', 'addr', 'show', 'dc1')).toContain(
      '192.168.1.12/24',
    );
  });

  it('says that an image is not there', async () => {
    await harness.apply(toolPod('nowhere', 'true', { image: 'example.com/no/such:1' }));
    await harness.until(
      ['get', 'pod', 'nowhere', '-o', `jsonpath={${state('state.waiting.reason')}}`],
      (text) => text === 'ErrImagePull',
    );
  });

  it('leaves nothing of a Pod that is gone', async () => {
    await harness.kubectl('delete', 'pod', 'spec', 'exec', '--wait=true');
    const uid = await field('host', '.metadata.uid');
    expect(existsSync(`${harness.sandbox.directory}/pods-node3/${uid}`)).toBe(true);
    await harness.kubectl('delete', 'pod', 'host', '--wait=true');
    await until('the directory', async () => existsSync(`${harness.sandbox.directory}/pods-node3/${uid}`), {
      timeoutMs: 5_000,
      done: (is) => !is,
    });
  });
});
