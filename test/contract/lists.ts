/** Lists: pages, selectors, versions. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, dig, items, type Json, namesOf, type Query, versionOf } from './client.ts';
import { core, failure, type GetSubject, service, useNamespace } from './subject.ts';

const LABELS: Readonly<Record<string, Record<string, string>>> = {
  a: { app: 'web', tier: 'front' },
  b: { app: 'web', tier: 'back' },
  c: { app: 'db' },
  d: {},
  e: { app: '' },
};

// Not ConfigMaps: a cluster's controllers put one of their own into each namespace.
const secret = (name: string, labels: Record<string, string> = {}): Json => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, labels },
});

export function listContract(subject: GetSubject): void {
  describe('lists', () => {
    const namespace = useNamespace(subject);
    const list = (query: Query = {}): Promise<Answer> => subject().api.get(core(namespace(), 'secrets'), query);

    beforeAll(async () => {
      for (const [name, labels] of Object.entries(LABELS))
        await subject().api.post(core(namespace(), 'secrets'), secret(name, labels));
    });

    it('has the kind of a list and the version of the moment', async () => {
      const { body } = await list();
      expect(body).toMatchObject({ kind: 'SecretList', apiVersion: 'v1' });
      expect(versionOf(body)).toMatch(/^[1-9]\d*$/);
      expect(namesOf(body)).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('has an empty array where nothing is', async () => {
      const { body } = await subject().api.get(core(namespace(), 'configmaps'), {
        labelSelector: 'none=such',
      });
      expect(body.items).toEqual([]);
    });

    it('comes in pages of one and the same moment', async () => {
      const first = await list({ limit: 2 });
      expect(namesOf(first.body)).toEqual(['a', 'b']);
      expect(dig(first.body, 'metadata', 'remainingItemCount')).toBe(3);
      // What changes meanwhile is not in it.
      await subject().api.post(core(namespace(), 'secrets'), secret('bb'));
      const second = await list({ limit: 2, continue: String(dig(first.body, 'metadata', 'continue')) });
      await subject().api.delete(core(namespace(), 'secrets', 'bb'));
      expect(namesOf(second.body)).toEqual(['c', 'd']);
      const third = await list({ limit: 2, continue: String(dig(second.body, 'metadata', 'continue')) });
      expect(namesOf(third.body)).toEqual(['e']);
      expect(dig(third.body, 'metadata', 'continue') ?? '').toBe('');
      expect([versionOf(second.body), versionOf(third.body)]).toEqual([versionOf(first.body), versionOf(first.body)]);
    });

    it('pages what a selector selects', async () => {
      const first = await list({ limit: 1, labelSelector: 'app=web' });
      const second = await list({
        limit: 1,
        labelSelector: 'app=web',
        continue: String(dig(first.body, 'metadata', 'continue')),
      });
      expect([...namesOf(first.body), ...namesOf(second.body)]).toEqual(['a', 'b']);
    });

    it('400: a continue token that is none', async () => {
      const { status, body } = await list({ limit: 1, continue: 'nonsense' });
      expect(status).toBe(400);
      expect(body).toMatchObject(failure(400, 'BadRequest'));
    });

    it('410: a continue token of a moment that is forgotten', async () => {
      // Events: a real server keeps no snapshots of them in memory.
      const events = core(namespace(), 'events');
      for (const name of ['x', 'y', 'z'])
        await subject().api.post(events, {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name },
          involvedObject: { kind: 'Service', namespace: namespace(), name: 'x' },
        });
      const first = await subject().api.get(events, { limit: 1 });
      await subject().api.delete(`${events}/z`);
      await subject().expireHistory();
      const token = String(dig(first.body, 'metadata', 'continue'));
      const { status, body } = await subject().api.get(events, { limit: 1, continue: token });
      expect(status).toBe(410);
      expect(body).toMatchObject(failure(410, 'Expired'));
    });

    it.each([
      ['app=web', ['a', 'b']],
      ['app==web,tier=front', ['a']],
      ['app!=web', ['c', 'd', 'e']],
      ['app in (web,db)', ['a', 'b', 'c']],
      ['app notin (web)', ['c', 'd', 'e']],
      ['app', ['a', 'b', 'c', 'e']],
      ['!app', ['d']],
      ['app=', ['e']],
      ['', ['a', 'b', 'c', 'd', 'e']],
    ])('selects by labels: %s', async (labelSelector, names) => {
      expect(namesOf((await list({ labelSelector })).body)).toEqual(names);
    });

    it.each([
      ['metadata.name=b', ['b']],
      ['metadata.name!=b', ['a', 'c', 'd', 'e']],
      ['metadata.name==a,metadata.name!=b', ['a']],
    ])('selects by fields: %s', async (fieldSelector, names) => {
      expect(namesOf((await list({ fieldSelector })).body)).toEqual(names);
    });

    it('selects over all namespaces', async () => {
      const { body } = await subject().api.get('/api/v1/secrets', {
        fieldSelector: `metadata.namespace=${namespace()}`,
      });
      expect(namesOf(body)).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('selects Services by type', async () => {
      const services = core(namespace(), 'services');
      await subject().api.post(services, service('plain'));
      await subject().api.post(services, service('balanced', { type: 'LoadBalancer' }));
      const { body } = await subject().api.get(services, { fieldSelector: 'spec.type=LoadBalancer' });
      expect(namesOf(body)).toEqual(['balanced']);
      const others = await subject().api.get(services, { fieldSelector: 'spec.type!=LoadBalancer' });
      expect(namesOf(others.body)).toEqual(['plain']);
    });

    it.each([
      ['any version', { resourceVersion: '0' }],
      ['not older than the newest', { resourceVersion: 'newest', resourceVersionMatch: 'NotOlderThan' }],
      ['exactly the newest', { resourceVersion: 'newest', resourceVersionMatch: 'Exact' }],
    ])('lists as of %s', async (_, query: Record<string, string>) => {
      const newest = versionOf((await list()).body);
      const resourceVersion = query.resourceVersion === 'newest' ? newest : '0';
      const { status, body } = await list({ ...query, resourceVersion });
      expect(status).toBe(200);
      expect(namesOf(body)).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('lists as of an exact version of the past', async () => {
      const before = versionOf((await list()).body);
      await subject().api.post(core(namespace(), 'secrets'), secret('later'));
      const { body } = await list({ resourceVersion: before, resourceVersionMatch: 'Exact' });
      await subject().api.delete(core(namespace(), 'secrets', 'later'));
      expect(namesOf(body)).not.toContain('later');
      expect(versionOf(body)).toBe(before);
    });

    it.each([
      { resourceVersionMatch: 'Exact' },
      { resourceVersion: '0', resourceVersionMatch: 'Exact' },
      { resourceVersion: '1', resourceVersionMatch: 'Nonsense' },
    ])('refuses a version that cannot be meant: %o', async (query) => {
      const { status, body } = await list(query);
      expect(status).toBe(422);
      expect(body).toMatchObject({ reason: 'Invalid' });
    });

    it('gives metadata alone where that is asked for', async () => {
      const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
      const { body } = await subject().api.get(core(namespace(), 'secrets'), {}, { accept });
      expect(body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
      expect(namesOf(body)).toContain('a');
      expect(items(body).every((item) => item.type === undefined)).toBe(true);
    });
  });
}
