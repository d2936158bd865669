import { describe, expect, it } from 'vitest';
import { listPageOf } from './list-page.ts';
import { BGP_PEER, SERVICE } from './resource-types.ts';

const service = (name: string): object => ({
  metadata: { name, namespace: 'default' },
  spec: { type: 'LoadBalancer' },
});
const page = (value: unknown) => listPageOf(JSON.stringify(value), SERVICE);

describe('a page of a list', () => {
  it('has its place in the list, and its items with what built-in kinds leave out', () => {
    const list = page({
      kind: 'ServiceList',
      metadata: { resourceVersion: '7', continue: 'next', remainingItemCount: 3 },
      items: [service('a'), service('b')],
    });
    expect(list).toMatchObject({ resourceVersion: '7', continueToken: 'next', remainingItemCount: 3 });
    expect(list?.items.length).toBe(2);
    expect([...(list?.items ?? [])]).toEqual([
      { ...service('a'), apiVersion: 'v1', kind: 'Service' },
      { ...service('b'), apiVersion: 'v1', kind: 'Service' },
    ]);
    expect([...(list?.items ?? [])]).toHaveLength(2);
  });

  it('is the last where nothing is said of more, and empty where its items are null', () => {
    const list = listPageOf('{"items":null,"metadata":{"resourceVersion":"7"}}', BGP_PEER);
    expect(list).toMatchObject({ resourceVersion: '7', continueToken: '' });
    expect(list).not.toHaveProperty('remainingItemCount');
    expect([...(list?.items ?? [1])]).toEqual([]);
  });

  it.each([
    ['no JSON', '{"items":[],"metadata":{"resourceVersion":"7"}'],
    ['a Status', '{"kind":"Status","code":500}'],
    ['no resourceVersion', '{"items":[],"metadata":{}}'],
    ['items that are no array', '{"items":{},"metadata":{"resourceVersion":"7"}}'],
    ['items twice', '{"items":[],"items":[{"metadata":{"name":"a"}}],"metadata":{"resourceVersion":"7"}}'],
    ['an array', '[]'],
  ])('is none: %s', (_, text) => {
    expect(listPageOf(text, SERVICE)).toBeNull();
  });

  it.each([
    ['is no object', '1'],
    ['has no name', '{"metadata":{}}'],
    ['is no JSON', '{"secret":hunter2}'],
  ])('names no content of an item that %s', (_, item) => {
    const text = `{"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"}},${item}]}`;
    const read = (): unknown => [...(listPageOf(text, SERVICE)?.items ?? [])];
    expect(read).toThrow(
      expect.objectContaining({ reason: 'BadAnswer', message: expect.not.stringContaining('hunter2') }),
    );
  });
});
