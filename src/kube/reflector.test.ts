import { expect, it } from 'vitest';
import { VirtualClock } from '../time/virtual-clock.ts';
import { Reflector, type ReflectorEvent, type ReflectorHealth } from './reflector.ts';
import { SERVICE } from './resource-types.ts';
import {
  type KubeApi,
  KubeError,
  type KubeObject,
  type ListOptions,
  type ListPage,
  type Selection,
  type WatchEvent,
} from './types.ts';

/** A Service whose meaning, for these tests, is its label `v`. */
const service = (name: string, resourceVersion: number, v = 'a'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: String(resourceVersion), labels: { v } },
});

const page = (resourceVersion: number, items: readonly KubeObject[], continueToken = ''): ListPage => ({
  resourceVersion: String(resourceVersion),
  items,
  continueToken,
});

const away = () => new KubeError('connection refused', 0, 'ECONNREFUSED');
const expired = () => new KubeError('too old resource version', 410, 'Expired');

interface OpenWatch {
  readonly resourceVersion: string;
  readonly at: number;
  say(...events: readonly WatchEvent[]): void;
  end(): void;
  fail(error: Error): void;
}

interface List {
  readonly selection: Selection;
  readonly options: ListOptions;
  readonly at: number;
}

/** An API that answers lists as a test says, and whose watches a test drives. */
class Harness {
  readonly clock = new VirtualClock();
  readonly lists: List[] = [];
  readonly watches: OpenWatch[] = [];
  readonly handed: ReflectorEvent<string>[] = [];
  /** How many were handed over in each step. */
  readonly steps: number[] = [];
  readonly errors: string[] = [];
  synced = 0;
  answer: (options: ListOptions) => ListPage = () => page(1, []);
  refuseWatch: (() => Error) | null = null;
  transform = (object: KubeObject): string | undefined => object.metadata.labels?.v;
  readonly reflector: Reflector<string>;

  constructor(selection: Selection = { namespace: '' }, keep?: (object: KubeObject) => boolean) {
    const api: Pick<KubeApi, 'list' | 'watch'> = {
      list: async (_, asked, options) => {
        this.lists.push({ selection: asked, options, at: this.clock.now() });
        return this.answer(options);
      },
      watch: (_, __, { resourceVersion }, onEvent, signal) =>
        new Promise((resolve, reject) => {
          const { clock } = this;
          signal.addEventListener('abort', () => reject(signal.reason));
          this.watches.push({
            resourceVersion,
            at: clock.now(),
            say: (...events) => events.forEach(onEvent),
            end: resolve,
            fail: reject,
          });
          if (this.refuseWatch !== null) reject(this.refuseWatch());
        }),
    };
    this.reflector = new Reflector({
      api: api as KubeApi,
      type: SERVICE,
      selection,
      ...(keep === undefined ? {} : { keep }),
      transform: (object) => this.transform(object),
      handler: {
        changed: (events) => {
          this.handed.push(...events);
          this.steps.push(events.length);
        },
        synced: () => {
          this.synced++;
        },
      },
      clock: this.clock,
      random: () => 1,
      breathe: () => Promise.resolve(),
      onHealth: ({ error }: ReflectorHealth) => {
        if (error !== null && this.errors.at(-1) !== error) this.errors.push(error);
      },
    });
  }

  get watch(): OpenWatch {
    return this.watches.at(-1) as OpenWatch;
  }

  /** What was handed over since it was asked last, as text. */
  taken(): readonly string[] {
    return this.handed.splice(0).map((event) => `${event.key} ${event.type === 'upsert' ? event.value : 'gone'}`);
  }

  async run(ms = 0, stepMs = 100): Promise<void> {
    await settle();
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(left, stepMs));
      await settle();
    }
  }

  async start(): Promise<this> {
    this.reflector.start();
    await this.run();
    return this;
  }
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 60; i++) await null;
};

const events = (type: 'ADDED' | 'MODIFIED' | 'DELETED', ...objects: readonly KubeObject[]): readonly WatchEvent[] =>
  objects.map((object) => ({ type, object }));

