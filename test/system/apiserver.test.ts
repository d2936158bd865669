/** The embedded API server on its socket: who is let in, and what is wrong with connections when a test wants it so. */
import { request } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import { type RunningApiServer, type StartOptions, startApiServer } from '../../src/apiserver/start.ts';
import { PLAIN_PARTS } from '../../src/apiserver/testing/server.ts';
import { systemClock } from '../../src/time/clock.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Whether the answer ended before it was whole. */
  readonly cut: boolean;
}

let server: RunningApiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options: Partial<StartOptions> = {}): Promise<RunningApiServer> {
  server = await startApiServer({ parts: PLAIN_PARTS, clock: systemClock, wallClock: Date.now, ...options });
  return server;
}

/** Resolves when somebody watches. */
async function watched(to: RunningApiServer): Promise<void> {
  while (to.stats().watches === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Rejects where no answer begins. */
function ask(
  to: RunningApiServer,
  method: string,
  path: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
  onData: (text: string) => void = () => {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      new URL(path, to.url),
      {
        method,
        agent: false,
        ca: to.ca ?? undefined,
        headers: { authorization: `Bearer ${to.token}`, 'content-type': 'application/json', ...headers },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
          onData(chunk);
        });
        answer.on('error', () => {});
        answer.on('close', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, cut: !answer.complete }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

describe('access', () => {
  it('needs the token, for everything but health', async () => {
    const to = await start();
    for (const authorization of ['', 'Bearer wrong', `Basic ${to.token}`, `bearer  ${to.token}`])
      expect((await ask(to, 'GET', MAPS, undefined, { authorization })).status).toBe(401);
    expect((await ask(to, 'GET', '/version', undefined, { authorization: '' })).status).toBe(401);
    expect((await ask(to, 'GET', '/readyz', undefined, { authorization: '' })).text).toBe('ok');
    expect((await ask(to, 'GET', MAPS)).status).toBe(200);
  });

  it('is on loopback alone', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toThrow('loopback');
  });

  it('ends with it', async () => {
    const to = await start();
    const watching = ask(to, 'GET', `${MAPS}?watch=true`);
    await watched(to);
    await to.close();
    await watching;
    await expect(ask(to, 'GET', MAPS)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('bounds', () => {
  it('refuse a body that is too large, and tell so', async () => {
    const to = await start();
    const answer = await ask(to, 'POST', MAPS, Buffer.alloc(4 * 1024 * 1024, 'x'));
    expect(answer.status).toBe(413);
  });

  it('end a watch that its client does not read', async () => {
    const to = await start();
    const paused = request(new URL(`${MAPS}?watch=true`, to.url), {
      agent: false,
      ca: to.ca ?? undefined,
      headers: { authorization: `Bearer ${to.token}` },
    });
    const gone = new Promise<void>((resolve) => {
      paused.on('response', (answer) => {
        answer.pause();
        answer.on('error', () => {}).on('close', resolve);
      });
      paused.on('error', () => resolve());
    });
    paused.end();
    await watched(to);
    const data = { text: 'x'.repeat(1_000_000) };
    for (let i = 0; to.stats().watches > 0; i++) {
      expect(i).toBeLessThan(100);
      await ask(to, 'POST', MAPS, JSON.stringify({ metadata: { name: `m${i}` }, data }));
    }
    paused.destroy();
    await gone;
  });
});

describe('faults', () => {
  it('refuse, and say when to come again', async () => {
    const to = await start({ faults: () => ({ type: 'status', code: 429, retryAfterSeconds: 3 }) });
    const answer = await ask(to, 'POST', MAPS, '{"metadata":{"name":"a"}}');
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '3']);
    to.setFaults(null);
    expect((await ask(to, 'GET', `${MAPS}/a`)).status).toBe(404);
  });

  it('cut an answer in the middle of an object, which was made all the same', async () => {
    const to = await start({ faults: (info) => (info.verb === 'create' ? { type: 'cut', afterBytes: 20 } : null) });
    const answer = await ask(to, 'POST', MAPS, '{"metadata":{"name":"a"}}');
    expect([answer.text.length, answer.cut]).toEqual([20, true]);
    expect((await ask(to, 'GET', `${MAPS}/a`)).status).toBe(200);
  });

  it('cut a watch in the middle of an event', async () => {
    const to = await start();
    await ask(to, 'POST', MAPS, '{"metadata":{"name":"a"}}');
    to.setFaults(() => ({ type: 'cut', afterBytes: 30 }));
    const answer = await ask(to, 'GET', `${MAPS}?watch=true`);
    expect([answer.text.length, answer.cut]).toEqual([30, true]);
    expect(to.stats().watches).toBe(0);
  });

  it('let a watch be silent to its end', async () => {
    const to = await start({ faults: (info) => (info.verb === 'watch' ? { type: 'silent' } : null) });
    const watching = ask(to, 'GET', `${MAPS}?watch=true&allowWatchBookmarks=true&timeoutSeconds=1`);
    await ask(to, 'POST', MAPS, '{"metadata":{"name":"a"}}');
    expect(await watching).toMatchObject({ status: 200, text: '' });
  });

  it('cut all connections, refuse new ones, and come back on the same port', async () => {
    const to = await start();
    const watching = ask(to, 'GET', `${MAPS}?watch=true`);
    await watched(to);
    to.cutConnections();
    expect((await watching).cut).toBe(true);
    await to.refuse(true);
    await expect(ask(to, 'GET', MAPS)).rejects.toThrow('ECONNREFUSED');
    await to.refuse(false);
    expect((await ask(to, 'GET', MAPS)).status).toBe(200);
  });
});

describe('stats', () => {
  it('say who wrote what, and whether it was a change', async () => {
    const to = await start();
    const headers = { 'user-agent': 'tester/1' };
    await ask(to, 'POST', `${MAPS}?fieldManager=me`, '{"metadata":{"name":"a"}}', headers);
    for (const data of ['{"data":{"a":"1"}}', '{"data":{"a":"1"}}'])
      await ask(to, 'PATCH', `${MAPS}/a?fieldManager=me`, data, {
        ...headers,
        'content-type': 'application/merge-patch+json',
      });
    const of = (verb: string) => to.stats().requests.find((count) => count.verb === verb);
    expect(of('create')).toMatchObject({
      resource: 'configmaps',
      userAgent: 'tester',
      fieldManager: 'me',
      code: 201,
      changed: 1,
    });
    expect(of('patch')).toMatchObject({ count: 2, changed: 1 });
  });
});
