import { beforeEach, describe, expect, it } from 'vitest';
import type { SourceChange } from '../../follow/source.ts';
import { BGP_PEER, NODE, SECRET, SERVICE } from '../../kube/resource-types.ts';
import { MemoryApi } from '../../kube/testing/memory-api.ts';
import type { Change } from '../../plan/world/change.ts';
import type { CoreObject } from '../../plan/world/world-object.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { ClusterSources } from './sources.ts';
import { runner } from './testing/run.ts';

const OWN = 'metallb-system';

let api: MemoryApi;
let run: (ms?: number) => Promise<void>;
let changes: Change[];
let services: SourceChange<CoreObject>[];
let synced: number;
let needsAll: boolean;
let sources: ClusterSources;
let begin: () => void;

beforeEach(() => {
  const clock = new VirtualClock();
  run = runner(clock);
  api = new MemoryApi();
  changes = [];
  services = [];
  synced = 0;
  needsAll = false;
  sources = new ClusterSources('node1', OWN, {
    changed: (some) => void changes.push(...some),
    servicesChanged: (some) => void services.push(...some),
    needsAllNodes: () => needsAll,
    synced: () => void synced++,
  });
  for (const name of ['node1', 'node2', 'node3']) api.create(NODE, { metadata: { name, labels: {} }, spec: {} });
  api.create(BGP_PEER, { metadata: { name: 'r1', namespace: OWN }, spec: {} });
  api.create(SERVICE, { metadata: { name: 'web', namespace: 'default' }, spec: { type: 'LoadBalancer' } });
  api.create(SERVICE, { metadata: { name: 'db', namespace: 'default' }, spec: { type: 'ClusterIP' } });
  const client = api.client('us');
  begin = () =>
    sources.start({ api: client, clock, random: () => 0.5, breathe: () => Promise.resolve(), onHealth: () => {} });
});

/** What was said, as `type kind name`. */
const told = (): string[] =>
  changes.map((change) => {
    if (change.type === 'delete') return `delete ${change.object.kind} ${change.object.name}`;
    const { object } = change;
    return 'ref' in object
      ? `upsert ${object.kind} ${object.ref.name}`
      : `upsert ${object.kind} ${object.metadata.name}`;
  });

describe('the sources of a speaker', () => {
  it('are the own Node, and the Services of type LoadBalancer, until the labels of all Nodes matter', async () => {
    begin();
    await run(1_000);
    expect(synced).toBe(1);
    expect(told().sort()).toEqual(['upsert BGPPeer r1', 'upsert Node node1']);
    expect(services.map(({ key }) => key)).toEqual(['default/web']);
    api.edit(NODE, '/node2', { metadata: { labels: { rack: 'a' } } });
    await run(1_000);
    expect(changes).toHaveLength(2);

    needsAll = true;
    api.edit(BGP_PEER, `${OWN}/r1`, { spec: { myASN: 1 } });
    await run(1_000);
    expect(told().slice(2)).toEqual(['upsert BGPPeer r1', 'upsert Node node2', 'upsert Node node3']);
    // Each Node is told of once, and log and metrics can tell the two sources apart.
    api.edit(NODE, '/node1', { metadata: { labels: { rack: 'a' } } });
    api.edit(NODE, '/node3', { metadata: { labels: { rack: 'a' } } });
    await run(1_000);
    expect(told().slice(5).sort()).toEqual(['upsert Node node1', 'upsert Node node3']);
    const names = sources.views.map(({ resource }) => resource);
    expect(names.filter((name) => name.includes('nodes'))).toEqual(['nodes', 'othernodes']);
    expect(new Set(names).size).toBe(names.length);
    needsAll = false;
    await run(1_000);
    expect(sources.views).toHaveLength(names.length);
    expect(sources.changes).toBe(changes.length + services.length);
  });

  it('wait for all Nodes where they matter from the start', async () => {
    needsAll = true;
    let hold = (): void => {};
    const held = new Promise<void>((resolve) => {
      hold = resolve;
    });
    let nodeLists = 0;
    api.fault = (verb, type) => (verb === 'list' && type === NODE && ++nodeLists === 2 ? held : undefined);
    begin();
    await run(5_000);
    expect(nodeLists).toBe(2);
    expect(synced).toBe(0);
    hold();
    await run(100);
    expect(synced).toBe(1);
    expect(
      told()
        .filter((line) => line.includes('Node'))
        .sort(),
    ).toEqual(['upsert Node node1', 'upsert Node node2', 'upsert Node node3']);
  });

  it('say that a Service is gone when it is no LoadBalancer any more', async () => {
    begin();
    await run(100);
    api.edit(SERVICE, 'default/web', { spec: { type: 'ClusterIP' } });
    await run(100);
    expect(services.map(({ type, key }) => `${type} ${key}`)).toEqual(['upsert default/web', 'delete default/web']);
  });

  it('know each BGPPeer as an object of the API, for as long as it is there', async () => {
    begin();
    await run(100);
    const uid = api.get(BGP_PEER, `${OWN}/r1`)?.metadata.uid;
    expect(sources.peers.get('r1')).toMatchObject({ uid, resource: { kind: 'BGPPeer', metadata: { name: 'r1' } } });
    api.remove(BGP_PEER, `${OWN}/r1`);
    await run(100);
    expect(sources.peers.size).toBe(0);
  });

  it('say nothing once they are stopped, whatever was under way', async () => {
    let release = (): void => {};
    api.fault = (verb, type) =>
      verb === 'list' && type === SECRET
        ? new Promise<void>((resolve) => {
            release = resolve;
          })
        : undefined;
    begin();
    await run(100);
    const before = changes.length;
    const stopped = sources.stop();
    release();
    api.create(SERVICE, { metadata: { name: 'late', namespace: 'default' }, spec: { type: 'LoadBalancer' } });
    await run(100);
    await stopped;
    expect(synced).toBe(0);
    expect(changes).toHaveLength(before);
    expect(services.map(({ key }) => key)).toEqual(['default/web']);
  });
});
