/** `kubectl logs`: what a container wrote, and with `-f` what it goes on to write. */
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from './container.ts';
import { selectLog } from './container-log.ts';

/** How often a file that is followed is looked at. */
const FOLLOW_EVERY_MS = 100;

export async function sendLog(container: Container, query: URLSearchParams, response: ServerResponse): Promise<void> {
  const number = (name: string): number | undefined => (query.has(name) ? Number(query.get(name)) : undefined);
  const timestamps = query.get('timestamps') === 'true';
  const sinceSeconds = number('sinceSeconds');
  const since =
    sinceSeconds === undefined ? query.get('sinceTime') : new Date(Date.now() - sinceSeconds * 1_000).toISOString();
  const tailLines = number('tailLines');
  const limitBytes = number('limitBytes');
  const path = container.logFile(query.get('previous') === 'true');
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  const file = await openLog(path);
  if (file === undefined) {
    response.end(
      query.get('previous') === 'true' ? `unable to retrieve container logs: there is no previous run\n` : '',
    );
    return;
  }
  try {
    const content = await file.readFile('utf8');
    const whole = content.slice(0, content.lastIndexOf('\n') + 1);
    const options = {
      timestamps,
      ...(since === null ? {} : { since }),
      ...(tailLines === undefined ? {} : { tailLines }),
    };
    const text = Buffer.from(selectLog(whole, options)).subarray(0, limitBytes);
    if (text.length > 0) await write(response, text);
    if (query.get('follow') === 'true')
      await follow(container, file, content.slice(whole.length), timestamps, response);
    response.end();
  } finally {
    await file.close();
  }
}

const openLog = async (path: string) => {
  try {
    return await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

type LogFile = NonNullable<Awaited<ReturnType<typeof openLog>>>;

/** Until the run has ended and all of it is told, or nobody listens. */
async function follow(
  container: Container,
  file: LogFile,
  rest: string,
  timestamps: boolean,
  response: ServerResponse,
): Promise<void> {
  const path = container.logFile();
  let pending = rest;
  while (!response.destroyed) {
    // Looked at before the file: what is written up to its end is then read.
    const isOver = !container.running || container.logFile() !== path;
    pending += await file.readFile('utf8');
    const end = pending.lastIndexOf('\n') + 1;
    const text = selectLog(pending.slice(0, end), { timestamps });
    pending = pending.slice(end);
    if (text !== '') await write(response, Buffer.from(text));
    else if (isOver) return;
    await sleep(FOLLOW_EVERY_MS);
  }
}

async function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (response.write(bytes) || response.destroyed) return;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  await once(response, 'drain', { signal: gone.signal }).catch(() => {});
}
