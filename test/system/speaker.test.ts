/** `metallb speaker --from`: what a router receives, and what the log says, while the folder changes under it. */
import { readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { World } from './speaker-harness.ts';

const CONFIG = 'multi-router/multi-router-config.yaml';
const GUIDE = { '10.100.0.1/32': ['64512:1100'] };

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

/** A second Service; without a selector of its own it has the endpoints of the first one's slice, under its own name. */
const service = (name: string, created: string): string =>
  `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default, creationTimestamp: "${created}"}
spec: {type: LoadBalancer, ports: [{port: 80}], selector: {app: ${name}}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}-1, namespace: default, labels: {kubernetes.io/service-name: ${name}}}
addressType: IPv4
endpoints: [{addresses: [10.244.1.9], nodeName: node1, conditions: {ready: true}}]
`;

const pathOf = (file: string): string => join(world.folder, file);

async function established(): Promise<void> {
  world.startRouter();
  world.startSpeaker();
  await world.until('the route', () => '10.100.0.1/32' in world.routes());
}

describe('a folder that changes', () => {
  it('adds, changes and removes exactly what was edited, without touching the session', async () => {
    await established();
    expect(world.routes()).toEqual(GUIDE);
    const updates = world.updates();
    world.write('more.yaml', service('second', '2026-01-01T00:00:00Z').replace('name: second, ', 'name: zweite, '));
    await world.until('the second Service to be judged', () => world.events('configLoaded').length >= 2);
    world.write('more.yaml', service('second', '2027-01-01T00:00:00Z'));
    await world.until('the second route', () => '10.100.0.2/32' in world.routes());
    const edited = readFileSync(pathOf(CONFIG), 'utf8').replace('64512:1100', '64512:1111');
    world.write(CONFIG, edited);
    await world.until('the new community', () => world.routes()['10.100.0.1/32']?.[0] === '64512:1111');
    rmSync(pathOf('more.yaml'));
    await world.until('the withdrawal', () => !('10.100.0.2/32' in world.routes()));
    expect(world.routes()).toEqual({ '10.100.0.1/32': ['64512:1111'] });
    expect(world.router?.neighbors[0]).toMatchObject({ state: 'Established', establishedCount: 1 });
    // One UPDATE for the new route, one for the new community of both, one for the withdrawal.
    expect(world.updates() - updates).toBeLessThanOrEqual(4);
  });

  it('leaves in force what worked when a file is truncated, emptied or no YAML, and says so', async () => {
    await established();
    const good = readFileSync(pathOf(CONFIG), 'utf8');
    const updates = world.updates();
    world.write(CONFIG, 'spec: [unclosed\n');
    await world.until('the complaint', () => world.events('configFileError').length === 1);
    expect(world.events('configFileError')[0]).toMatchObject({
      level: 'error',
      file: expect.stringMatching(/multi-router-config\.yaml:\d+:\d+$/),
      help: expect.any(String),
    });
    truncateSync(pathOf(CONFIG), 0);
    await world.until('the second complaint', () => world.events('configFileError').length === 2);
    expect(world.events('configFileError')[1]?.error).toContain('empty');
    world.write(CONFIG, good);
    await world.until('the good file to be read', () => world.events('configLoaded').length === 4);
    expect(world.routes()).toEqual(GUIDE);
    expect(world.updates()).toBe(updates);
  });

  it('keeps the last good version of an object that turns faulty, and takes the rest of the file', async () => {
    await established();
    const text = readFileSync(pathOf(CONFIG), 'utf8');
    // The pool turns faulty and the advertisement's community changes in one edit.
    world.write(CONFIG, text.replace('- 10.100.0.0/24', '- 10.100.0.0/240').replace('64512:1100', '64512:1111'));
    await world.until('the new community', () => world.routes()['10.100.0.1/32']?.[0] === '64512:1111');
    const faults = world.events('configFinding').filter(({ level }) => level === 'error');
    expect(faults[0]).toMatchObject({
      object: { kind: 'IPAddressPool', namespace: 'metallb-system', name: 'production-pool' },
      path: expect.stringContaining('addresses'),
      help: expect.any(String),
    });
  });

  it('says which address moves, from where to where, and how to pin it, before the route moves', async () => {
    world.write('old.yaml', service('aaa-old', '2020-01-01T00:00:00Z'));
    rmSync(pathOf('old.yaml'));
    await established();
    world.write('old.yaml', service('aaa-old', '2020-01-01T00:00:00Z'));
    await world.until('the address to move', () => world.events('addressMoves').length > 0);
    expect(world.events('addressMoves')).toEqual([
      expect.objectContaining({
        service: 'default/nginx-lb',
        from: ['10.100.0.1'],
        to: ['10.100.0.2'],
        help: expect.stringContaining('metallb.io/loadBalancerIPs: "10.100.0.1"'),
      }),
    ]);
    await world.until('both routes', () => Object.keys(world.routes()).length === 2);
  });
});

describe('a session that does not come up says why', () => {
  const cause = (): string | undefined =>
    world.events('sessionError').find(({ peer }) => peer === 'dc1-router-primary')?.cause;

  it.each([
    // On loopback the router's kernel is ours: it has counted what it dropped.
    ['another MD5 key', { password: 'another' }, 'md5CountersMoved', 'compare the keys'],
    ['no MD5 key on the router', { password: null }, 'noAnswerWithMd5Key', 'compare the keys'],
    ['another AS than the manifest says', { routerAsn: 64999 }, 'asMismatch', 'peerASN'],
    ['our AS not accepted', { asn: 65001 }, 'asMismatch', 'myASN'],
  ])('%s', async (_, router, expected, help) => {
    world.startRouter(router);
    world.startSpeaker();
    await world.until('the cause', () => cause() !== undefined);
    const said = world.events('sessionError').find(({ peer }) => peer === 'dc1-router-primary');
    expect(said).toMatchObject({ level: 'error', msg: 'BGP session error', cause: expected });
    expect(said?.help).toContain(help);
  });

  it('nobody listens', async () => {
    // With a key the kernel drops the unsigned RST too, so that nobody's absence looks like silence.
    const text = readFileSync(pathOf(CONFIG), 'utf8');
    world.write(CONFIG, text.replace('  password: bgp-dc1-secret\n', ''));
    world.startSpeaker();
    await world.until('the cause', () => cause() !== undefined);
    expect(cause()).toBe('refused');
    await world.until('the summary', () => world.events('sessionSummary').length > 0);
    expect(world.events('sessionSummary').at(-1)).toMatchObject({ msg: 'BGP session summary', sessions: 4 });
  });
});

it('a session that is not up is in sight in the last ten lines, for "session" as for "error", whatever else is logged', async () => {
  world.startSpeaker();
  await world.until('the summary', () => world.events('sessionSummary').length > 0);
  const last = (): string => world.output.trimEnd().split('\n').slice(-10).join('\n');
  for (let i = 1; i <= 5; i++) {
    const before = world.log.length;
    for (let n = 1; n <= 4; n++)
      world.write(`s${n}.yaml`, i % 2 === 1 ? service(`s${n}`, '2027-01-01T00:00:00Z') : '# nothing\nkind: List\n');
    await world.until('a burst of lines', () => world.log.length >= before + 5);
    await world.until('both words in the last ten lines', () => /session/i.test(last()) && /error/i.test(last()));
  }
});

describe('signals', () => {
  it('SIGUSR1 prints the state with the Adj-RIB-Out, SIGTERM ends with a Cease and status 0', async () => {
    await established();
    world.signal('SIGUSR1');
    await world.until('the state', () => world.events('state').length === 1);
    const { services, speaker } = world.events('state')[0]?.state ?? {};
    expect(services).toMatchObject([{ namespace: 'default', name: 'nginx-lb', ips: ['10.100.0.1'] }]);
    const session = speaker.sessions.find(({ peer }: { peer: string }) => peer === 'dc1-router-primary');
    expect(session).toMatchObject({
      state: 'Established',
      cause: null,
      authentication: 'md5, key of Secret bgp-dc1-secret',
      adjRibOut: [{ prefix: '10.100.0.1/32', communities: ['64512:1100'] }],
    });
    world.signal('SIGTERM');
    expect(await world.exited()).toBe(0);
    await world.until('the NOTIFICATION', () => world.router?.neighbors[0]?.notificationsReceived === 1);
    expect(world.routes()).toEqual({});
  });

  it('a key is nowhere in what it prints, whatever happens', async () => {
    await established();
    world.signal('SIGUSR1');
    rmSync(pathOf('cluster/secrets.yaml'));
    await world.until('the folder to be read again', () => world.events('configLoaded').length === 2);
    world.signal('SIGUSR1');
    await world.until('both states', () => world.events('state').length === 2);
    expect(world.output).not.toContain('your-secure-password');
    expect(world.output).not.toContain(Buffer.from('your-secure-password').toString('base64'));
  });

  it('a Secret that goes leaves the session and its key as they are, and that is said', async () => {
    await established();
    rmSync(pathOf('cluster/secrets.yaml'));
    await world.until('the folder to be read again', () => world.events('configLoaded').length === 2);
    await world.quiet(500);
    expect(world.router?.neighbors[0]).toMatchObject({ state: 'Established', establishedCount: 1 });
    const gone = world.events('configFinding').filter(({ rule }) => rule === 'secret-gone');
    expect(gone.map(({ level, object }) => [level, object.name])).toContainEqual(['warn', 'dc1-router-primary']);
  });
});
