/** Our client on the wire: what servers and connections do that no KubeApi in memory does. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { PARTS } from '../../src/apiserver/parts.ts';
import { startApiServer } from '../../src/apiserver/start.ts';
import { makeCertificate } from '../../src/io/certificate.ts';
import type { ClusterAccess } from '../../src/kube/cluster-access.ts';
import { SECRET, SERVICE } from '../../src/kube/resource-types.ts';
import { RestClient } from '../../src/kube/rest.ts';
import { KubeError, type KubeObject, type WatchEvent } from '../../src/kube/types.ts';
import { Secret } from '../../src/secret.ts';
import { systemClock } from '../../src/time/clock.ts';
import { VirtualClock } from '../../src/time/virtual-clock.ts';

const EVERYWHERE = { namespace: '' };
const WATCH = { resourceVersion: '1', timeoutSeconds: 300 };
const KEY = { namespace: 'default', name: 'shop' };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

type Handle = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

function accessTo(server: string, more: Partial<ClusterAccess> = {}): ClusterAccess {
  return {
    server,
    ca: () => null,
    token: () => new Secret('the-token'),
    clientCertificate: null,
    insecureSkipTlsVerify: false,
    tlsServerName: null,
    namespace: null,
    ...more,
  };
}

async function listening(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

async function clientOf(access: ClusterAccess, clock = systemClock): Promise<RestClient> {
  const client = await RestClient.create({ access, clock, userAgent: 'test/1' });
  ends.push(() => client.close());
  return client;
}

/** A client of a server that answers as a test says. */
async function against(handle: Handle, more: Partial<ClusterAccess> = {}, clock = systemClock) {
  const server = createServer(handle);
  const port = await listening(server);
  return { client: await clientOf(accessTo(`http://127.0.0.1:${port}`, more), clock), server, port };
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 2_000) throw new Error('what was waited for did not come');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Answers without an end, as fast as it is read. @returns how many megabytes it were so far */
function endless(outgoing: ServerResponse): () => number {
  let sent = 0;
  outgoing.on('error', () => {});
  const more = (error?: Error | null): void => {
    if (error || outgoing.destroyed) return;
    sent++;
    outgoing.write('x'.repeat(1_048_576), (failed) => setImmediate(more, failed));
  };
  more();
  return () => sent;
}

const never = () => new AbortController().signal;

async function refused(promise: Promise<unknown>): Promise<KubeError> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(KubeError);
  return error as KubeError;
}

const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;
const service = (name: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default', resourceVersion: '5', ...more },
});

/** Watches, and gives what was heard and how it ended. */
async function heardOf(
  client: RestClient,
): Promise<{ readonly events: WatchEvent[]; readonly error: KubeError | null }> {
  const events: WatchEvent[] = [];
  try {
    await client.watch(SERVICE, EVERYWHERE, WATCH, (event) => events.push(event), never());
    return { events, error: null };
  } catch (error) {
    expect(error).toBeInstanceOf(KubeError);
    return { events, error: error as KubeError };
  }
}

