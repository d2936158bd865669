/** Reads all Services with the informer of @kubernetes/client-node, and ends. Argument: a kubeconfig. */
import { CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';

const config = new KubeConfig();
config.loadFromFile(process.argv[2] ?? '');
const api = config.makeApiClient(CoreV1Api);
const informer = makeInformer(config, '/api/v1/services', () => api.listServiceForAllNamespaces());
let services = 0;
informer.on('add', () => {
  services++;
});
await informer.start();
process.stdout.write(`${services}\n`);
process.exit(services > 0 ? 0 : 1);
