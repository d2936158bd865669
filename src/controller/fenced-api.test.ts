import { expect, it } from 'vitest';
import { SERVICE } from '../kube/resource-types.ts';
import { MemoryApi } from '../kube/testing/memory-api.ts';
import { fencedApi } from './fenced-api.ts';

it('lets no write through while one may not write, and every read', async () => {
  const memory = new MemoryApi();
  const service = memory.create(SERVICE, { metadata: { namespace: 'default', name: 'shop' }, spec: {} });
  let may = true;
  const api = fencedApi(memory.client('us'), () => may);
  const { signal } = new AbortController();
  const key = { namespace: 'default', name: 'shop' };
  const labelled = { type: 'merge', body: { metadata: { labels: { a: 'b' } } } } as const;
  await api.patch(SERVICE, key, labelled, signal);
  const writes = memory.writes.length;
  may = false;
  for (const refused of [
    api.patch(SERVICE, key, labelled, signal),
    api.create(SERVICE, { ...service, metadata: { ...service.metadata, name: 'other' } }, signal),
    api.replace(SERVICE, service, signal),
    api.delete(SERVICE, key, signal),
  ])
    await expect(refused).rejects.toMatchObject({ status: 0, reason: 'NotLeading' });
  expect(memory.writes).toHaveLength(writes);
  expect((await api.get(SERVICE, key, signal)).metadata.labels).toEqual({ a: 'b' });
  expect((await api.list(SERVICE, { namespace: '' }, {}, signal)).items).toHaveLength(1);
});
