/** `metallb speaker --metrics-port`: what a scrape says, against what the router saw. */
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { METRICS } from '../../src/speaker/metrics.ts';
import { SESSION_CAUSES } from '../../src/speaker/session-cause.ts';
import { World } from './speaker-harness.ts';

const CONFIG = 'multi-router/multi-router-config.yaml';
const PEER = '192.168.1.1:179';

let world: World;
let port: number;
beforeEach(async () => {
  world = await World.create();
  port = await freePort();
});
afterEach(() => world.end());

function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

const get = (path = '/metrics', init: RequestInit = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, init);

/** Series to value, and the text as it came. */
async function scrape(): Promise<{ readonly of: (series: string) => number | undefined; readonly text: string }> {
  const text = await (await get()).text();
  const values = new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
  return { of: (series) => values.get(series), text };
}

async function established(): Promise<void> {
  world.startRouter();
  world.startSpeaker(['--metrics-port', `${port}`]);
  await world.until('the route', () => '10.100.0.1/32' in world.routes());
  await world.until('the metrics', () => world.log.some(({ event }) => event?.startsWith('metrics') === true));
}

describe('/metrics', () => {
  it('says of a session what the router saw of it', async () => {
    await established();
    const { of, text } = await scrape();
    const series = (name: string): number | undefined => of(`${name}{peer="${PEER}"}`);
    const withVrf = (name: string): number | undefined => of(`${name}{peer="${PEER}",vrf="default"}`);
    expect(series('metallb_bgp_session_up')).toBe(1);
    expect(series('metallb_bgp_announced_prefixes_total')).toBe(Object.keys(world.routes()).length);
    expect(series('metallb_bgp_pending_prefixes_total')).toBe(0);
    expect(series('metallb_bgp_updates_total')).toBe(world.updates());
    expect(series('metallb_bgp_session_flaps_total')).toBe(0);
    expect(series('metallb_bgp_hold_time_seconds')).toBe(90);
    expect(series('metallb_bgp_keepalive_interval_seconds')).toBe(30);
    expect(withVrf('metallb_bgp_opens_sent')).toBeGreaterThanOrEqual(1);
    expect(withVrf('metallb_bgp_opens_received')).toBe(1);
    expect(withVrf('metallb_bgp_notifications_sent')).toBe(world.router?.neighbors[0]?.notificationsReceived);
    expect(
      of('metallb_speaker_announced{service="default/nginx-lb",protocol="bgp",node="node1",ip="10.100.0.1"}'),
    ).toBe(1);
    expect(of('metallb_k8s_client_config_loaded_bool')).toBe(1);
    expect(of('metallb_k8s_client_config_stale_bool')).toBe(0);
    for (const [name, { type, help }] of Object.entries(METRICS))
      expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
    // The guide's other routers are not here: each has a cause, and none that is not on the list.
    const causes = [...text.matchAll(/^metallb_bgp_session_cause\{peer="([^"]+)",cause="(\w+)"\} 1$/gm)];
    expect(causes.map(([, peer]) => peer)).not.toContain(PEER);
    expect(causes).toHaveLength([...text.matchAll(/^metallb_bgp_session_up\{.*\} 0$/gm)].length);
    for (const [, , cause] of causes) expect(SESSION_CAUSES).toContain(cause);
    expect(text).not.toContain('your-secure-password');
  });

  it('of a session go with it, and follow the folder', async () => {
    await established();
    const good = readFileSync(join(world.folder, CONFIG), 'utf8');
    world.write(CONFIG, 'spec: [unclosed\n');
    await world.until('the complaint', () => world.events('configFileError').length === 1);
    expect((await scrape()).of('metallb_k8s_client_config_stale_bool')).toBe(1);
    // Every peer of the guide is a document of its own; the first router's goes.
    const documents = good.split(/^---$/m).filter((text) => !text.includes('name: dc1-router-primary\n'));
    expect(documents.length).toBeLessThan(good.split(/^---$/m).length);
    world.write(CONFIG, documents.join('---'));
    await world.until('the withdrawal', () => !('10.100.0.1/32' in world.routes()));
    const { of, text } = await scrape();
    expect(of('metallb_k8s_client_config_stale_bool')).toBe(0);
    expect(text).not.toContain(`"${PEER}"`);
    rmSync(join(world.folder, 'test-service'), { recursive: true });
    await world.until('the Service to go', () => world.events('ipReleased').length > 0);
    expect((await scrape()).text).not.toMatch(/^metallb_speaker_announced\{/m);
  });
});

describe('the server', () => {
  it('has one path, two methods, and bounds', async () => {
    await established();
    expect((await get('/')).status).toBe(404);
    expect((await get('/metrics/')).status).toBe(404);
    expect((await get('/metrics', { method: 'POST', body: 'x'.repeat(100_000) })).status).toBe(405);
    expect((await get('/metrics', { headers: { 'x-long': 'x'.repeat(20_000) } })).status).toBe(431);
    const head = await get('/metrics?match=all', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const full = await get();
    expect(full.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('is not there unless it was asked for', async () => {
    world.startRouter();
    world.startSpeaker();
    await world.until('the route', () => '10.100.0.1/32' in world.routes());
    await expect(get()).rejects.toThrow();
  });

  it('costs nothing but the metrics where its port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => void taken.listen({ host: '127.0.0.1', port }, resolve));
    try {
      await established();
      await world.until('the complaint', () => world.events('metricsListenFailed').length === 1);
      expect(world.events('metricsListenFailed')[0]).toMatchObject({ level: 'error', error: 'EADDRINUSE', port });
    } finally {
      taken.close();
    }
  });
});
