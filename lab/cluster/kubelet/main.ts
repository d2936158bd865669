/** The kubelet's process, in its node's network namespace. Argument: the file with its settings. It ends by a signal; the janitor ends its Pods. */
import { kubeconfigAccess } from '../../../src/kube/kubeconfig.ts';
import { RestClient } from '../../../src/kube/rest.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { KUBERNETES_VERSION } from '../../kubernetes/binaries.ts';
import { Kubelet } from './kubelet.ts';
import { keepNode } from './node.ts';
import { serveKubelet } from './server.ts';
import { readSettings } from './settings.ts';

const [file = ''] = process.argv.slice(2);
const settings = readSettings(file);
const access = kubeconfigAccess(settings.kubeconfig);
if (!access.ok) throw new Error(access.error);

const log = (message: string): void => {
  process.stdout.write(`${new Date().toISOString()} ${message}\n`);
};
const rest = await RestClient.create({ access: access.value, clock: systemClock, userAgent: 'lab-kubelet' });
const kubelet = new Kubelet(settings, rest, log);
await serveKubelet(settings, kubelet, log);
await keepNode(rest, settings.node, `v${KUBERNETES_VERSION}-lab`, log);
kubelet.start();