it('lists in pages, and watches from there', async () => {
  const h = new Harness();
  h.answer = ({ continueToken }) =>
    continueToken === undefined ? page(10, [service('a', 3)], 'more') : page(10, [service('b', 4)]);
  await h.start();
  expect(h.lists.map(({ options }) => options)).toEqual([{ limit: 500 }, { limit: 500, continueToken: 'more' }]);
  expect(h.taken()).toEqual(['default/a a', 'default/b a']);
  expect([h.synced, h.watch.resourceVersion, h.reflector.size]).toEqual([1, '10', 2]);
  h.watch.say(
    ...events('ADDED', service('c', 11)),
    ...events('MODIFIED', service('a', 12, 'b')),
    ...events('DELETED', service('b', 13)),
  );
  expect(h.taken()).toEqual(['default/c a', 'default/a b', 'default/b gone']);
  await h.reflector.stop();
});

it('resumes after a cut where the last event or bookmark was, without a list of everything', async () => {
  const h = new Harness();
  h.answer = () => page(10, [service('a', 3)]);
  await h.start();
  h.watch.say(...events('ADDED', service('b', 11)), { type: 'BOOKMARK', resourceVersion: '20' });
  h.answer = () => page(25, []);
  h.watch.fail(new KubeError('watch: the connection ended early', 0, 'ConnectionClosed'));
  await h.run(1_000);
  expect(h.watch.resourceVersion).toBe('20');
  // For its resourceVersion alone.
  expect(h.lists.at(-1)?.options).toEqual({ limit: 1 });
  expect(h.reflector.health).toMatchObject({ lists: 1, watches: 2, errors: 1 });
  expect(h.reflector.health.error).not.toBeNull();
  h.watch.say({ type: 'BOOKMARK', resourceVersion: '26' });
  expect(h.reflector.health.error).toBeNull();
  expect(h.taken()).toEqual(['default/a a', 'default/b a']);
  await h.reflector.stop();
});

it('resumes a watch that ended at its time, and looks at the API first where it ended before', async () => {
  const h = new Harness();
  h.answer = () => page(10, []);
  await h.start();
  for (let i = 0; i < 10; i++) {
    h.watch.say({ type: 'BOOKMARK', resourceVersion: String(20 + i) });
    await h.run(60_000, 1_000);
  }
  h.watch.end();
  await h.run();
  expect([h.watches.length, h.watch.resourceVersion, h.lists.length]).toEqual([2, '29', 1]);
  h.answer = () => page(30, []);
  await h.run(5_000);
  h.watch.end();
  await h.run();
  expect([h.watches.length, h.watch.resourceVersion, h.lists.length]).toEqual([3, '29', 2]);
  expect(h.reflector.health).toMatchObject({ errors: 0, lists: 1 });
  await h.reflector.stop();
});

it('lists again where the history is gone, and tells what went meanwhile', async () => {
  const h = new Harness();
  h.answer = () => page(10, [service('a', 3), service('b', 4)]);
  await h.start();
  h.taken();
  h.answer = () => page(500, [service('b', 4), service('c', 400)]);
  h.watch.fail(expired());
  await h.run(1_000);
  expect(h.taken()).toEqual(['default/b a', 'default/a gone', 'default/c a']);
  expect(h.watch.resourceVersion).toBe('500');
  expect(h.synced).toBe(1);
  await h.reflector.stop();
});

it('hands over what went and what came meanwhile in one step, however many pages lie between', async () => {
  const h = new Harness();
  h.answer = () => page(10, [service('m', 3), service('z', 4)]);
  await h.start();
  h.taken();
  h.steps.length = 0;
  let refusals = 1;
  h.answer = ({ continueToken }) => {
    if (continueToken === undefined) return page(20, [service('a', 11), service('m', 12, 'b')], 'more');
    if (refusals-- > 0) throw away();
    return page(20, [service('n', 13)]);
  };
  h.watch.fail(expired());
  await h.run(1_000);
  expect([h.taken(), h.lists.length]).toEqual([['default/m b'], 3]);
  await h.run(5_000);
  expect(h.taken()).toEqual(['default/z gone', 'default/a a', 'default/n a']);
  expect(h.steps).toEqual([1, 3]);
  await h.reflector.stop();
});

