/**
 * `npm run cluster`: a Kubernetes cluster with routers and a client, in network namespaces, until Ctrl-C.
 *
 * Exit status: 0 it ran; 1 something did not become ready; 2 it cannot run here and says why; 128+n ended by signal n.
 */
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { RootfsError } from '../../deploy/image/debian.ts';
import { buildPrograms, PROGRAMS, programDirectory } from '../kubernetes/binaries.ts';
import { BuildError } from '../kubernetes/build-error.ts';
import { removeLeftovers } from '../leftovers.ts';
import { reachSystemPrograms } from '../packages.ts';
import { Sandbox } from '../sandbox.ts';
import { Cluster, clusterObstacle } from './cluster.ts';
import { deployProduct } from './deploy.ts';
import { KUBELET_RESTARTS } from './kubelet/restart-backoff.ts';

const USAGE = `usage: npm run cluster -- [--empty] [--audit-log FILE] [--max-restart-period SECONDS]

  --empty                       without the product, which is deployed else by deploy/metallb-ts.yaml
  --audit-log FILE              one line of JSON per request to the API server
  --max-restart-period SECONDS  the longest that a container which ends again and again waits (the kubelet's: 300)
`;

class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

/** What is missing on this machine, as opposed to what went wrong. */
const CANNOT_RUN = [BuildError, RootfsError, CannotRun];

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const { values } = parseArgs({
  options: {
    empty: { type: 'boolean' },
    'audit-log': { type: 'string' },
    'max-restart-period': { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

/** Aborted by the first signal that asks for the end, with the exit status as its reason. */
const interruption = new AbortController();
const interrupted = new Promise<number>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      const status = 128 + constants.signals[signal];
      interruption.abort(status);
      resolve(status);
    });
});

function restarts() {
  const text = values['max-restart-period'];
  if (text === undefined) return KUBELET_RESTARTS;
  const maxMs = Number(text) * 1_000;
  if (!(maxMs >= 1_000 && maxMs <= KUBELET_RESTARTS.maxMs))
    throw new CannotRun(`--max-restart-period ${text}: seconds from 1 to ${KUBELET_RESTARTS.maxMs / 1_000}`);
  return { ...KUBELET_RESTARTS, maxMs };
}

async function serve(sandbox: Sandbox): Promise<number> {
  const auditLog = values['audit-log'];
  const started = performance.now();
  const cluster = await Cluster.start({
    sandbox,
    env: process.env,
    restarts: restarts(),
    print,
    ...(auditLog === undefined ? {} : { auditLog }),
  });
  print(`Nodes Ready after ${Math.round(performance.now() - started)} ms`);
  if (values.empty !== true) {
    await deployProduct(cluster);
    print(`The product is ready after ${Math.round(performance.now() - started)} ms`);
  }
  print(`It stays until Ctrl-C. To use it:

  export PATH=${programDirectory(process.env)}:$PATH KUBECONFIG=${cluster.kubeconfig}
  kubectl get nodes -o wide

  kubectl apply -f examples/guide/multi-router -f examples/guide/cluster/secrets.yaml -f examples/guide/test-service
  ip netns                                         # its namespaces begin with ${sandbox.id}
  ip netns exec ${sandbox.id}-client curl http://10.100.0.1
${cluster.routers.map(({ name }) => `  vtysh --vty_socket ${sandbox.directory}/frr-${name}`).join('\n')}

Logs of all that runs are in ${sandbox.directory}. A kubeconfig without detour, for programs in ${sandbox.id}-control-plane:
${cluster.controlPlane.adminKubeconfig}`);
  const alive = setInterval(() => {}, 1 << 30);
  const status = await interrupted;
  clearInterval(alive);
  return status;
}

async function main(): Promise<number> {
  if (values.help) {
    print(USAGE);
    return 0;
  }
  reachSystemPrograms(process.env);
  await buildPrograms({ programs: PROGRAMS, env: process.env, print, signal: interruption.signal });
  const obstacle = await clusterObstacle(process.env);
  if (obstacle !== undefined) throw new CannotRun(`The cluster cannot run here: ${obstacle}.`);
  for (const directory of await removeLeftovers()) print(`Removed what an earlier run had left in ${directory}`);
  const sandbox = new Sandbox('root');
  try {
    return await Promise.race([serve(sandbox), interrupted]);
  } finally {
    await sandbox.close();
    print('Everything that the cluster had made is removed.');
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (interruption.signal.aborted) process.exitCode = interruption.signal.reason as number;
  else if (error instanceof Error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = CANNOT_RUN.some((kind) => error instanceof kind) ? 2 : 1;
  } else throw error;
}
// A step that was cut short by a signal may still be waiting for something that will not come any more.
process.exit();
