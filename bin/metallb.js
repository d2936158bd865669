#!/usr/bin/env node
/**
 * The launcher: plain JavaScript, so that any Node can start it, however old the host's is.
 *
 * The program needs Node 24 or newer. Where this process is one, the program runs in it; else it runs in the Node that `npm ci` has brought
 * along, and this process only passes on standard streams, signals and the exit status.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NEEDED = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
// An installed package lies below node_modules, where Node strips no types, and has the bundle. In a checkout the sources count, however new.
const installed = root.split(sep).includes('node_modules');
const program = installed ? join(root, 'dist', 'metallb.js') : join(root, 'src', 'cli', 'main.ts');

// What stripping types and compiling came to is kept for the next start, which is then quicker and, for a daemon, 35 MB smaller: the stripper
// is never loaded. In the checkout and not in /tmp, where anybody could lay something ready for root; where it cannot be written, there is none.
const modules = join(root, 'node_modules');
const compiled = join(modules, '.cache', 'metallb');

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  if (existsSync(modules)) module.enableCompileCache(compiled);
  await import(pathToFileURL(program).href);
} else {
  const node = pinnedNode();
  if (node === undefined) {
    process.stderr.write(
      `metallb: needs Node.js ${NEEDED} or newer, and this is ${process.version}. ` +
        'Run "npm ci" in the checkout, which brings a newer one along, or install one.\n',
    );
    process.exitCode = 2;
  } else passOnTo(node);
}

/** The Node of the optional dependency for this platform, wherever npm has put it. */
function pinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`);
    const node = join(dirname(manifest), 'bin', 'node');
    return existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}

function passOnTo(node) {
  // Not with --disable-sigusr1, which blocks the signal for the program as well: it asks for it first of all.
  const child = spawn(node, [program, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: compiled, ...process.env },
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGQUIT'])
    process.on(signal, () => {
      // A terminal has sent these to the child itself already: twice would mean "at once" to many a program.
      const fromTerminal = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT');
      if (!fromTerminal) child.kill(signal);
    });
  child.on('error', (error) => {
    process.stderr.write(`metallb: cannot start ${node}: ${error.message}\n`);
    process.exit(2);
  });
  child.on('exit', (status, signal) => {
    if (signal === null) process.exit(status ?? 1);
    // Ends as the child ended, so that the caller sees the same.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
