import { beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../config/problem.ts';
import { CONFIGURATION_STATE, SPEAKER_STATUS } from '../../kube/resource-types.ts';
import { StatusWriter } from '../../kube/status-writer.ts';
import { MemoryApi } from '../../kube/testing/memory-api.ts';
import { KubeError, type KubeObject, type OwnerReference, type ResourceType } from '../../kube/types.ts';
import type { OwnCondition } from '../../report/configuration-state.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { StatusReporter } from './status-reporter.ts';
import { runner } from './testing/run.ts';

const OWN = 'metallb-system';
const OWNER: OwnerReference = { apiVersion: 'v1', kind: 'Pod', name: 'speaker-a', uid: 'pod-1' };
const [STATUS, STATE] = [`${OWN}/node1`, `${OWN}/speaker-node1`];

type Json = Readonly<Record<string, unknown>>;

let clock: VirtualClock;
let api: MemoryApi;
let run: (ms?: number) => Promise<void>;
let content: Json;
let findings: Finding[];
let own: OwnCondition[];
let unsettled: boolean;

beforeEach(() => {
  clock = new VirtualClock();
  run = runner(clock, 10);
  api = new MemoryApi();
  content = { node: 'node1', counts: { services: 1 } };
  findings = [];
  own = [];
  unsettled = false;
});

/** A reporter as a speaker has it, its objects watched. */
function make(name = 'us') {
  const writer = new StatusWriter({
    api: api.client(name),
    fieldManager: 'metallb-speaker',
    clock,
    random: () => 1,
    minIntervalMs: 1_000,
    workers: 2,
  });
  const reporter = new StatusReporter({
    clock,
    wallClock: () => new Date(Date.UTC(2026, 5, 1) + clock.now()),
    statuses: writer,
    node: 'node1',
    namespace: OWN,
    status: () => content,
    changesByTime: () => unsettled,
    findings: () => findings,
    ownConditions: () => own,
  });
  const follow = (type: ResourceType, key: string, seen: (status: Json | null) => void) => {
    const statusOf = (object: KubeObject | undefined) =>
      object === undefined ? null : ((object.status ?? {}) as Json);
    seen(statusOf(api.get(type, key)));
    void api.client('watch').watch(
      type,
      { namespace: OWN },
      { resourceVersion: '10000', timeoutSeconds: 1 },
      (event) => {
        if (event.type !== 'BOOKMARK') seen(event.type === 'DELETED' ? null : statusOf(event.object));
      },
      new AbortController().signal,
    );
  };
  const begin = (owner: OwnerReference | null = OWNER) => {
    reporter.open();
    reporter.ownerKnown(owner);
    follow(SPEAKER_STATUS, STATUS, (status) => reporter.statusSeen(status));
    follow(CONFIGURATION_STATE, STATE, (status) => reporter.stateSeen(status));
  };
  const end = async () => {
    reporter.close();
    await writer.close();
  };
  return { reporter, writer, begin, end };
}

const writes = (type: ResourceType, client = 'us') =>
  api.writes.filter((write) => write.client === client && write.plural === type.plural);
const status = () => api.get(SPEAKER_STATUS, STATUS)?.status as Json;
const state = () => api.get(CONFIGURATION_STATE, STATE)?.status as { result: string; conditions: Json[] };
const finding = (severity: 'error' | 'warning'): Finding => ({
  rule: 'bad-range',
  severity,
  message: 'no range',
  help: '',
  object: { kind: 'IPAddressPool', namespace: OWN, name: 'web' },
  path: [],
});

describe('what a speaker says of its node', () => {
  it('is there at once, and belongs to its Pod', async () => {
    make().begin();
    await run(100);
    expect(status()).toEqual({ ...content, lastChange: '2026-06-01T00:00:00Z' });
    expect(state()).toMatchObject({ result: 'Valid' });
    expect(api.get(SPEAKER_STATUS, STATUS)?.metadata).toMatchObject({
      ownerReferences: [OWNER],
      labels: { 'metallb.io/node': 'node1' },
    });
    expect(api.get(CONFIGURATION_STATE, STATE)?.metadata.ownerReferences).toEqual([OWNER]);
  });

  it('is not said before it is known whose it is, and what is there', async () => {
    const { reporter } = make();
    reporter.open();
    reporter.statusSeen(null);
    reporter.stateSeen(null);
    await run(5_000);
    expect(api.writes).toEqual([]);
    reporter.ownerKnown(null);
    await run(100);
    expect(api.get(SPEAKER_STATUS, STATUS)?.metadata.ownerReferences).toBeUndefined();
    expect(status()).toMatchObject(content);
  });

  it('is true within a second, at one write a second, however much changes', async () => {
    const { reporter, begin } = make();
    begin();
    await run(5_000);
    const before = writes(SPEAKER_STATUS).length;
    const times: number[] = [];
    api.fault = (verb, type) => {
      if (verb === 'patch' && type === SPEAKER_STATUS) times.push(clock.now());
    };
    for (let i = 0; i < 500; i++) {
      content = { node: 'node1', counts: { services: i } };
      reporter.touch();
      await run(10);
    }
    for (const [i, at] of times.entries()) expect(at - (times[i - 1] ?? -1_000)).toBeGreaterThanOrEqual(1_000);
    expect(times.length).toBeGreaterThanOrEqual(4);
    await run(1_050);
    expect(status()).toMatchObject({ counts: { services: 499 } });
    expect(writes(SPEAKER_STATUS).length - before).toBe(times.length);
  });

  it('is written where it says something else, and never where it does not', async () => {
    const { reporter, begin } = make();
    begin();
    await run(2_000);
    const before = api.writes.length;
    for (let i = 0; i < 50; i++) {
      content = { ...content };
      reporter.touch();
      reporter.touchState();
      await run(100);
    }
    expect(api.writes).toHaveLength(before);
    expect(status().lastChange).toBe('2026-06-01T00:00:00Z');
  });

  it('keeps the time of its last change over a restart, and writes nothing', async () => {
    const first = make();
    first.begin();
    await run(10_000);
    await first.end();
    await run(60_000);
    const second = make('again');
    second.begin();
    await run(60_000);
    expect(writes(SPEAKER_STATUS, 'again')).toEqual([]);
    expect(writes(CONFIGURATION_STATE, 'again')).toEqual([]);
    content = { node: 'node1', counts: { services: 2 } };
    second.reporter.touch();
    await run(100);
    expect(writes(SPEAKER_STATUS, 'again')).toHaveLength(1);
    expect(status().lastChange).toBe('2026-06-01T00:02:10Z');
  });

  it('is looked at again by itself as long as time alone may change it', async () => {
    const { begin } = make();
    unsettled = true;
    begin();
    await run(3_000);
    content = { node: 'node1', sessions: [{ peer: 'r1', cause: 'noOpen' }] };
    await run(1_100);
    expect(status()).toMatchObject(content);
    unsettled = false;
    await run(1_100);
    content = { node: 'node1' };
    await run(5_000);
    expect(status().sessions).toBeDefined();
  });
});

describe('what somebody else does to it', () => {
  it.each([
    ['SpeakerStatus', SPEAKER_STATUS, STATUS],
    ['ConfigurationState', CONFIGURATION_STATE, STATE],
  ] as const)('is put right at one write a second: %s', async (_, type, key) => {
    make().begin();
    await run(2_000);
    const before = writes(type).length;
    for (let i = 0; i < 100; i++) {
      api.edit(type, key, { status: { node: `x${i}`, result: 'Unknown' } });
      await run(50);
    }
    expect(writes(type).length - before).toBeLessThanOrEqual(6);
    await run(1_100);
    expect([status().node, state().result]).toEqual(['node1', 'Valid']);
    api.remove(type, key, 'garbage collector');
    await run(1_100);
    expect(api.get(type, key)?.metadata.ownerReferences).toEqual([OWNER]);
    expect([status().node, state().result]).toEqual(['node1', 'Valid']);
  });

  it('leaves conditions of others alone, and does not write for ever because of them', async () => {
    api.create(CONFIGURATION_STATE, {
      metadata: { name: 'speaker-node1', namespace: OWN },
      status: { result: 'Invalid', errorSummary: "MetalLB's", conditions: [] },
    });
    const theirs = { type: 'theirs', status: 'True', reason: 'X', message: '', lastTransitionTime: 'x' };
    api.admit = (object) => {
      if (object.kind !== 'ConfigurationState') return object;
      const { conditions = [], ...rest } = (object.status ?? {}) as { conditions?: Json[] };
      return {
        ...object,
        status: { ...rest, conditions: [...conditions.filter(({ type }) => type !== 'theirs'), theirs] },
      };
    };
    make().begin();
    await run(60_000);
    expect(writes(CONFIGURATION_STATE)).toHaveLength(1);
    expect(state()).toMatchObject({ result: 'Valid', errorSummary: '' });
    expect(state().conditions).toContainEqual(theirs);
  });

  it('costs a try now and then while the API refuses, and nothing once it does not', async () => {
    const { reporter, begin } = make();
    let tries = 0;
    api.fault = (_, __, ___, client) => {
      if (client !== 'us') return;
      tries++;
      throw new KubeError('terminating', 403, 'Forbidden');
    };
    begin();
    for (let i = 0; i < 600; i++) {
      content = { node: 'node1', counts: { services: i } };
      reporter.touch();
      await run(1_000);
    }
    expect(tries).toBeLessThan(40);
    api.fault = null;
    await run(61_000);
    expect(status()).toMatchObject({ counts: { services: 599 } });
  });
});

describe('the ConfigurationState', () => {
  it('follows what is found, and what the speaker adds of its own', async () => {
    const { reporter, begin } = make();
    begin();
    await run(2_000);
    findings = [finding('error')];
    own = [{ type: 'AddressesKept', status: 'True', reason: 'NotOfAPool', message: 'default/web' }];
    reporter.touchState();
    await run(1_100);
    expect(state()).toMatchObject({
      result: 'Invalid',
      conditions: [{ type: 'configReconcilerValid', status: 'False' }, { type: 'AddressesKept' }],
    });
    [findings, own] = [[], []];
    reporter.touchState();
    await run(1_100);
    expect(state()).toMatchObject({ result: 'Valid', conditions: [{ status: 'True' }] });
    expect(state().conditions).toHaveLength(1);
  });
});

it('says nothing more once it is closed', async () => {
  const { reporter, begin, end } = make();
  unsettled = true;
  begin();
  await run(2_000);
  await end();
  const before = api.writes.length;
  content = { node: 'node1' };
  reporter.touch();
  reporter.touchState();
  await run(10_000);
  expect(api.writes).toHaveLength(before);
});
