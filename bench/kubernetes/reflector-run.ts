/** Reads all Services with our reflector, and ends. Argument: a kubeconfig. */
import { readService } from '../../src/follow/objects.ts';
import { kubeconfigAccess } from '../../src/kube/kubeconfig.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { SERVICE } from '../../src/kube/resource-types.ts';
import { RestClient } from '../../src/kube/rest.ts';
import { systemClock } from '../../src/time/clock.ts';

const access = kubeconfigAccess(process.argv[2] ?? '');
if (!access.ok) throw new Error(access.error);
const api = await RestClient.create({ access: access.value, clock: systemClock, userAgent: 'bench' });
const services = new Map<string, unknown>();
const reflector = new Reflector({
  api,
  type: SERVICE,
  selection: { namespace: '' },
  transform: readService,
  clock: systemClock,
  random: Math.random,
  breathe: () => new Promise((done) => setImmediate(done)),
  handler: {
    changed: (events) => {
      for (const event of events) if (event.type === 'upsert') services.set(event.key, event.value);
    },
    synced: () => {
      process.stdout.write(`${services.size}\n`);
      process.exit(services.size > 0 ? 0 : 1);
    },
  },
});
reflector.start();
