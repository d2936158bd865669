import { beforeEach, describe, expect, it } from 'vitest';
import { SERVICE_BGP_STATUS } from '../../kube/resource-types.ts';
import { MemoryApi } from '../../kube/testing/memory-api.ts';
import { KubeError, type KubeObject, type OwnerReference } from '../../kube/types.ts';
import type { WriteOutcome } from '../../report/writes.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { readServiceStatus, selectorOf, serviceStatusObject } from './service-status-object.ts';
import { ServiceStatuses, type ServiceStatusOptions } from './service-statuses.ts';
import { runner } from './testing/run.ts';

const OWN = 'metallb-system';
const OWNER: OwnerReference = { apiVersion: 'v1', kind: 'Pod', name: 'speaker-a', uid: 'pod-1' };
const PEERS = ['r1', 'r2'];
const WEB = 'default/web';

let clock: VirtualClock;
let api: MemoryApi;
let run: (ms?: number) => Promise<void>;
let outcomes: WriteOutcome[];
let failures: { service: string; at: number; retryInMs: number }[];
let limits: boolean[];
/** How long the watch is behind. */
let watchDelayMs: number;

beforeEach(() => {
  clock = new VirtualClock();
  run = runner(clock);
  api = new MemoryApi();
  outcomes = [];
  failures = [];
  limits = [];
  watchDelayMs = 0;
});

function make(options: Partial<ServiceStatusOptions> = {}): ServiceStatuses {
  const client = api.client('us');
  const statuses = new ServiceStatuses({
    api: client,
    clock,
    random: () => 1,
    breathe: () => Promise.resolve(),
    node: 'node1',
    namespace: OWN,
    fieldManager: 'metallb-speaker',
    perSecond: 10,
    isBusy: () => false,
    limit: 1_000,
    onWrite: (outcome) => void outcomes.push(outcome),
    onError: (service, _, retryInMs) => void failures.push({ service, at: clock.now(), retryInMs }),
    onLimit: (reached) => void limits.push(reached),
    ...options,
  });
  const selection = { namespace: OWN, labelSelector: selectorOf('node1') };
  const tell = (object: KubeObject, gone: boolean) => {
    const seen = gone ? undefined : readServiceStatus(object);
    if (watchDelayMs === 0) statuses.seen(object.metadata.name, seen);
    else clock.after(watchDelayMs, () => statuses.seen(object.metadata.name, seen));
  };
  for (const object of api.objects(SERVICE_BGP_STATUS))
    if (object.metadata.labels?.['metallb.io/node'] === 'node1') tell(object, false);
  const watching = new AbortController().signal;
  void api.client('watch').watch(
    SERVICE_BGP_STATUS,
    selection,
    { resourceVersion: '10000', timeoutSeconds: 1 },
    (event) => {
      if (event.type !== 'BOOKMARK') tell(event.object, event.type === 'DELETED');
    },
    watching,
  );
  return statuses;
}

const objects = () => api.objects(SERVICE_BGP_STATUS);
const statusOf = (object: KubeObject | undefined) => object?.status as Record<string, unknown> | undefined;
const writes = () => api.writes.filter(({ client }) => client === 'us');
const verbs = () => writes().map(({ verb }) => verb);

/** An object of MetalLB's: its name is generated, its owner another Pod. */
const theirs = (name: string, service = 'web', status: object = {}): KubeObject =>
  api.create(SERVICE_BGP_STATUS, {
    metadata: {
      name,
      namespace: OWN,
      labels: {
        'metallb.io/node': 'node1',
        'metallb.io/service-name': service,
        'metallb.io/service-namespace': 'default',
      },
    },
    status,
  });

const WANTED = { node: 'node1', serviceName: 'web', serviceNamespace: 'default', peers: PEERS };

