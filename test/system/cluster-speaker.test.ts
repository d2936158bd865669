/** The speaker on a cluster: what a router receives and what is written to the API, while objects, API, router and process change. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  BGP_PEER,
  CONFIGURATION_STATE,
  ENDPOINT_SLICE,
  EVENT,
  IP_ADDRESS_POOL,
  SECRET,
  SERVICE,
  SERVICE_BGP_STATUS,
  SPEAKER_STATUS,
} from '../../src/kube/resource-types.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { ClusterWorld, SYSTEM } from './cluster-world.ts';

let world: ClusterWorld;
beforeEach(async () => {
  world = await ClusterWorld.create();
});
afterEach(() => world.end());

type Json = Readonly<Record<string, unknown>>;

/** A Service with an endpoint on each of the guide's first two nodes. */
const serviceText = (name: string, policy = 'Cluster'): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default}
spec: {type: LoadBalancer, externalTrafficPolicy: ${policy}, ports: [{port: 80}], selector: {app: ${name}}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}-1, namespace: default, labels: {kubernetes.io/service-name: ${name}}}
addressType: IPv4
ports: [{port: 80}]
endpoints:
  - {addresses: [10.244.1.9], nodeName: node1, conditions: {ready: true}}
  - {addresses: [10.244.2.9], nodeName: node2, conditions: {ready: true}}
