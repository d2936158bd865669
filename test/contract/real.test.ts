/** The contract on a real Kubernetes API: etcd, kube-apiserver, kube-controller-manager. */
import { ControlPlane, controlPlaneObstacle } from '../../lab/kubernetes/control-plane.ts';
import { testObstacle } from '../../lab/requirements.ts';
import { Sandbox } from '../../lab/sandbox.ts';
import { ApiClient } from './client.ts';
import type { Subject } from './subject.ts';
import { contractSuite } from './suite.ts';

async function start(): Promise<Subject> {
  const sandbox = new Sandbox('unprivileged');
  try {
    const plane = await ControlPlane.start({ sandbox, env: process.env, controllers: true });
    const api = new ApiClient(plane);
    return {
      api,
      expireHistory: () => plane.compact(),
      close: async () => {
        api.close();
        await plane.stop();
        await sandbox.close();
      },
    };
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

const obstacle = controlPlaneObstacle(process.env) ?? (await testObstacle('unprivileged', ['curl']));

contractSuite('kube-apiserver', obstacle, start);