describe('ServiceBGPStatus objects', () => {
  it('are made with two writes, follow the peers with one, and go with the Service', async () => {
    const statuses = make();
    statuses.set(WEB, PEERS);
    await run(1_000);
    expect(writes()).toEqual([]);
    await statuses.open(OWNER);
    await run(1_000);
    expect(verbs()).toEqual(['create', 'patch']);
    expect(objects()).toMatchObject([
      {
        metadata: {
          labels: {
            'metallb.io/node': 'node1',
            'metallb.io/service-name': 'web',
            'metallb.io/service-namespace': 'default',
          },
          ownerReferences: [OWNER],
        },
        status: WANTED,
      },
    ]);
    expect(statuses.has(WEB)).toBe(true);
    statuses.set(WEB, ['r1']);
    await run(2_000);
    expect(verbs()).toEqual(['create', 'patch', 'patch']);
    expect(statusOf(objects()[0])?.peers).toEqual(['r1']);
    statuses.set(WEB, []);
    await run(2_000);
    expect(objects()).toEqual([]);
    expect(statuses.has(WEB)).toBe(false);
    await run(60_000);
    expect(verbs()).toEqual(['create', 'patch', 'patch', 'delete']);
    expect(statuses.pending).toBe(0);
    expect(outcomes).toEqual(['written', 'written', 'written', 'written']);
  });

  it('are not written where they are as they should be, after a restart neither', async () => {
    theirs('bgp-x7k2p', 'web', WANTED);
    const statuses = make();
    statuses.set(WEB, PEERS);
    await statuses.open(OWNER);
    statuses.set(WEB, [...PEERS]);
    await run(60_000);
    expect(writes()).toEqual([]);
  });

  it("of MetalLB's are taken over as they are called; what stands twice, or for nothing, goes", async () => {
    theirs('bgp-x7k2p', 'web', { ...WANTED, peers: ['r9'] });
    theirs('bgp-z9z9z');
    theirs('bgp-gone1', 'gone');
    const statuses = make();
    statuses.set(WEB, PEERS);
    await statuses.open(OWNER);
    await run(3_000);
    expect(objects().map(({ metadata, status }) => [metadata.name, status])).toEqual([['bgp-x7k2p', WANTED]]);
    expect(verbs().sort()).toEqual(['delete', 'delete', 'patch']);
  });

  it('whose labels and status contradict each other can never be put right: they are made anew', async () => {
    theirs('bgp-a1a1a', 'web', { ...WANTED, serviceName: 'other' });
    const statuses = make();
    statuses.set(WEB, PEERS);
    // As the CRD has it.
    api.fault = (verb, _, key) => {
      if (verb === 'patch' && key === `${OWN}/bgp-a1a1a`) throw new KubeError('cannot be changed', 422, 'Invalid');
    };
    await statuses.open(OWNER);
    await run(3_000);
    expect(failures).toEqual([]);
    expect(objects().map(statusOf)).toEqual([WANTED]);
  });

  it('of other nodes are left alone', async () => {
    const { metadata } = serviceStatusObject('node2', OWN, WEB, null);
    api.create(SERVICE_BGP_STATUS, { metadata });
    const statuses = make({ perSecond: 0 });
    await statuses.open(null);
    await run(10_000);
    expect(objects()).toHaveLength(1);
  });

  it('are all removed, and none made, where the rate is 0', async () => {
    theirs('bgp-x7k2p', 'web', WANTED);
    theirs('bgp-y7k2p', 'shop', WANTED);
    const statuses = make({ perSecond: 0 });
    statuses.set(WEB, PEERS);
    statuses.set('default/new', PEERS);
    await statuses.open(OWNER);
    await run(5_000);
    expect(objects()).toEqual([]);
    expect(verbs()).toEqual(['delete', 'delete']);
  });

  it('are made again when somebody removes them, an owner that is gone for one', async () => {
    const statuses = make();
    statuses.set(WEB, PEERS);
    await statuses.open(OWNER);
    await run(5_000);
    const [made] = objects();
    api.remove(SERVICE_BGP_STATUS, `${OWN}/${made?.metadata.name}`, 'garbage collector');
    await run(1_000);
    expect(objects().map(statusOf)).toEqual([WANTED]);
  });
});

