/**
 * `npm run lab`: the guide's network with real routers in network namespaces, and our speakers on its nodes; with `primary-backup` its primary
 * and backup paths, with traffic; with `bfd` how long routes to a node that is gone stay.
 *
 * Exit status: 0 everything was shown; 1 something did not happen; 2 the lab cannot run here; 128+n ended by signal n.
 */
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { showFailover } from './failover/show.ts';
import { GuideNetwork } from './guide-network.ts';
import {
  installObstacle,
  installPackages,
  LAB_PACKAGES,
  missingPackages,
  reachSystemPrograms,
  TEST_PACKAGES,
} from './packages.ts';
import { showPrimaryBackup } from './primary-backup/show.ts';
import { Sandbox, sandboxObstacle } from './sandbox.ts';
import { showLoss, showNetwork, showRequests, showRoutes, showSessions, showWithoutSecrets } from './show.ts';

const USAGE = `usage: npm run lab -- [primary-backup | bfd [--runs N]] [--keep] [--install-only]

  primary-backup  the guide's primary and backup paths, with traffic, instead of its multi-router network
  bfd             the guide's BFD profile: how long routers keep a route to a node that is gone, with it and without
  --runs N        (bfd) measures silent cuts and lost carriers so often, and judges them; 0 unless told
  --keep          (multi-router network) stay until Ctrl-C when everything is shown, and say how to look at it
  --install-only  install the Debian packages that lab and tests need, and end
`;

class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Not cut short by a signal: apt, once begun, comes to its end (Ctrl-C reaches it too), and then the policy is put back. */
async function install(names: readonly string[]): Promise<void> {
  const path = process.env.PATH ?? '';
  const missing = missingPackages(names, path);
  if (missing.length === 0) return;
  const obstacle = installObstacle(path);
  if (obstacle !== undefined) {
    throw new CannotRun(`These packages are missing and cannot be installed: ${missing.join(' ')}; ${obstacle}.`);
  }
  print(`Installing ${missing.join(' ')} (no service is started) …`);
  try {
    await installPackages(missing);
  } catch (cause) {
    throw new CannotRun(`Packages could not be installed: ${(cause as Error).message}`, { cause });
  }
  const still = missingPackages(names, path);
  if (still.length > 0)
    throw new CannotRun(`Installed, but their programs are not where they belong: ${still.join(' ')}`);
}

async function show(sandbox: Sandbox): Promise<void> {
  const started = performance.now();
  const network = await GuideNetwork.build(sandbox);
  print(
    `Built in ${Math.round(performance.now() - started)} ms: namespaces ${sandbox.id}-*, files in ${sandbox.directory}`,
  );
  try {
    showNetwork(network, print);
    await showSessions(network, print);
    await showRoutes(network, print);
    await showRequests(network, print);
    await showLoss(network, print);
    await showWithoutSecrets(sandbox, network, print);
  } catch (error) {
    print(`\nThis did not happen. The last words of the speakers:\n\n${await network.lastWords()}`);
    throw error;
  }
  if (!values.keep) return;
  await network.stopSpeakers();
  await showSessions(network, print);
  print(`
The network stays until Ctrl-C, with its speakers running on the whole configuration. To look at it:
  ip netns                                                    # all its namespaces begin with ${sandbox.id}
  ip netns exec ${sandbox.id}-client curl http://10.100.0.1
  vtysh --vty_socket ${sandbox.directory}/frr-dc1-router-primary
  birdc -s ${sandbox.directory}/bird-dc1-router-secondary/bird.ctl
  tail -f ${sandbox.directory}/speakers/*                     # the speakers' logs`);
  await new Promise(() => setInterval(() => {}, 1 << 30));
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    keep: { type: 'boolean' },
    runs: { type: 'string', default: '0' },
    'install-only': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});

/** Aborted, with the exit status as its reason, by the first signal that asks for the end; whoever presses Ctrl-C again is patient. */
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort(128 + constants.signals[signal]));
}

async function main(): Promise<number> {
  if (values.help) {
    print(USAGE);
    return 0;
  }
  const [scenario, ...further] = positionals;
  const known = scenario === undefined || scenario === 'primary-backup' || scenario === 'bfd';
  const runs = Number(values.runs);
  if (further.length > 0 || !known || !Number.isInteger(runs) || runs < 0) throw new CannotRun(USAGE);
  if (scenario !== undefined && values.keep) throw new CannotRun('--keep is for the multi-router network.');
  reachSystemPrograms(process.env);
  if (values['install-only']) {
    await install(TEST_PACKAGES);
    return 0;
  }
  const obstacle = await sandboxObstacle('root');
  if (obstacle !== undefined) {
    throw new CannotRun(
      `The lab cannot run here: ${obstacle}. It makes network namespaces and runs routers in them, for which it must be root.`,
    );
  }
  await install(scenario === 'bfd' ? [...LAB_PACKAGES, 'tshark'] : LAB_PACKAGES);
  if (interruption.signal.aborted) return interruption.signal.reason as number;
  const sandboxes: Sandbox[] = [];
  const newSandbox = (): Sandbox => {
    const sandbox = new Sandbox('root');
    sandboxes.push(sandbox);
    return sandbox;
  };
  const interrupted = new Promise<number>((resolve) => {
    interruption.signal.addEventListener('abort', () => resolve(interruption.signal.reason as number));
  });
  try {
    const showing: Promise<boolean> =
      scenario === 'bfd'
        ? showFailover(newSandbox, { runs }, print)
        : (scenario === undefined ? show(newSandbox()) : showPrimaryBackup(newSandbox, print)).then(() => true);
    return await Promise.race([showing.then((held) => (held ? 0 : 1)), interrupted]);
  } finally {
    await Promise.all(sandboxes.map((sandbox) => sandbox.close()));
    print('\nEverything that the lab had made is removed.');
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof CannotRun ? 2 : 1;
}
// A step that was cut short by a signal may still be waiting for something that will not come any more.
process.exit();
