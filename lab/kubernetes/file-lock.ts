/**
 * A lock between processes, on a file.
 *
 * It is the kernel's (flock), held by a child whose standard input only this process holds open: however this process ends, the lock
 * ends with it, and a lock that was left behind cannot be.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { BuildError } from './build-error.ts';

/** How long the lock may take before somebody is told that it is waited for. */
const PATIENCE_MS = 500;

/** Takes the lock, and returns what releases it. */
export async function lockFile(file: string, onWait: () => void): Promise<AsyncDisposable> {
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const exited = new Promise<void>((resolve) => holder.once('close', () => resolve()));
  const failed = new Promise<'failed'>((resolve) => {
    holder.once('error', () => resolve('failed'));
    holder.once('exit', () => resolve('failed'));
  });
  const held = once(holder.stdout, 'data').then(() => 'held' as const);
  held.catch(() => {});
  const first = await Promise.race([held, failed, sleep(PATIENCE_MS, 'waiting' as const, { ref: false })]);
  if (first === 'waiting') onWait();
  if ((await Promise.race([held, failed])) === 'failed')
    throw new BuildError(`${file} cannot be locked (is util-linux with flock installed?)`);
  return {
    async [Symbol.asyncDispose]() {
      holder.stdin.end();
      await exited;
    },
  };
}