describe('the writes of ServiceBGPStatus objects', () => {
  /** When they happened, in milliseconds. */
  function timed(): number[] {
    const times: number[] = [];
    api.fault = (verb) => {
      if (verb === 'create' || verb === 'patch' || verb === 'delete') times.push(clock.now());
    };
    return times;
  }

  it('are at most so many in any second as they may be', async () => {
    const times = timed();
    const statuses = make();
    for (let i = 0; i < 40; i++) statuses.set(`default/s${i}`, PEERS);
    await statuses.open(OWNER);
    await run(9_000);
    expect(times).toHaveLength(80);
    // The first one is a step of the clock late.
    for (const from of times.slice(1))
      expect(times.filter((at) => at >= from && at - from < 999).length).toBeLessThanOrEqual(10);
  });

  it('are none that a watch which is behind would ask for', async () => {
    watchDelayMs = 400;
    const statuses = make();
    statuses.set(WEB, PEERS);
    await statuses.open(OWNER);
    await run(10_000);
    expect(verbs()).toEqual(['create', 'patch']);
    statuses.set(WEB, []);
    await run(10_000);
    expect(verbs()).toEqual(['create', 'patch', 'delete']);
  });

  it('are at most one a second for a Service whose object somebody edits or removes in a loop', async () => {
    const times = timed();
    const statuses = make();
    statuses.set(WEB, PEERS);
    statuses.set('default/other', PEERS);
    await statuses.open(OWNER);
    await run(1_000);
    times.length = 0;
    const { name } = serviceStatusObject('node1', OWN, WEB, null).metadata;
    const key = `${OWN}/${name}`;
    for (let i = 0; i < 200; i++) {
      if (api.get(SERVICE_BGP_STATUS, key) !== undefined)
        api.edit(SERVICE_BGP_STATUS, key, { status: { ...WANTED, peers: [`x${i}`] } });
      await run(50);
    }
    expect(times.length).toBeGreaterThan(3);
    expect(times.length).toBeLessThanOrEqual(11);
    times.length = 0;
    for (let i = 0; i < 200; i++) {
      if (api.get(SERVICE_BGP_STATUS, key) !== undefined) api.remove(SERVICE_BGP_STATUS, key);
      await run(50);
    }
    expect(times.length).toBeGreaterThan(3);
    // A creation, and the status of what is gone again.
    expect(times.length).toBeLessThanOrEqual(22);
    await run(3_000);
    expect(objects().map(statusOf)).toHaveLength(2);
  });

  it('do not repeat what the API makes something else of', async () => {
    api.admit = ({ status, ...object }) => {
      const { peers: _, ...rest } = (status ?? {}) as Record<string, unknown>;
      return { ...object, status: rest };
    };
    const statuses = make();
    statuses.set(WEB, PEERS);
    await statuses.open(OWNER);
    await run(60_000);
    expect(verbs()).toEqual(['create', 'patch']);
  });

  it('find an object that is there already, and take one whose labels somebody took for none', async () => {
    const { metadata } = serviceStatusObject('node1', OWN, WEB, null);
    const statuses = make();
    await statuses.open(OWNER);
    watchDelayMs = 500;
    api.create(SERVICE_BGP_STATUS, { metadata, status: WANTED });
    statuses.set(WEB, PEERS);
    await run(2_000);
    expect(writes()).toEqual([]);
    expect(outcomes).toEqual(['dropped']);
    api.edit(SERVICE_BGP_STATUS, `${OWN}/${metadata.name}`, { metadata: { labels: { 'metallb.io/node': null } } });
    await run(3_000);
    expect(objects()[0]?.metadata.labels).toMatchObject({ 'metallb.io/node': 'node1' });
    expect(objects().map(statusOf)).toEqual([WANTED]);
  });

  it('wait all together while the API is away, with a line for each attempt, and go on when it is back', async () => {
    const statuses = make();
    let asked = 0;
    api.fault = () => {
      asked++;
      throw new KubeError('connection refused', 0, 'ECONNREFUSED');
    };
    for (let i = 0; i < 1_000; i++) statuses.set(`default/s${i}`, PEERS);
    await statuses.open(OWNER);
    await run(3_600_000 / 20);
    expect(asked).toBe(failures.length);
    expect(failures.map(({ retryInMs }) => retryInMs).slice(0, 7)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000,
    ]);
    expect(failures.length).toBeLessThanOrEqual(9);
    expect(statuses.pending).toBe(1_000);
    api.fault = null;
    await run(60_000 + 5_000);
    expect(objects().length).toBeGreaterThan(20);
    await statuses.close();
  });

  it('wait as long as a server asks for', async () => {
    const statuses = make();
    let asked = 0;
    api.fault = (verb) => {
      if (verb !== 'create') return;
      asked++;
      throw new KubeError('slow down', 429, 'TooManyRequests', 30_000);
    };
    for (const name of ['a', 'b', 'c']) statuses.set(`default/${name}`, PEERS);
    await statuses.open(OWNER);
    await run(29_000);
    expect(asked).toBe(1);
    await run(2_000);
    expect(asked).toBe(2);
  });

  it('go on for other Services while one is refused', async () => {
    const statuses = make();
    const bad = `${OWN}/${serviceStatusObject('node1', OWN, 'default/bad', null).metadata.name}`;
    api.fault = (verb, _, key) => {
      if (verb === 'create' && key === bad) throw new KubeError('refused', 422, 'Invalid');
    };
    statuses.set('default/bad', PEERS);
    for (let i = 0; i < 20; i++) statuses.set(`default/s${i}`, PEERS);
    await statuses.open(OWNER);
    await run(12_000);
    expect(objects()).toHaveLength(20);
    expect(failures.length).toBeLessThanOrEqual(4);
    expect(statuses.pending).toBe(1);
  });

  it('end in a failure, not in a loop, where the status cannot be written at all', async () => {
    const statuses = make();
    api.fault = (verb) => {
      if (verb === 'patch') throw new KubeError('no such subresource', 404, 'NotFound');
    };
    statuses.set(WEB, PEERS);
    await statuses.open(OWNER);
    await run(20_000);
    expect(failures.length).toBeGreaterThan(0);
    expect(outcomes.length).toBeLessThan(25);
  });

  it('end when they are told to, one that hangs and all that wait too', async () => {
    const statuses = make();
    api.fault = (verb) => (verb === 'create' ? new Promise(() => {}) : undefined);
    for (const name of ['a', 'b', 'c']) statuses.set(`default/${name}`, PEERS);
    await statuses.open(OWNER);
    await run(100);
    await statuses.close();
    api.fault = null;
    statuses.set('default/d', PEERS);
    await run(60_000);
    expect(writes()).toEqual([]);
    expect(failures).toEqual([]);
  });
});