it('begins a list anew whose continue token has expired, and takes nothing for gone by half a list', async () => {
  const h = new Harness();
  h.answer = () => page(10, [service('a', 3), service('z', 4)]);
  await h.start();
  h.taken();
  let tokens = 0;
  h.answer = ({ continueToken }) => {
    if (continueToken === undefined) return page(20, [service('a', 3)], 'old');
    if (tokens++ === 0) throw expired();
    return page(20, [service('z', 4)]);
  };
  h.watch.fail(expired());
  await h.run(10_000);
  expect(h.lists.slice(1).map(({ options }) => options.continueToken)).toEqual([undefined, 'old', undefined, 'old']);
  expect(h.taken().filter((line) => line.endsWith('gone'))).toEqual([]);
  expect(h.watch.resourceVersion).toBe('20');
  await h.reflector.stop();
});

it('begins a list anew where an item of a page is no object, and takes nothing behind it for gone', async () => {
  const h = new Harness();
  h.answer = () => page(10, [service('a', 3), service('b', 4), service('c', 5)]);
  await h.start();
  expect(h.taken()).toHaveLength(3);
  const broken = {
    length: 3,
    *[Symbol.iterator]() {
      yield service('a', 11);
      throw new KubeError('a list of Service with something that is no object', 200, 'BadAnswer');
    },
  };
  let asked = 0;
  h.answer = ({ continueToken }) => {
    if (continueToken !== undefined) return page(20, []);
    return ++asked === 1 ? { ...page(20, [], 'more'), items: broken } : page(21, [service('a', 3), service('c', 5)]);
  };
  h.watch.fail(expired());
  await h.run(5_000);
  expect(h.lists.at(-1)?.options).toEqual({ limit: 500 });
  expect(h.taken()).toEqual(['default/a a', 'default/c a', 'default/b gone']);
  await h.reflector.stop();
});

it('goes on with a list at the page that was refused, after the time that was asked for', async () => {
  const h = new Harness();
  let refusals = 1;
  h.answer = ({ continueToken }) => {
    if (continueToken === undefined) return page(10, [service('a', 3)], 'more');
    if (refusals-- > 0) throw new KubeError('slow down', 429, 'TooManyRequests', 7_000);
    return page(10, [service('b', 4)]);
  };
  await h.start();
  await h.run(6_900);
  expect(h.lists).toHaveLength(2);
  expect(h.synced).toBe(0);
  await h.run(200);
  expect(h.lists.map(({ options }) => options.continueToken)).toEqual([undefined, 'more', 'more']);
  expect([h.synced, h.reflector.health.lists]).toEqual([1, 1]);
  expect(h.taken()).toEqual(['default/a a', 'default/b a']);
  await h.reflector.stop();
});

it('never waits longer than two minutes, whatever Retry-After says', async () => {
  const h = new Harness();
  h.answer = () => {
    throw new KubeError('go away', 429, 'TooManyRequests', 86_400_000);
  };
  await h.start();
  await h.run(600_000, 1_000);
  const [first, ...rest] = h.lists.map(({ at }) => at);
  expect(rest.map((at, i) => at - (i === 0 ? (first as number) : (rest[i - 1] as number)))).toEqual(
    rest.map(() => 120_000),
  );
  await h.reflector.stop();
});

it('retries 0.8 s to 30 s apart while the API fails, hands nothing over, and says so once', async () => {
  const h = new Harness();
  h.answer = () => page(10, [service('a', 3)]);
  await h.start();
  h.taken();
  h.answer = () => {
    throw new KubeError('injected', 500, 'InternalError');
  };
  h.refuseWatch = away;
  const before = h.lists.length + h.watches.length;
  h.watch.fail(away());
  await h.run(3_600_000, 500);
  const tries = h.lists.length + h.watches.length - before;
  expect(tries).toBeGreaterThan(100);
  expect(tries).toBeLessThan(130);
  expect(h.taken()).toEqual([]);
  expect(h.reflector.health.failingSince).toBe(0);
  h.refuseWatch = null;
  h.answer = () => page(12, [service('a', 3), service('b', 12)]);
  await h.run(30_500, 500);
  expect(h.taken()).toEqual(['default/a a', 'default/b a']);
  expect(h.reflector.health).toMatchObject({ error: null, failingSince: null });
  await h.reflector.stop();
});