`;

const ROUTE = '10.100.0.1/32';

async function established(...nodes: string[]): Promise<void> {
  await world.applyExample('multi-router');
  await world.applyExample('test-service');
  world.startRouter(nodes);
  world.startController();
  for (const node of nodes) world.startSpeaker(node);
  await world.until('the routes', () => world.nextHops()[ROUTE]?.length === nodes.length);
}

const statusOf = (object: KubeObject | null): Json => (object?.status ?? {}) as Json;

async function sessionOf(node: string, peer = 'dc1-router-primary'): Promise<Json | undefined> {
  const { sessions = [] } = statusOf(await world.get(SPEAKER_STATUS, SYSTEM, node)) as { sessions?: Json[] };
  return sessions.find((session) => session.peer === peer);
}

async function eventsOf(reason: string): Promise<readonly Json[]> {
  return (await world.list(EVENT)).filter((event) => event.reason === reason);
}

const logged = (node: string, event: string) =>
  world.speakers.get(node)?.log.filter((line) => line.event === event) ?? [];

describe('a speaker on a cluster', () => {
  it('announces what the controller has assigned, and says so in all places', async () => {
    await established('node1', 'node2');
    expect(world.nextHops()).toEqual({ [ROUTE]: ['node1', 'node2'] });
    expect(world.routes()[ROUTE]).toEqual(['64512:1100', '64512:1100']);
    expect(world.speakers.get('node1')?.running.ready()).toBe(true);
    await world.until('the SpeakerStatus', async () => (await sessionOf('node1'))?.prefixesAnnounced === 1);
    expect(await sessionOf('node1')).toMatchObject({
      peerAddress: '192.168.1.1',
      localASN: 64513,
      peerASN: 64512,
      state: 'Established',
      flaps: 0,
      holdTimeSeconds: 90,
      keepaliveSeconds: 30,
      prefixesWanted: 1,
    });
    expect(await sessionOf('node1', 'dc1-router-secondary')).toMatchObject({ cause: expect.any(String) });
    const status = statusOf(await world.get(SPEAKER_STATUS, SYSTEM, 'node1'));
    expect(status).toMatchObject({ node: 'node1', counts: { sessions: 4, established: 1, services: 1 } });
    await world.until('the ServiceBGPStatuses', async () => {
      const found = (await world.list(SERVICE_BGP_STATUS, SYSTEM)).map((object) => statusOf(object));
      return found.filter(({ peers }) => Array.isArray(peers) && peers.length === 4).length === 2;
    });
    expect(statusOf(await world.get(CONFIGURATION_STATE, SYSTEM, 'speaker-node1'))).toMatchObject({ result: 'Valid' });
    await world.until('the events', async () => (await eventsOf('nodeAssigned')).length === 2);
    expect((await eventsOf('nodeAssigned')).map(({ message }) => message).sort()).toEqual([
      'announcing from node "node1" with protocol "bgp"',
      'announcing from node "node2" with protocol "bgp"',
    ]);
    const [up] = await eventsOf('SessionUp');
    expect(up).toMatchObject({
      message: expect.stringContaining('with 192.168.1.1 port 179 is Established, hold time 90 s'),
      involvedObject: { kind: 'BGPPeer', name: 'dc1-router-primary', namespace: SYSTEM, uid: expect.any(String) },
    });
  });

  it('tells the router the difference alone, and withdraws where the last local endpoint is not ready', async () => {
    await established('node1', 'node2');
    await world.applyText(serviceText('second', 'Local'));
    await world.until('the second route', () => world.nextHops()['10.100.0.2/32']?.length === 2);
    const before = world.neighbor('node2')?.updatesReceived;
    await world.merge(
      ENDPOINT_SLICE,
      { namespace: 'default', name: 'second-1' },
      {
        endpoints: [
          { addresses: ['10.244.1.9'], nodeName: 'node1', conditions: { ready: false, serving: false } },
          { addresses: ['10.244.2.9'], nodeName: 'node2', conditions: { ready: true } },
        ],
      },
    );
    await world.until('the withdrawal', () => world.nextHops()['10.100.0.2/32']?.join() === 'node2');
    await world.delete(SERVICE, { namespace: 'default', name: 'second' });
    await world.until('the end of the route', () => world.nextHops()['10.100.0.2/32'] === undefined);
    expect(world.nextHops()).toEqual({ [ROUTE]: ['node1', 'node2'] });
    expect((world.neighbor('node2')?.updatesReceived ?? 0) - (before ?? 0)).toBe(1);
    expect(world.router?.neighbors).toMatchObject([{ establishedCount: 1 }, { establishedCount: 1 }]);
    expect(logged('node1', 'serviceWithdrawn')[0]).toMatchObject({
      service: 'default/second',
      reason: 'noLocalEndpoints',
    });
    expect(logged('node2', 'serviceWithdrawn')[0]).toMatchObject({
      service: 'default/second',
      reason: 'serviceDeleted',
    });
    await world.until('no ServiceBGPStatus of it', async () =>
      (await world.list(SERVICE_BGP_STATUS, SYSTEM)).every((object) => statusOf(object).serviceName !== 'second'),
    );
  });

  it('keeps announcing while the API is away, and takes up what changed meanwhile', async () => {
    await established('node1');
    await world.server.refuse(true);
    await world.until('the log', () => logged('node1', 'watchFailing').length > 0);
    await world.pause(1_500);
    expect(world.nextHops()).toEqual({ [ROUTE]: ['node1'] });
    await world.server.refuse(false);
    await world.applyText(serviceText('second'));
    await world.until('the second route', () => '10.100.0.2/32' in world.nextHops());
    await world.until(
      'all watches',
      () => logged('node1', 'watchRestored').length === logged('node1', 'watchFailing').length,
    );
    expect(world.neighbor('node1')).toMatchObject({ state: 'Established', establishedCount: 1 });
  });

  it('says within a second that a session went down and why, and that it is back', async () => {
    await established('node1');
    await world.until('the SpeakerStatus', async () => (await sessionOf('node1'))?.state === 'Established');
    await world.killRouter();
    const killed = performance.now();
    await world.until('the SpeakerStatus', async () => (await sessionOf('node1'))?.state !== 'Established');
    expect(performance.now() - killed).toBeLessThan(3_000);
    expect(await sessionOf('node1')).toMatchObject({ flaps: 1, lastReset: expect.stringContaining('closedByPeer') });
    await world.until('the event', async () => (await eventsOf('SessionDown')).length === 1);
    expect((await eventsOf('SessionDown'))[0]?.message).toContain('192.168.1.1 closed the connection');
    world.startRouter(['node1']);
    await world.until('the route', () => ROUTE in world.nextHops());
    await world.until('the SpeakerStatus', async () => (await sessionOf('node1'))?.state === 'Established');
    expect(await sessionOf('node1')).not.toHaveProperty('cause');
  });

  it('keeps the key of a session whose Secret goes, and re-keys it once with another', async () => {
    await established('node1');
    const secret = await world.get(SECRET, SYSTEM, 'bgp-dc1-secret');
    await world.delete(SECRET, { namespace: SYSTEM, name: 'bgp-dc1-secret' });
    await world.pause(500);
    expect(world.neighbor('node1')).toMatchObject({ state: 'Established', establishedCount: 1 });
    const again = Buffer.from('another-key').toString('base64');
    await world.apply({
      ...(secret as KubeObject),
      metadata: { name: 'bgp-dc1-secret', namespace: SYSTEM },
      data: { password: again },
    });
    await world.until('the re-keying', () => logged('node1', 'sessionRekeyed').length > 0);
    expect(JSON.stringify(world.speakers.get('node1')?.log)).not.toMatch(/another-key|your-secure-password/);
    expect(JSON.stringify(world.speakers.get('node1')?.running.state())).not.toMatch(
      /another-key|your-secure-password/,
    );
  });

  it('makes its status objects again where somebody removes them, and takes them along when it ends', async () => {
    await established('node1');
    await world.until(
      'the statuses',
      async () =>
        (await world.list(SERVICE_BGP_STATUS, SYSTEM)).length === 1 && (await sessionOf('node1')) !== undefined,
    );
    const [before] = await world.list(SERVICE_BGP_STATUS, SYSTEM);
    await world.delete(SPEAKER_STATUS, { namespace: SYSTEM, name: 'node1' });
    await world.delete(CONFIGURATION_STATE, { namespace: SYSTEM, name: 'speaker-node1' });
    await world.delete(SERVICE_BGP_STATUS, { namespace: SYSTEM, name: before?.metadata.name ?? '' });
    await world.until('the SpeakerStatus', async () => (await sessionOf('node1')) !== undefined);
    await world.until(
      'the ConfigurationState',
      async () => (await world.get(CONFIGURATION_STATE, SYSTEM, 'speaker-node1')) !== null,
    );
    await world.until('the ServiceBGPStatus', async () => {
      const [object] = await world.list(SERVICE_BGP_STATUS, SYSTEM);
      return object !== undefined && object.metadata.uid !== before?.metadata.uid && statusOf(object).node === 'node1';
    });
    await world.speakers.get('node1')?.running.stop();
    expect(await world.get(SPEAKER_STATUS, SYSTEM, 'node1')).toBeNull();
    await world.until('the Cease', () => world.neighbor('node1')?.notificationsReceived === 1);
    expect(world.nextHops()).toEqual({});
  });

  it('writes nothing where nothing is different, and nothing twice', async () => {
    await established('node1');
    // Nobody is behind the others: their sessions go on changing their states.
    for (const name of ['dc1-router-secondary', 'dc2-router-primary', 'dc2-router-secondary'])
      await world.delete(BGP_PEER, { namespace: SYSTEM, name });
    await world.until('the ServiceBGPStatus', async () => (await world.list(SERVICE_BGP_STATUS, SYSTEM)).length === 1);
    await world.pause(2_500);
    world.server.resetStats();
    await world.pause(2_500);
    const writes = () =>
      world.server
        .stats()
        .requests.filter(({ verb, resource }) => !['get', 'list', 'watch'].includes(verb) && resource !== 'leases');
    expect(writes()).toEqual([]);
  });

  it('says that its node is not there, and begins when it is', async () => {
    await world.applyExample('multi-router');
    world.startSpeaker('node9');
    await world.until('the log', () => logged('node9', 'nodeUnknown').length === 1);
    expect(world.speakers.get('node9')?.running.ready()).toBe(true);
    await world.apply({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'node9' },
      status: { addresses: [{ type: 'InternalIP', address: '192.168.1.19' }] },
    });
    await world.until('the sessions', () => logged('node9', 'sessionStarting').length >= 4);
  });

  it('announces an address until the controller has moved it, when its pool goes', async () => {
    await established('node1');
    await world.controller?.stop();
    world.controller = undefined;
    await world.delete(IP_ADDRESS_POOL, { namespace: SYSTEM, name: 'production-pool' });
    await world.pause(1_000);
    expect(world.nextHops()).toEqual({ [ROUTE]: ['node1'] });
    expect(logged('node1', 'addressKept')).toHaveLength(1);
    await world.until('the condition', async () => {
      const state = statusOf(await world.get(CONFIGURATION_STATE, SYSTEM, 'speaker-node1'));
      return JSON.stringify(state).includes('AddressesKept');
    });
    world.startController();
    await world.until('the end of the route', () => !(ROUTE in world.nextHops()));
  });
});