describe('the limit of ServiceBGPStatus objects in the cluster', () => {
  const fill = (count: number) => {
    for (let i = 0; i < count; i++)
      api.create(SERVICE_BGP_STATUS, { metadata: { name: `other-${i}`, namespace: OWN } });
  };

  it('keeps more from being made, says so once, and no more when there is room', async () => {
    fill(18);
    const statuses = make({ limit: 20 });
    for (let i = 0; i < 5; i++) statuses.set(`default/s${i}`, PEERS);
    await statuses.open(OWNER);
    await run(120_000);
    expect(objects()).toHaveLength(20);
    expect(limits).toEqual([true]);
    expect(statuses.pending).toBe(3);
    for (let i = 0; i < 10; i++) api.remove(SERVICE_BGP_STATUS, `${OWN}/other-${i}`);
    await run(120_000);
    expect(objects()).toHaveLength(13);
    expect(limits).toEqual([true, false]);
    expect(statuses.pending).toBe(0);
  });

  it('holds nobody back any more when those are gone that it held back', async () => {
    fill(20);
    const statuses = make({ limit: 20 });
    statuses.set(WEB, PEERS);
    await statuses.open(OWNER);
    await run(1_000);
    expect(limits).toEqual([true]);
    statuses.set(WEB, []);
    expect(limits).toEqual([true, false]);
  });

  it('counts often while objects are made, rarely while it is reached', async () => {
    const statuses = make({ limit: 100 });
    const lists = () => api.reads.filter(({ verb, client }) => verb === 'list' && client === 'us').length;
    for (let i = 0; i < 200; i++) statuses.set(`default/s${i}`, PEERS);
    await statuses.open(OWNER);
    await run(4_000);
    expect(lists()).toBe(1);
    // Others make as many meanwhile.
    fill(60);
    await run(20_000);
    expect(objects().length).toBeLessThanOrEqual(100);
    expect(lists()).toBeLessThanOrEqual(6);
    const before = lists();
    await run(180_000);
    expect(lists() - before).toBeLessThanOrEqual(4);
  });

  it('lets what is there already be kept up to date', async () => {
    fill(20);
    theirs('bgp-x7k2p', 'web', { ...WANTED, peers: ['r9'] });
    const statuses = make({ limit: 20 });
    statuses.set(WEB, PEERS);
    await statuses.open(OWNER);
    await run(1_000);
    expect(verbs()).toEqual(['patch']);
    expect(limits).toEqual([]);
  });
});
