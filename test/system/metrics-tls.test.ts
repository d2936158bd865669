/** Metrics over TLS, from a socket of loopback: who is let through, with which certificate, and what does not harm the server. */
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureVersion, TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { PROCESS_METRICS } from '../../src/daemon/metric.ts';
import { type SecureMetricsOptions, serveSecureMetrics } from '../../src/daemon/secure-metrics.ts';
import { makeCertificate } from '../../src/io/certificate.ts';
import type { HttpRoutes } from '../../src/io/http-routes.ts';
import { createLogger } from '../../src/io/logger.ts';
import { VirtualClock } from '../../src/time/virtual-clock.ts';

/** An API that knows two tokens, of which one may. */
const api = {
  raw: async (_method: string, _path: string, review: unknown): Promise<unknown> => {
    const { spec } = review as { readonly spec: { readonly token?: string; readonly user?: string } };
    const { token, user } = spec;
    const status =
      token === undefined
        ? { allowed: user === 'prometheus' }
        : { authenticated: token !== 'unknown', user: { username: token === 'good' ? 'prometheus' : 'somebody' } };
    return { status };
  },
};

interface Running {
  readonly port: number;
  readonly clock: VirtualClock;
  readonly events: readonly string[];
  /** Resolves when the event has been logged. */
  seen(event: string): Promise<void>;
}

const open: HttpRoutes[] = [];
afterEach(() => {
  for (const routes of open.splice(0)) routes.close();
});

async function start(options: Partial<SecureMetricsOptions> = {}): Promise<Running> {
  const port = await freePort();
  const clock = new VirtualClock();
  const events: string[] = [];
  const said = new EventEmitter();
  const log = createLogger('all', {
    write: (line: string) => {
      events.push((JSON.parse(line) as { readonly event: string }).event);
      said.emit('line');
    },
  });
  const seen = async (...wanted: readonly string[]): Promise<void> => {
    while (!events.some((event) => wanted.includes(event))) await once(said, 'line');
  };
  const tls = { minVersion: 'TLSv1.3' } as const;
  const all = { host: '127.0.0.1', port, tls, certificateFolder: undefined, ...options };
  open.push(serveSecureMetrics(all, PROCESS_METRICS, () => ({}), { api, clock, wallClock: () => new Date(), log }));
  await seen('metricsServed', 'metricsCertificateFailed');
  return { port, clock, events, seen };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

interface Scraped {
  readonly status: number | undefined;
  readonly text: string;
  readonly challenge: string | undefined;
  readonly commonName: string | undefined;
}

function scrape(port: number, token: string | null, maxVersion: SecureVersion = 'TLSv1.3'): Promise<Scraped> {
  return new Promise((resolve, reject) => {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const options = { host: '127.0.0.1', port, path: '/metrics', headers, rejectUnauthorized: false, maxVersion };
    const asked = request({ ...options, agent: false }, (response) => {
      let text = '';
      const commonName = (response.socket as TLSSocket).getPeerCertificate().subject?.CN;
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          text,
          challenge: response.headers['www-authenticate'],
          commonName: typeof commonName === 'string' ? commonName : commonName?.[0],
        }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('metrics over TLS', () => {
  it('gives them to who may, and to nobody else', async () => {
    const { port, events } = await start();
    expect(await scrape(port, 'good')).toMatchObject({
      status: 200,
      text: expect.stringContaining('process_resident_memory_bytes'),
      commonName: 'metallb-ts metrics',
    });
    expect(await scrape(port, null)).toMatchObject({ status: 401, challenge: 'Bearer' });
    expect(await scrape(port, 'unknown')).toMatchObject({ status: 401 });
    const refused = await scrape(port, 'other');
    expect([refused.status, refused.text]).toEqual([403, expect.not.stringContaining('process_')]);
    expect(events).toEqual(['metricsServed', 'metricsRefused', 'metricsRefused']);
  });

  it('speaks no older TLS than it is told, and no plain HTTP', async () => {
    const { port } = await start();
    await expect(scrape(port, 'good', 'TLSv1.2')).rejects.toThrow();
    const plain = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'));
      let said = '';
      socket.on('data', (bytes) => {
        said += bytes.toString('latin1');
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(said));
    });
    expect(plain).not.toContain('process_');
    const older = await start({ tls: { minVersion: 'TLSv1.2' } });
    expect(await scrape(older.port, 'good', 'TLSv1.2')).toMatchObject({ status: 200 });
  });

  it('closes a connection whose handshake does not come', async () => {
    const { port } = await start();
    const began = performance.now();
    await new Promise((resolve) =>
      connect(port, '127.0.0.1')
        .on('error', () => undefined)
        .on('close', resolve)
        .resume(),
    );
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(await scrape(port, 'good')).toMatchObject({ status: 200 });
  });

  it('waits for files, takes renewed ones without a restart, and keeps what it has while they do not fit', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'metallb-metrics-tls-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [first, second] = ['first', 'second'].map((name) => makeCertificate(name, ['localhost'], Date.now()));
    const put = (certificate = '', key = ''): void => {
      writeFileSync(join(folder, 'tls.crt'), certificate);
      writeFileSync(join(folder, 'tls.key'), key);
    };
    const { port, clock, events, seen } = await start({ certificateFolder: folder });
    await expect(scrape(port, 'good')).rejects.toThrow('ECONNREFUSED');
    // The same as before is not said again.
    clock.advance(60_000);
    expect(events).toEqual(['metricsCertificateFailed']);
    put(first?.certificate, first?.key);
    clock.advance(60_000);
    await seen('metricsServed');
    expect(await scrape(port, 'good')).toMatchObject({ status: 200, commonName: 'first' });
    put(second?.certificate, first?.key);
    clock.advance(60_000);
    expect(await scrape(port, 'good')).toMatchObject({ status: 200, commonName: 'first' });
    put(second?.certificate, second?.key);
    clock.advance(60_000);
    expect(await scrape(port, 'good')).toMatchObject({ status: 200, commonName: 'second' });
    expect(events).toEqual([
      'metricsCertificateFailed',
      'metricsServed',
      'metricsCertificateFailed',
      'metricsCertificateRenewed',
    ]);
  });
});
