import { expect, it } from 'vitest';
import { Pager } from './pager.ts';
import { SERVICE } from './resource-types.ts';
import { type KubeApi, KubeError, type KubeObject } from './types.ts';

const MB = 1024 * 1024;
const LARGEST_ANSWER = 16 * MB;

/** So many objects of so many bytes each, in an API whose answers are cut off where they are too large. */
function apiOf(sizes: readonly number[]) {
  const asked: { readonly limit: number; readonly from: number; readonly bytes: number }[] = [];
  const list: KubeApi['list'] = async (_, __, { limit = 0, continueToken = '0' }) => {
    const from = Number(continueToken);
    const page = sizes.slice(from, from + limit);
    const bytes = page.reduce((sum, size) => sum + size, 0);
    asked.push({ limit, from, bytes });
    if (bytes > LARGEST_ANSWER) throw new KubeError('too large', 0, 'TooLarge');
    const items = page.map((_, i): KubeObject => ({ apiVersion: 'v1', kind: 'X', metadata: { name: `${from + i}` } }));
    const end = from + page.length;
    return { resourceVersion: '1', items, continueToken: end < sizes.length ? String(end) : '', bytes };
  };
  return { asked, pager: new Pager({ list }, SERVICE) };
}

async function all(pager: Pager): Promise<readonly string[]> {
  const names: string[] = [];
  for (;;) {
    const page = await pager.next({ namespace: '' }, new AbortController().signal);
    names.push(...Array.from(page.items, ({ metadata }) => metadata.name));
    if (page.continueToken === '') return names;
  }
}

it('takes 500 small objects at once', async () => {
  const { asked, pager } = apiOf(Array.from({ length: 1_200 }, () => 1_500));
  expect(await all(pager)).toHaveLength(1_200);
  expect(asked.map(({ limit }) => limit)).toEqual([500, 500, 500]);
});

it('takes 500 objects of a megabyte in pages of two, and never more than 16 MiB', async () => {
  const { asked, pager } = apiOf(Array.from({ length: 500 }, () => MB));
  expect(new Set(await all(pager)).size).toBe(500);
  const taken = asked.filter(({ bytes }) => bytes <= LARGEST_ANSWER);
  expect(Math.max(...taken.map(({ bytes }) => bytes))).toBeLessThanOrEqual(LARGEST_ANSWER);
  expect(taken.slice(1).every(({ limit }) => limit === 2)).toBe(true);
  // What was asked for in vain is cut off at 16 MiB: twice, once for all.
  expect(asked).toHaveLength(taken.length + 2);
  // The next list knows.
  asked.length = 0;
  await all(pager);
  expect(asked.every(({ limit }) => limit === 2)).toBe(true);
});

it('takes large pages again once the objects are small', async () => {
  const { asked, pager } = apiOf([
    ...Array.from({ length: 20 }, () => MB),
    ...Array.from({ length: 2_000 }, () => 1_000),
  ]);
  expect(await all(pager)).toHaveLength(2_020);
  expect(asked.at(-1)?.limit).toBe(500);
});

it('says so where one object is too large', async () => {
  const { pager } = apiOf([17 * MB]);
  await expect(all(pager)).rejects.toThrow('too large');
});
