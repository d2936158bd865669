/** Watches: which events come, in which order, with which versions, and when they cannot be had. */
import { describe, expect, it } from 'vitest';
import { type ApiClient, dig, versionOf, type Watch } from './client.ts';
import { configMap, core, type GetSubject, service, useNamespace } from './subject.ts';

const listVersion = async (api: ApiClient, path: string): Promise<string> => versionOf((await api.get(path)).body);

async function nextEvent(watch: Watch): Promise<{ readonly type: string; readonly object: unknown }> {
  const event = await watch.next();
  if (event === undefined) throw new Error('the watch has ended');
  return event;
}

export function watchContract(subject: GetSubject): void {
  describe('watches', () => {
    const namespace = useNamespace(subject);
    const maps = (name?: string): string => core(namespace(), 'configmaps', name);

    it('tells what happens after a version, each with a newer one', async () => {
      const { api } = subject();
      const resourceVersion = await listVersion(api, maps());
      // A cluster puts a ConfigMap of its own into each namespace, sooner or later.
      using watch = await api.watch(maps(), { resourceVersion, fieldSelector: 'metadata.name=told' });
      await api.post(maps(), configMap('told', { a: '1' }));
      await api.patch('merge', maps('told'), { data: { a: '2' } });
      await api.delete(maps('told'));
      const events = [await nextEvent(watch), await nextEvent(watch), await nextEvent(watch)];
      expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
      expect(events.map(({ object }) => dig(object, 'data', 'a'))).toEqual(['1', '2', '2']);
      const versions = [resourceVersion, ...events.map(({ object }) => versionOf(object))].map(BigInt);
      expect(versions).toEqual(versions.toSorted((a, b) => (a < b ? -1 : 1)));
      expect(new Set(versions).size).toBe(4);
    });

    it('tells what happened between the version and the watch', async () => {
      const { api } = subject();
      const resourceVersion = await listVersion(api, maps());
      await api.post(maps(), configMap('between'));
      await api.delete(maps('between'));
      using watch = await api.watch(maps(), { resourceVersion, fieldSelector: 'metadata.name=between' });
      expect(await watch.take(2)).toEqual(['ADDED between', 'DELETED between']);
    });

    it.each([{ resourceVersion: '0' }, {}])('begins with what is there: %o', async (query) => {
      const { api } = subject();
      await api.post(maps(), configMap('there'));
      using watch = await api.watch(maps(), { ...query, fieldSelector: 'metadata.name=there' });
      expect(await watch.take(1)).toEqual(['ADDED there']);
      await api.delete(maps('there'));
      expect(await watch.take(1)).toEqual(['DELETED there']);
    });

    it('sends an object that leaves or enters a label selection as deleted or added', async () => {
      const { api } = subject();
      const resourceVersion = await listVersion(api, maps());
      using watch = await api.watch(maps(), { resourceVersion, labelSelector: 'in=yes' });
      await api.post(maps(), configMap('mover'));
      await api.patch('merge', maps('mover'), { metadata: { labels: { in: 'yes' } } });
      await api.patch('merge', maps('mover'), { data: { a: '1' } });
      await api.patch('merge', maps('mover'), { metadata: { labels: { in: null } } });
      await api.delete(maps('mover'));
      await api.post(maps(), configMap('end', {}, { labels: { in: 'yes' } }));
      expect(await watch.take(4)).toEqual(['ADDED mover', 'MODIFIED mover', 'DELETED mover', 'ADDED end']);
    });

    it('sends a Service that stops to be a LoadBalancer as deleted', async () => {
      const { api } = subject();
      const services = core(namespace(), 'services');
      const resourceVersion = await listVersion(api, services);
      using watch = await api.watch(services, { resourceVersion, fieldSelector: 'spec.type=LoadBalancer' });
      await api.post(services, service('web', { type: 'LoadBalancer' }));
      await api.patch('merge', `${services}/web`, { spec: { type: 'ClusterIP' } });
      await api.patch('merge', `${services}/web`, { spec: { type: 'LoadBalancer' } });
      expect(await watch.take(3)).toEqual(['ADDED web', 'DELETED web', 'ADDED web']);
    });

    it('keeps to one namespace, or covers all', async () => {
      const { api } = subject();
      const resourceVersion = await listVersion(api, maps());
      using elsewhere = await api.watch(core('default', 'configmaps'), { resourceVersion });
      using everywhere = await api.watch('/api/v1/configmaps', { resourceVersion });
      await api.post(maps(), configMap('here'));
      await api.post(core('default', 'configmaps'), configMap(namespace()));
      expect(await everywhere.take(2)).toEqual(['ADDED here', `ADDED ${namespace()}`]);
      expect(await elsewhere.take(1)).toEqual([`ADDED ${namespace()}`]);
      await api.delete(core('default', 'configmaps', namespace()));
    });

    it('sends no event for a write that changed nothing', async () => {
      const { api } = subject();
      await api.post(maps(), configMap('same', { a: '1' }));
      const resourceVersion = await listVersion(api, maps());
      using watch = await api.watch(maps(), { resourceVersion });
      await api.patch('merge', maps('same'), { data: { a: '1' } });
      await api.post(maps(), configMap('after'));
      expect(await watch.take(1)).toEqual(['ADDED after']);
    });

    it('ends when its time is up', async () => {
      const { api } = subject();
      const resourceVersion = await listVersion(api, core(namespace(), 'secrets'));
      using watch = await api.watch(core(namespace(), 'secrets'), { resourceVersion, timeoutSeconds: 1 });
      expect(await watch.next()).toBeUndefined();
    });

    it('sends a bookmark in time before the end, with a version to go on from', async () => {
      const { api } = subject();
      const secrets = core(namespace(), 'secrets');
      const resourceVersion = await listVersion(api, secrets);
      using watch = await api.watch(secrets, { resourceVersion, timeoutSeconds: 6, allowWatchBookmarks: true });
      // Something of the kind that this watch does not see: only for that are bookmarks promised.
      const elsewhere = core('default', 'secrets');
      await api.post(elsewhere, { apiVersion: 'v1', kind: 'Secret', metadata: { name: namespace() } });
      await api.delete(`${elsewhere}/${namespace()}`);
      const { type, object } = await nextEvent(watch);
      expect(type).toBe('BOOKMARK');
      expect(object).toMatchObject({ kind: 'Secret', apiVersion: 'v1' });
      expect(BigInt(versionOf(object))).toBeGreaterThanOrEqual(BigInt(resourceVersion));
      using next = await api.watch(secrets, { resourceVersion: versionOf(object) });
      await api.post(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'bookmarked' } });
      expect(await next.take(1)).toEqual(['ADDED bookmarked']);
    });

    it('streams the initial state and marks its end where a client asks for that', async () => {
      const { api } = subject();
      await api.post(maps(), configMap('initial'));
      using watch = await api.watch(maps(), {
        sendInitialEvents: true,
        resourceVersionMatch: 'NotOlderThan',
        allowWatchBookmarks: true,
        fieldSelector: 'metadata.name=initial',
      });
      const events = [await nextEvent(watch), await nextEvent(watch)];
      expect(events.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK']);
      expect(dig(events[1]?.object, 'metadata', 'annotations')).toEqual({ 'k8s.io/initial-events-end': 'true' });
    });

    it('refuses a version that is none', async () => {
      const { status, body } = await subject().api.get(maps(), { watch: true, resourceVersion: 'nonsense' });
      // kube-apiserver says 500 here, though the message is that of a bad request.
      expect([400, 500]).toContain(status);
      expect(body).toMatchObject({ kind: 'Status', status: 'Failure', code: status });
    });

    it('has a Table for each event where that is asked for', async () => {
      const { api } = subject();
      await api.post(maps(), configMap('tabled'));
      const answer = await api.request('GET', maps(), {
        query: { watch: true, timeoutSeconds: 1, fieldSelector: 'metadata.name=tabled' },
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
      });
      expect(JSON.parse(answer.text.split('\n')[0] ?? '')).toMatchObject({
        type: 'ADDED',
        object: { kind: 'Table', rows: [{ cells: expect.arrayContaining(['tabled']) }] },
      });
    });
  });
}
