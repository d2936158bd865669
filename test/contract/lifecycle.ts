/** What happens to objects that belong to something: namespaces that end, dependents whose owner is gone. */
import { describe, expect, it } from 'vitest';
import { dig, type Json, uidOf } from './client.ts';
import { configMap, core, eventuallyGone, failure, type GetSubject, randomName, useNamespace } from './subject.ts';

export function lifecycleContract(subject: GetSubject): void {
  describe('namespaces', () => {
    const make = (name: string): Promise<unknown> =>
      subject().api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

    it('are active and know their name', async () => {
      const name = randomName('active');
      await make(name);
      const { body } = await subject().api.get(`/api/v1/namespaces/${name}`);
      expect(body).toMatchObject({
        metadata: { labels: { 'kubernetes.io/metadata.name': name } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      });
      await subject().api.delete(`/api/v1/namespaces/${name}`);
    });

    it('take what is in them along', async () => {
      const { api } = subject();
      const name = randomName('taken');
      await make(name);
      await api.post(core(name, 'configmaps'), configMap('inside'));
      const { status } = await api.delete(`/api/v1/namespaces/${name}`);
      expect(status).toBe(200);
      await eventuallyGone(api, `/api/v1/namespaces/${name}`);
      expect((await api.get(core(name, 'configmaps', 'inside'))).status).toBe(404);
    });

    it('let nothing new in while they end', async () => {
      const { api } = subject();
      const name = randomName('ending');
      await make(name);
      const held = { finalizers: ['contract.example.com/hold'] };
      await api.post(core(name, 'configmaps'), configMap('held', {}, held));
      await api.delete(`/api/v1/namespaces/${name}`);
      expect(dig((await api.get(`/api/v1/namespaces/${name}`)).body, 'status', 'phase')).toBe('Terminating');
      const { status, body } = await api.post(core(name, 'configmaps'), configMap('late'));
      expect(status).toBe(403);
      expect(body).toMatchObject(failure(403, 'Forbidden'));
      expect(dig(body, 'details', 'causes')).toContainEqual(
        expect.objectContaining({ reason: 'NamespaceTerminating' }),
      );
      await api.patch('merge', core(name, 'configmaps', 'held'), { metadata: { finalizers: null } });
      await eventuallyGone(api, `/api/v1/namespaces/${name}`);
    });

    it('422: a name that cannot be one of DNS', async () => {
      const { status } = await subject().api.post('/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'with.dot' },
      });
      expect(status).toBe(422);
    });
  });

  describe('owners', () => {
    const namespace = useNamespace(subject);
    const maps = (name?: string): string => core(namespace(), 'configmaps', name);
    const owner = (object: unknown): Json => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: dig(object, 'metadata', 'name'),
      uid: uidOf(object),
    });

    it.each(['Background', 'Foreground'])('take their dependents along (%s)', async (propagationPolicy) => {
      const { api } = subject();
      const name = propagationPolicy.toLowerCase();
      const { body } = await api.post(maps(), configMap(name));
      await api.post(maps(), configMap(`${name}-child`, {}, { ownerReferences: [owner(body)] }));
      await api.delete(maps(name), { propagationPolicy });
      await eventuallyGone(api, maps(`${name}-child`));
      await eventuallyGone(api, maps(name));
    });

    it('leave a dependent that has another owner', async () => {
      const { api } = subject();
      const one = await api.post(maps(), configMap('one'));
      const two = await api.post(maps(), configMap('two'));
      const ownerReferences = [owner(one.body), owner(two.body)];
      await api.post(maps(), configMap('child', {}, { ownerReferences }));
      await api.post(maps(), configMap('only-child', {}, { ownerReferences: [owner(one.body)] }));
      await api.delete(maps('one'), { propagationPolicy: 'Background' });
      await eventuallyGone(api, maps('only-child'));
      expect((await api.get(maps('child'))).status).toBe(200);
      await api.delete(maps('two'), { propagationPolicy: 'Background' });
      await eventuallyGone(api, maps('child'));
    });

    it('leave their dependents as orphans where that is wanted', async () => {
      const { api } = subject();
      const { body } = await api.post(maps(), configMap('parent'));
      await api.post(maps(), configMap('orphan', {}, { ownerReferences: [owner(body)] }));
      await api.delete(maps('parent'), { propagationPolicy: 'Orphan' });
      await eventuallyGone(api, maps('parent'));
      const orphan = await api.get(maps('orphan'));
      expect(orphan.status).toBe(200);
      expect(dig(orphan.body, 'metadata', 'ownerReferences')).toBeUndefined();
    });

    it('of another life do not count', async () => {
      const { api } = subject();
      const { body } = await api.post(maps(), configMap('reborn'));
      await api.delete(maps('reborn'));
      await api.post(maps(), configMap('reborn'));
      await api.post(maps(), configMap('stray', {}, { ownerReferences: [owner(body)] }));
      await eventuallyGone(api, maps('stray'));
    });
  });
}