it('reads everything anew from an API that went back, also a version that it knows, at once after a cut', async () => {
  const h = new Harness();
  h.answer = () => page(100, [service('a', 90, 'new'), service('b', 95)]);
  await h.start();
  h.taken();
  // The same uid and resourceVersion, written again after the restore, say something else.
  h.answer = ({ limit }) => page(91, limit === 1 ? [service('a', 90, 'old')] : [service('a', 90, 'old')]);
  h.watch.fail(away());
  await h.run(3_000);
  expect(h.taken()).toEqual(['default/a old', 'default/b gone']);
  expect(h.watch.resourceVersion).toBe('91');
  expect(h.errors.at(-1)).toContain('resourceVersion 91 and was at 100: it was restored from a backup');
  h.watch.say(...events('MODIFIED', service('a', 92, 'newest')));
  expect(h.taken()).toEqual(['default/a newest']);
  await h.reflector.stop();
});

it('does not wait for a resourceVersion to come that the API went back behind', async () => {
  const h = new Harness();
  h.answer = () => page(100, [service('a', 90)]);
  await h.start();
  h.taken();
  // No connection ended that anybody noticed: the watch is just silent, as kube-apiserver's is.
  h.answer = () => page(80, [service('a', 70, 'old')]);
  await h.run(95_000, 500);
  expect(h.taken()).toEqual(['default/a old']);
  expect(h.watch.resourceVersion).toBe('80');
  expect(h.watches).toHaveLength(2);
  await h.reflector.stop();
});

it('opens a watch anew that says nothing for longer than a bookmark takes', async () => {
  const h = new Harness();
  h.answer = () => page(10, []);
  await h.start();
  for (let i = 1; i <= 5; i++) {
    await h.run(60_000, 1_000);
    h.watch.say({ type: 'BOOKMARK', resourceVersion: String(15 + i) });
  }
  expect(h.watches.filter(({ at }) => at > 0)).toEqual([]);
  // Nothing happened: the silence is nobody's fault.
  h.answer = () => page(30, []);
  await h.run(91_000, 1_000);
  expect(h.watches).toHaveLength(2);
  expect(h.watch.resourceVersion).toBe('20');
  h.watch.say(...events('ADDED', service('new', 31)));
  expect(h.reflector.health).toMatchObject({ silences: 0, errors: 0, lists: 1 });
  // Something had happened, and nobody told: the next watch does.
  h.answer = () => page(40, []);
  await h.run(91_000, 1_000);
  expect(h.watches).toHaveLength(3);
  h.watch.say(...events('ADDED', service('kept', 40)), ...events('ADDED', service('newest', 41)));
  expect(h.reflector.health).toMatchObject({ silences: 1, errors: 0, lists: 1 });
  expect(h.taken()).toEqual(['default/new a', 'default/kept a', 'default/newest a']);
  await h.reflector.stop();
});

it('asks less and less often after a kind of which the API never says anything', async () => {
  const h = new Harness();
  h.answer = () => page(10, []);
  await h.start();
  await h.run(3_600_000, 5_000);
  const began = h.watches.map(({ at }) => at / 1_000);
  expect(began.slice(0, 5)).toEqual([0, 90, 270, 630, 1_230]);
  expect(h.reflector.health).toMatchObject({ silences: 0, errors: 0, lists: 1 });
  // It speaks again, and is expected to go on.
  h.watch.say({ type: 'BOOKMARK', resourceVersion: '11' });
  h.answer = () => page(11, []);
  const before = h.watches.length;
  await h.run(95_000, 5_000);
  expect(h.watches).toHaveLength(before + 1);
  await h.reflector.stop();
});

