/**
 * The demo's warden: a process that waits for the demo to be gone, however it ended, and then ends what it has left behind. A demo that ends by
 * itself leaves nothing; this is for one that was killed.
 */
import { rmSync } from 'node:fs';
import type { ToWarden } from './children.ts';

const GRACE_MS = 3_000;

const running = new Set<number>();
let folder: string | undefined;

function signal(name: NodeJS.Signals): void {
  for (const pid of running)
    try {
      process.kill(pid, name);
    } catch {
      running.delete(pid);
    }
}

process.on('message', (message: ToWarden) => {
  if (message.type === 'started') running.add(message.pid);
  else if (message.type === 'ended') running.delete(message.pid);
  else folder = message.path;
});

process.on('disconnect', () => {
  const end = (): void => {
    signal('SIGKILL');
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  };
  if (running.size === 0) end();
  signal('SIGTERM');
  setTimeout(end, GRACE_MS);
});
