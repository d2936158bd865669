import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiError } from '../status.ts';
import type { ApiObject } from '../types.ts';
import { readPage } from './list.ts';
import { Store } from './store.ts';

const RESOURCE = { group: '', plural: 'things' };
const thing = (name: string, value = 0): ApiObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { namespace: 'ns', name },
  value,
});
const everything = { prefix: '', limit: 0, continueToken: '', exactly: undefined, matches: () => true };

function codeOf(run: () => unknown): number {
  try {
    run();
  } catch (error) {
    return (error as ApiError).code;
  }
  return 200;
}

describe('readPage', () => {
  it('gives pages that are of one moment, whatever is written between them', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const write = fc.oneof(
      fc.record({ type: fc.constant('put' as const), name, value: fc.nat(9) }),
      fc.record({ type: fc.constant('remove' as const), name }),
    );
    fc.assert(
      fc.property(
        fc.array(write),
        fc.array(fc.array(write)),
        fc.integer({ min: 1, max: 3 }),
        (first, between, limit) => {
          const store = new Store();
          const run = (writes: typeof first): void => {
            for (const step of writes) {
              if (step.type === 'put') store.put(RESOURCE, thing(step.name, step.value));
              else store.remove(RESOURCE, `ns/${step.name}`);
            }
          };
          run(first);
          const collection = store.collection(RESOURCE);
          const whole = readPage(collection, store.resourceVersion, everything).items;
          const items: ApiObject[] = [];
          let continueToken = '';
          for (let page = 0; page === 0 || continueToken !== ''; page++) {
            const read = readPage(collection, store.resourceVersion, { ...everything, limit, continueToken });
            items.push(...read.items);
            continueToken = read.continueToken;
            run(between[page] ?? []);
          }
          expect(items).toEqual(whole);
        },
      ),
    );
  });

  it('counts what comes after a page', () => {
    const store = new Store();
    for (const name of ['a', 'b', 'c']) store.put(RESOURCE, thing(name));
    const page = readPage(store.collection(RESOURCE), store.resourceVersion, { ...everything, limit: 2 });
    expect([page.items.length, page.remaining]).toEqual([2, 1]);
  });

  it('answers 410 for a token whose moment has left the history', () => {
    const store = new Store();
    for (const name of ['a', 'b', 'c']) store.put(RESOURCE, thing(name));
    const collection = store.collection(RESOURCE);
    const { continueToken } = readPage(collection, store.resourceVersion, { ...everything, limit: 1 });
    store.put(RESOURCE, thing('d'));
    const next = () => readPage(collection, store.resourceVersion, { ...everything, continueToken });
    expect(next().items).toHaveLength(2);
    store.compact();
    expect(codeOf(next)).toBe(410);
  });

  it('drops the oldest changes when there are too many, and knows that it did', () => {
    const store = new Store({ history: 4 });
    for (let value = 0; value < 20; value++) store.put(RESOURCE, thing('a', value));
    const collection = store.collection(RESOURCE);
    expect(collection.remembers(2)).toBe(false);
    expect(collection.since(collection.oldest).length).toBeLessThanOrEqual(8);
    expect(collection.since(store.resourceVersion - 1).map(({ object }) => object.value)).toEqual([19]);
  });

  it('refuses every token that is none of its own', () => {
    const store = new Store();
    store.put(RESOURCE, thing('a'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ minLength: 1 }),
          fc.json().map((text) => Buffer.from(text).toString('base64url')),
        ),
        (token) => {
          const code = codeOf(() =>
            readPage(store.collection(RESOURCE), store.resourceVersion, { ...everything, continueToken: token }),
          );
          expect(code).toBe(400);
        },
      ),
    );
  });
});

describe('Store', () => {
  it('refuses an object that is too large, and one too many', () => {
    const store = new Store({ objects: 1, objectBytes: 1000 });
    expect(codeOf(() => store.put(RESOURCE, { ...thing('a'), text: 'x'.repeat(1000) }))).toBe(413);
    store.put(RESOURCE, thing('a'));
    expect(codeOf(() => store.put(RESOURCE, thing('b')))).toBe(507);
    expect(codeOf(() => store.put(RESOURCE, thing('a', 2)))).toBe(200);
  });

  it('counts the octets that it holds', () => {
    const store = new Store();
    store.put(RESOURCE, thing('a'));
    const one = store.bytes;
    store.put(RESOURCE, thing('b'));
    store.put(RESOURCE, { ...thing('b'), text: 'longer' });
    store.remove(RESOURCE, 'ns/b');
    expect(one).toBeGreaterThan(0);
    expect(store.bytes).toBe(one);
  });
});