it('ends a watch that outlives its time', async () => {
  const h = new Harness();
  await h.start();
  h.answer = () => page(99, []);
  for (let i = 0; i < 12; i++) {
    await h.run(60_000, 1_000);
    h.watch.say({ type: 'BOOKMARK', resourceVersion: String(2 + i) });
  }
  expect(h.errors).toEqual(['the watch outlived its time without an end']);
  await h.reflector.stop();
});

it('begins watches at most once a second, whatever ends them', async () => {
  const h = new Harness();
  await h.start();
  h.answer = () => page(1_000, []);
  for (let i = 0; i < 100; i++) {
    h.watch.say({ type: 'BOOKMARK', resourceVersion: String(2 + i) });
    h.watch.end();
    await h.run(100);
  }
  expect(h.watches.length).toBeLessThanOrEqual(11);
  // One that ends without a word is a failure.
  h.refuseWatch = null;
  h.watch.end();
  await h.run(2_000);
  const before = h.watches.length;
  for (let i = 0; i < 600; i++) {
    h.watch.end();
    await h.run(100);
  }
  expect(h.watches.length - before).toBeLessThan(10);
  expect(h.errors).toContain('the watch ended as soon as it had begun');
  await h.reflector.stop();
});

it('reads everything anew after a watch that said what cannot be understood', async () => {
  const h = new Harness();
  h.answer = () => page(10, [service('a', 3)]);
  await h.start();
  h.watch.fail(new KubeError('a line that is not JSON', 0, 'BadWatch'));
  await h.run(1_000);
  expect(h.reflector.health.lists).toBe(2);
  await h.reflector.stop();
});

it('passes over an object that cannot be read, which counts as it last was', async () => {
  const h = new Harness();
  h.transform = ({ metadata }) => {
    if (metadata.labels?.v === 'poison') throw new Error('what is that');
    return metadata.labels?.v;
  };
  h.answer = () => page(10, [service('a', 3), service('bad', 4, 'poison'), service('b', 5)]);
  await h.start();
  expect(h.taken()).toEqual(['default/a a', 'default/b a']);
  expect(h.synced).toBe(1);
  expect(h.errors).toEqual(['Service default/bad cannot be read: what is that']);
  h.watch.say(...events('MODIFIED', service('a', 11, 'poison'), service('b', 12, 'b')));
  expect(h.taken()).toEqual(['default/b b']);
  h.watch.say(...events('DELETED', service('a', 13)));
  expect(h.taken()).toEqual(['default/a gone']);
  expect(h.watches).toHaveLength(1);
  await h.reflector.stop();
});

it('selects by itself where the API does not know the field selector', async () => {
  const h = new Harness(
    { namespace: '', fieldSelector: 'spec.type=LoadBalancer' },
    ({ metadata }) => metadata.labels?.v !== 'other',
  );
  let refused = 0;
  h.answer = () => {
    if (h.lists.at(-1)?.selection.fieldSelector !== undefined) {
      refused++;
      throw new KubeError('field label not supported: spec.type', 400, 'BadRequest');
    }
    return page(10, [service('a', 3), service('b', 4, 'other')]);
  };
  await h.start();
  expect(refused).toBe(1);
  expect(h.taken()).toEqual(['default/a a']);
  // What does not match any more is gone, though the server says MODIFIED.
  h.watch.say(...events('MODIFIED', service('a', 11, 'other')), ...events('MODIFIED', service('b', 12)));
  expect(h.taken()).toEqual(['default/a gone', 'default/b a']);
  // How far the API is, it is asked without a selector.
  h.watch.fail(away());
  await h.run(1_000);
  expect(h.lists.at(-1)).toMatchObject({ selection: { namespace: '' }, options: { limit: 1 } });
  await h.reflector.stop();
});

it('hands nothing over once it is stopped', async () => {
  const h = new Harness();
  await h.start();
  const { watch } = h;
  await h.reflector.stop();
  expect(h.watches).toHaveLength(1);
  await h.run(600_000, 1_000);
  expect([h.watches.length, h.lists.length]).toEqual([1, 1]);
  expect(watch.resourceVersion).toBe('1');
});
