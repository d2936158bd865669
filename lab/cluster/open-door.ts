/** Opens a door (`door.ts`) from this process's loopback to an address inside of a namespace. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { NetworkNamespace } from '../netns.ts';

/**
 * Returns the port of 127.0.0.1; the door is open as long as this process runs.
 *
 * @throws {Error} where the process behind the door ends before it is open.
 */
export async function openDoor(namespace: NetworkNamespace, address: string, port: number): Promise<number> {
  const argv = namespace.command([process.execPath, join(import.meta.dirname, 'door.ts'), address, String(port)]);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (typeof bound !== 'object' || bound === null) throw new Error('no port of 127.0.0.1');
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true });
  child.send('server', server);
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`the door to ${address} ended with ${status}`);
  });
  await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {});
  // The child has it now; two that accept would share the connections.
  server.close();
  child.unref();
  child.channel?.unref();
  return bound.port;
}