describe('a watch', () => {
  const whole = line('ADDED', service('whole'));
  const half = line('ADDED', service('half', { labels: { umlaut: 'ä'.repeat(100) } }));

  it.each([
    ['is reset', (outgoing: ServerResponse) => outgoing.destroy()],
    ['ends as if all were well', (outgoing: ServerResponse) => outgoing.end()],
  ])('whose connection %s in the middle of an object tells the whole ones, and that it was cut', async (_, end) => {
    const text = Buffer.from(whole + half);
    const { client } = await against((_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.write(text.subarray(0, whole.length + 150), () => setTimeout(end, 20, outgoing));
    });
    const { events, error } = await heardOf(client);
    expect(events).toEqual([{ type: 'ADDED', object: service('whole') }]);
    expect(error).toMatchObject({ reason: 'ConnectionClosed', status: 0 });
  });

  it('is put together from whatever pieces it comes in, an object of a megabyte too', async () => {
    const big = service('big', { annotations: { blob: 'ü€😀'.repeat(110_000) } });
    const text = Buffer.from(whole + line('MODIFIED', big) + line('BOOKMARK', service('', { resourceVersion: '9' })));
    const { client } = await against((_, outgoing) => {
      outgoing.writeHead(200);
      const piece = (from: number): void => {
        outgoing.write(text.subarray(from, from + 7_919));
        if (from + 7_919 < text.length) setImmediate(piece, from + 7_919);
        else outgoing.end();
      };
      piece(0);
    });
    const { events, error } = await heardOf(client);
    expect(error).toBeNull();
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'BOOKMARK']);
    expect(events[1]).toEqual({ type: 'MODIFIED', object: big });
  });

  it('ends at what it cannot understand, and tells nothing after it', async () => {
    const { client } = await against((_, outgoing) => outgoing.end(`${whole}{"type":"ADDED","obj\n${whole}`));
    const { events, error } = await heardOf(client);
    expect(events).toHaveLength(1);
    expect(error).toMatchObject({ reason: 'BadWatch' });
  });

  it('ends at a line without an end', async () => {
    const { client } = await against((_, outgoing) => void endless(outgoing));
    expect((await heardOf(client)).error).toMatchObject({ reason: 'BadWatch' });
  });

  it.each([
    [410, { 'content-type': 'application/json' }, null],
    [429, { 'retry-after': '7' }, 7_000],
    [500, {}, null],
  ])('that is refused with %i says so', async (code, headers, retryAfterMs) => {
    const { client } = await against((_, outgoing) => outgoing.writeHead(code, headers).end('{"reason":"Because"}'));
    const { error } = await heardOf(client);
    expect(error).toMatchObject({ status: code, reason: 'Because', retryAfterMs });
  });

  it('that is never taken is given up after half a minute, and one that was taken is not', async () => {
    const clock = new VirtualClock();
    let taken = 0;
    const { client } = await against(
      (_, outgoing) => {
        if (taken++ > 0) outgoing.writeHead(200).flushHeaders();
      },
      {},
      clock,
    );
    const first = heardOf(client);
    await until(() => taken >= 1);
    clock.advance(30_000);
    expect((await first).error).toMatchObject({ reason: 'Timeout' });
    const stop = new AbortController();
    const second = client.watch(SERVICE, EVERYWHERE, WATCH, () => {}, stop.signal);
    await until(() => taken >= 2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    clock.advance(3_600_000);
    stop.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
  });
});

