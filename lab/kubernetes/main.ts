/**
 * `npm run kubernetes`: a real Kubernetes API on loopback, until Ctrl-C.
 *
 * Exit status: 0 it ran; 1 it did not become ready; 2 it cannot run here and says why; 128+n ended by signal n.
 */
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { reachSystemPrograms } from '../packages.ts';
import { Sandbox } from '../sandbox.ts';
import { buildPrograms, PROGRAMS, programDirectory } from './binaries.ts';
import { BuildError } from './build-error.ts';
import { ControlPlane } from './control-plane.ts';

const USAGE = `usage: npm run kubernetes -- [--build-only] [--controllers] [--audit-log FILE]

  --build-only      build what is missing of ${PROGRAMS.join(', ')}, and end
  --controllers     with kube-controller-manager: namespaces are emptied, dependents collected
  --audit-log FILE  one line of JSON per request
`;

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const { values } = parseArgs({
  options: {
    'build-only': { type: 'boolean' },
    controllers: { type: 'boolean' },
    'audit-log': { type: 'string' },
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

async function serve(sandbox: Sandbox): Promise<number> {
  const auditLog = values['audit-log'];
  const plane = await ControlPlane.start({
    sandbox,
    env: process.env,
    controllers: values.controllers === true,
    ...(auditLog === undefined ? {} : { auditLog }),
  });
  print(`Ready after ${plane.readyAfterMs} ms: ${plane.url}. It stays until Ctrl-C. To use it:

  export PATH=${programDirectory(process.env)}:$PATH KUBECONFIG=${plane.adminKubeconfig}
  kubectl api-resources

Logs are in ${sandbox.directory}.`);
  // Nothing else keeps this process alive: what the sandbox runs has a life of its own.
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
  if (values['build-only']) {
    print(`Kubernetes' programs are in ${programDirectory(process.env)}`);
    return 0;
  }
  const sandbox = new Sandbox('unprivileged');
  try {
    return await Promise.race([serve(sandbox), interrupted]);
  } finally {
    await sandbox.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (interruption.signal.aborted) process.exitCode = interruption.signal.reason as number;
  else if (error instanceof Error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error instanceof BuildError ? 2 : 1;
  } else throw error;
}
// A step that was cut short by a signal may still be waiting for something that will not come any more.
process.exit();
