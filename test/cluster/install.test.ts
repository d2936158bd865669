/** deploy/metallb-ts.yaml and the overlays, given to a real API server by kubectl. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANIFEST } from '../../deploy/manifest/render.ts';
import { programFile } from '../../lab/kubernetes/binaries.ts';
import { ControlPlane, controlPlaneObstacle } from '../../lab/kubernetes/control-plane.ts';
import { testObstacle, titled } from '../../lab/requirements.ts';
import { type Finished, tryRun } from '../../lab/run.ts';
import { Sandbox } from '../../lab/sandbox.ts';

const obstacle = controlPlaneObstacle(process.env) ?? (await testObstacle('unprivileged', ['curl']));

/** What of a running MetalLB lies under the names of ours, as far as it could be in the way (metallb-behaviour 6.6). */
const METALLB = `
apiVersion: v1
kind: Namespace
metadata: { name: metallb-system }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: pod-lister, namespace: metallb-system }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: pod-lister }
subjects:
  - { kind: ServiceAccount, name: speaker, namespace: metallb-system }
  - { kind: ServiceAccount, name: controller, namespace: metallb-system }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: controller, namespace: metallb-system, labels: { app: metallb, component: controller } }
spec:
  selector: { matchLabels: { app: metallb, component: controller } }
  template:
    metadata: { labels: { app: metallb, component: controller } }
    spec: { containers: [{ name: controller, image: localhost/another, args: [--port=9120] }] }
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: metallb-webhook-configuration }
webhooks:
  - name: ipaddresspoolvalidationwebhook.metallb.io
    admissionReviewVersions: [v1]
    clientConfig: { service: { name: metallb-webhook-service, namespace: metallb-system, path: /validate } }
    failurePolicy: Fail
    sideEffects: None
    rules:
      - { apiGroups: [metallb.io], apiVersions: [v1beta1], operations: [CREATE, UPDATE], resources: [ipaddresspools] }
`;

const POOL = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: some, namespace: metallb-system }
spec: { addresses: [192.0.2.0/24] }
`;

describe.skipIf(obstacle !== undefined)(titled('the manifest on kube-apiserver', obstacle), () => {
  let sandbox: Sandbox;
  let plane: ControlPlane;
  const kubectl = (args: readonly string[], input?: string): Promise<Finished> =>
    tryRun(
      [programFile('kubectl', process.env), '--kubeconfig', plane.adminKubeconfig, ...args],
      input === undefined ? {} : { input },
    );

  beforeAll(async () => {
    sandbox = new Sandbox('unprivileged');
    plane = await ControlPlane.start({ sandbox, env: process.env, controllers: true });
  });
  afterAll(async () => {
    await plane?.stop();
    await sandbox?.close();
  });

  it('is accepted without a warning, and its Pods can be waited for at once', async () => {
    const applied = await kubectl(['apply', '-f', MANIFEST]);
    // No nodes are here, so the wait cannot succeed; that it finds Pods is what a pause would otherwise be needed for.
    const selection = ['--namespace', 'metallb-system', '--selector=app=metallb'];
    const waited = await kubectl(['wait', ...selection, '--for=condition=ready', 'pod', '--timeout=1s']);
    expect(applied).toMatchObject({ status: 0, stderr: '' });
    expect(waited.stderr).toMatch(/^(?:error: )?timed out waiting for the condition on pods\/controller-/);
  });

  it('changes nothing when it is applied again', async () => {
    const { status, stdout } = await kubectl(['apply', '-f', MANIFEST]);
    expect(status).toBe(0);
    expect(stdout.split('\n').filter((line) => line !== '' && !line.endsWith(' unchanged'))).toEqual([]);
  });

  it.each(['base', ...readdirSync('deploy/overlays').map((name) => `overlays/${name}`)])(
    'is accepted as %s too',
    async (folder) => {
      const { status, stdout, stderr } = await kubectl(['apply', '--dry-run=server', '-k', `deploy/${folder}`]);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout.match(/^(?:deployment|daemonset)\S+/gm)).toEqual([
        'deployment.apps/controller',
        'daemonset.apps/speaker',
      ]);
    },
  );

  it('is accepted over a running MetalLB, and leaves neither its rights nor webhooks that nobody answers', async () => {
    expect(await kubectl(['apply', '-f', '-'], METALLB)).toMatchObject({ status: 0 });
    expect(await kubectl(['apply', '-f', '-'], POOL)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('failed calling webhook'),
    });
    expect(await kubectl(['apply', '-f', MANIFEST])).toMatchObject({ status: 0, stderr: '' });
    expect(await kubectl(['apply', '-f', '-'], POOL)).toMatchObject({
      status: 0,
      stdout: 'ipaddresspool.metallb.io/some created\n',
    });
    const binding = ['get', 'rolebinding', 'pod-lister', '-n', 'metallb-system', '-o', 'jsonpath={.subjects[*].name}'];
    expect((await kubectl(binding)).stdout).toBe('speaker');
    const image = ['get', 'deployment', 'controller', '-n', 'metallb-system', '-o', 'jsonpath={..containers[*].image}'];
    expect((await kubectl(image)).stdout).toMatch(/^localhost\/metallb-ts:\S+$/);
  });
});