describe('a request', () => {
  it.each([
    ['list', (client: RestClient) => client.list(SERVICE, EVERYWHERE, {}, never())],
    ['get', (client: RestClient) => client.get(SERVICE, KEY, never())],
    ['patch', (client: RestClient) => client.patch(SERVICE, KEY, { type: 'merge', body: {} }, never(), 'status')],
    ['create', (client: RestClient) => client.create(SERVICE, service('a'), never())],
    ['delete', (client: RestClient) => client.delete(SERVICE, KEY, never())],
  ])('that is asked for patience says for how long: %s', async (_, ask) => {
    const { client } = await against((incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(429, { 'retry-after': '3' }).end('{"kind":"Status","reason":"TooManyRequests","code":429}');
    });
    expect(await refused(ask(client))).toMatchObject({ status: 429, reason: 'TooManyRequests', retryAfterMs: 3_000 });
  });

  it('whose answer is cut is not taken for an answer', async () => {
    const { client } = await against((_, outgoing) => {
      outgoing.writeHead(200, { 'content-length': '1000' });
      outgoing.write('{"items":[]}', () => outgoing.destroy());
    });
    expect(await refused(client.list(SERVICE, EVERYWHERE, {}, never()))).toMatchObject({ status: 0 });
  });

  it.each([
    '<html>',
    'null',
    '{}',
    '{"items":[]}',
    '{"metadata":{"resourceVersion":"1"},"items":7}',
    '{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{}}]}',
    '{"metadata":{"resourceVersion":"1"},"items":[null]}',
  ])('is not answered by %s: nothing is taken for an empty list', async (text) => {
    const { client } = await against((_, outgoing) => outgoing.end(text));
    const list = client.list(SERVICE, EVERYWHERE, {}, never()).then(({ items }) => [...items]);
    expect(await refused(list)).toMatchObject({ reason: 'BadAnswer' });
    expect(await refused(client.get(SERVICE, KEY, never()))).toMatchObject({ reason: 'BadAnswer' });
  });

  it('ends where its answer is larger than 16 MiB, and does not read the rest', async () => {
    let sent = (): number => 0;
    const { client } = await against((_, outgoing) => {
      sent = endless(outgoing);
    });
    expect(await refused(client.list(SERVICE, EVERYWHERE, {}, never()))).toMatchObject({ reason: 'TooLarge' });
    expect(sent()).toBeLessThan(40);
  });

  it('ends after half a minute, also where the answer trickles', async () => {
    const clock = new VirtualClock();
    let begun = false;
    const { client } = await against(
      (_, outgoing) => {
        begun = true;
        outgoing.writeHead(200);
        const timer = setInterval(() => outgoing.write(' '), 5);
        outgoing.on('close', () => clearInterval(timer));
      },
      {},
      clock,
    );
    const asked = refused(client.list(SERVICE, EVERYWHERE, {}, never()));
    await until(() => begun);
    for (let i = 0; i < 30; i++) {
      clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // The reason of the request's own end, or of the answer that it cut.
    expect((await asked).status).toBe(0);
  });

  it('goes through while forty others hang', async () => {
    let hanging = 0;
    const { client } = await against((incoming, outgoing) => {
      if (incoming.url?.includes('/leases/') === true) outgoing.end(JSON.stringify(service('lease')));
      else hanging++;
    });
    const stop = new AbortController();
    const hung = Array.from({ length: 40 }, () => client.get(SERVICE, KEY, stop.signal).catch(() => null));
    const lease = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease', namespaced: true };
    expect((await client.get(lease, KEY, never())).metadata.name).toBe('lease');
    expect(hanging).toBe(40);
    stop.abort();
    await Promise.all(hung);
  });

  it('uses the connection of the one before', async () => {
    const { client, server } = await against((_, outgoing) => outgoing.end(JSON.stringify(service('a'))));
    let connections = 0;
    server.on('connection', () => connections++);
    for (let i = 0; i < 50; i++) await client.get(SERVICE, KEY, never());
    expect(connections).toBe(1);
  });

  it('that finds its connection given up is made on another, if it is a read', async () => {
    let asked = 0;
    const { client } = await against((incoming, outgoing) => {
      incoming.resume();
      asked++;
      // Every second one on a connection: it is as if the server had closed it a moment before.
      if (asked % 2 === 0) outgoing.destroy();
      else outgoing.end(JSON.stringify(service('a')));
    });
    for (let i = 0; i < 5; i++) await client.get(SERVICE, KEY, never());
    expect(asked).toBe(9);
    const patch = client.patch(SERVICE, KEY, { type: 'merge', body: {} }, never());
    expect(await refused(patch)).toMatchObject({ status: 0, reason: 'ECONNRESET' });
    expect(asked).toBe(10);
  });

  it('says that nobody is there', async () => {
    const { client, server, port } = await against(() => {});
    await new Promise((resolve) => server.close(resolve));
    expect(await refused(client.get(SERVICE, KEY, never()))).toMatchObject({ status: 0, reason: 'ECONNREFUSED' });
    await listening(server, port);
  });
});

describe('who we are', () => {
  const tokens = (good: () => string) => (incoming: IncomingMessage, outgoing: ServerResponse) => {
    incoming.resume();
    if (incoming.headers.authorization === `Bearer ${good()}`) outgoing.end(JSON.stringify(service('shop')));
    else outgoing.writeHead(401).end('{"kind":"Status","code":401,"reason":"Unauthorized"}');
  };

  it('is read anew when a token is refused, and asked with once more', async () => {
    let [good, file, asked] = ['one', 'one', 0];
    const { client } = await against(
      (incoming, outgoing) => {
        asked++;
        tokens(() => good)(incoming, outgoing);
      },
      { token: () => new Secret(file) },
    );
    await client.get(SERVICE, KEY, never());
    good = file = 'two';
    await client.get(SERVICE, KEY, never());
    expect(asked).toBe(3);
    // The same token twice would be refused twice.
    good = 'three';
    expect(await refused(client.get(SERVICE, KEY, never()))).toMatchObject({ status: 401 });
    expect(asked).toBe(4);
    file = 'three';
    expect((await client.get(SERVICE, KEY, never())).metadata.name).toBe('shop');
  });

  it('a minute old is read anew by itself', async () => {
    const clock = new VirtualClock();
    let reads = 0;
    const { client } = await against(
      tokens(() => 'x'),
      { token: () => new Secret(reads++ >= 0 ? 'x' : '') },
      clock,
    );
    for (let i = 0; i < 10; i++) await client.get(SERVICE, KEY, never());
    expect(reads).toBe(1);
    clock.advance(61_000);
    await client.get(SERVICE, KEY, never());
    expect(reads).toBe(2);
  });

  it('is not said where the token cannot be sent', async () => {
    const { client } = await against(() => {}, { token: () => new Secret('hunter2\nX: y') });
    const error = await refused(client.get(SERVICE, KEY, never()));
    expect(error.reason).toBe('BadAccess');
    expect(JSON.stringify([error, error.message, String(error.cause), error.stack])).not.toContain('hunter2');
    expect(await refused(client.watch(SERVICE, EVERYWHERE, WATCH, () => {}, never()))).toMatchObject({
      reason: 'BadAccess',
    });
  });
});

describe('whom we trust', () => {
  async function tlsServer(port: number) {
    const certificate = makeCertificate('test', ['127.0.0.1'], Date.now());
    const server = createTlsServer({ cert: certificate.certificate, key: certificate.key }, (_, outgoing) =>
      outgoing.end(JSON.stringify(service('shop'))),
    ) as unknown as Server;
    return { ca: certificate.ca, port: await listening(server, port), server };
  }

  it('is read anew: a server with a new authority is trusted as soon as the file says so', async () => {
    const first = await tlsServer(0);
    let trusted = first.ca;
    const client = await clientOf(accessTo(`https://127.0.0.1:${first.port}`, { ca: () => trusted }));
    expect((await client.get(SERVICE, KEY, never())).metadata.name).toBe('shop');
    first.server.closeAllConnections();
    await new Promise((resolve) => first.server.close(resolve));
    const second = await tlsServer(first.port);
    expect((await refused(client.get(SERVICE, KEY, never()))).status).toBe(0);
    trusted = second.ca;
    expect((await client.get(SERVICE, KEY, never())).metadata.name).toBe('shop');
  });

  it.each([
    [
      'is gone',
      () => {
        throw new Error('ENOENT: no such file');
      },
    ],
    ['is half written', () => '-----BEGIN CERTIFICATE-----\nMIIB'],
    ['is of somebody else', () => makeCertificate('test', ['127.0.0.1'], Date.now()).ca],
  ])('is nobody while the file %s: that fails, and passes', async (_, broken) => {
    const { ca, port } = await tlsServer(0);
    let read: () => string = broken;
    const client = await clientOf(accessTo(`https://127.0.0.1:${port}`, { ca: () => read() }));
    expect((await refused(client.get(SERVICE, KEY, never()))).status).toBe(0);
    expect((await refused(client.watch(SERVICE, EVERYWHERE, WATCH, () => {}, never()))).status).toBe(0);
    read = () => ca;
    expect((await client.get(SERVICE, KEY, never())).metadata.name).toBe('shop');
  });
});

it('an object of a megabyte comes through the embedded server as it is', async () => {
  const server = await startApiServer({ parts: PARTS, clock: systemClock, wallClock: Date.now });
  ends.push(() => server.close());
  const client = await clientOf(accessTo(server.url, { ca: () => server.ca, token: () => new Secret(server.token) }));
  const blob = Buffer.alloc(750_000, 'x').toString('base64');
  const big = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'big', namespace: 'default' }, data: { blob } };
  const stop = new AbortController();
  const { resourceVersion } = await client.list(SECRET, EVERYWHERE, { limit: 1 }, never());
  const seen = new Promise<WatchEvent>((resolve) => {
    const watching = client.watch(SECRET, EVERYWHERE, { ...WATCH, resourceVersion }, resolve, stop.signal);
    watching.catch(() => {});
  });
  await client.create(SECRET, big, never());
  expect(await seen).toMatchObject({ type: 'ADDED', object: { data: { blob } } });
  stop.abort();
  const page = await client.list(SECRET, { namespace: 'default' }, { limit: 500 }, never());
  expect(page.bytes).toBeGreaterThan(1_000_000);
});
