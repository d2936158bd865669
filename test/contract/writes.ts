/** Create, update, delete: identity, optimistic concurrency, preconditions, finalizers, dry runs, unknown fields. */
import { describe, expect, it } from 'vitest';
import { type Answer, dig, items, namesOf, uidOf, versionOf } from './client.ts';
import {
  causesOf,
  configMap,
  core,
  failure,
  type GetSubject,
  grouped,
  service,
  useNamespace,
  withFields,
  withMetadata,
} from './subject.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function writeContract(subject: GetSubject): void {
  describe('create', () => {
    const namespace = useNamespace(subject);
    const maps = (name?: string): string => core(namespace(), 'configmaps', name);

    it('gives identity, version and time', async () => {
      const { status, body } = await subject().api.post(maps(), configMap('made', { a: '1' }));
      expect(status).toBe(201);
      expect(body).toMatchObject({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: 'made',
          namespace: namespace(),
          uid: expect.stringMatching(UUID),
          resourceVersion: expect.stringMatching(/^\d+$/),
          creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        },
        data: { a: '1' },
      });
      expect((await subject().api.get(maps('made'))).body).toEqual(body);
    });

    it('ignores identity that the client makes up', async () => {
      const metadata = { uid: 'mine', creationTimestamp: '2001-01-01T00:00:00Z', selfLink: '/x', generation: 7 };
      const { body } = await subject().api.post(maps(), configMap('claims', {}, metadata));
      expect(dig(body, 'metadata', 'uid')).toMatch(UUID);
      expect(dig(body, 'metadata', 'creationTimestamp')).not.toBe('2001-01-01T00:00:00Z');
    });

    it('409: the name is taken', async () => {
      await subject().api.post(maps(), configMap('taken'));
      const { status, body } = await subject().api.post(maps(), configMap('taken'));
      expect(status).toBe(409);
      expect(body).toMatchObject({
        ...failure(409, 'AlreadyExists'),
        message: 'configmaps "taken" already exists',
        details: { name: 'taken', kind: 'configmaps' },
      });
    });

    it('makes names up', async () => {
      const make = () =>
        subject().api.post(maps(), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'some-' } });
      const names = [await make(), await make()].map(({ body }) => String(dig(body, 'metadata', 'name')));
      for (const name of names) expect(name).toMatch(/^some-[a-z0-9]{5}$/);
      expect(names[0]).not.toBe(names[1]);
    });

    it('reads YAML too', async () => {
      const { status, body } = await subject().api.request('POST', maps(), {
        body: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: "1"\n',
        contentType: 'application/yaml',
      });
      expect(status).toBe(201);
      expect(dig(body, 'data')).toEqual({ a: '1' });
    });

    it('takes the namespace of the path', async () => {
      const { body } = await subject().api.post(maps(), configMap('placed', {}, { namespace: namespace() }));
      expect(dig(body, 'metadata', 'namespace')).toBe(namespace());
    });

    it('does nothing in a dry run but answer', async () => {
      const { status, body } = await subject().api.post(maps(), configMap('dry'), { dryRun: 'All' });
      expect(status).toBe(201);
      expect(dig(body, 'metadata', 'uid')).toMatch(UUID);
      expect((await subject().api.get(maps('dry'))).status).toBe(404);
    });

    it('refuses in a dry run what it would refuse', async () => {
      const { status } = await subject().api.post(maps(), configMap('Not_A_Name'), { dryRun: 'All' });
      expect(status).toBe(422);
      expect((await subject().api.post(maps(), configMap('x'), { dryRun: 'Some' })).status).toBe(422);
    });

    describe('with unknown fields', () => {
      const odd = (name: string) => service(name, { nonsense: 1, ports: [{ port: 80, nonsense: 2 }] });
      const services = (): string => core(namespace(), 'services');

      it('refuses them under fieldValidation=Strict', async () => {
        const { status, body } = await subject().api.post(services(), odd('strict'), { fieldValidation: 'Strict' });
        expect(status).toBe(400);
        expect(body).toMatchObject(failure(400, 'BadRequest'));
        expect(dig(body, 'message')).toContain('strict decoding error');
        expect(dig(body, 'message')).toContain('unknown field "spec.nonsense"');
        expect(dig(body, 'message')).toContain('unknown field "spec.ports[0].nonsense"');
      });

      it('warns of them under fieldValidation=Warn, and without', async () => {
        const expected = ['unknown field "spec.nonsense"', 'unknown field "spec.ports[0].nonsense"'];
        const asked = await subject().api.post(services(), odd('warned'), { fieldValidation: 'Warn' });
        expect(asked.status).toBe(201);
        expect(asked.warnings.toSorted()).toEqual(expected);
        expect(dig(asked.body, 'spec', 'nonsense')).toBeUndefined();
        const unasked = await subject().api.post(services(), odd('unasked'));
        expect(unasked.warnings.toSorted()).toEqual(expected);
      });

      it('drops them under fieldValidation=Ignore', async () => {
        const { status, warnings, body } = await subject().api.post(services(), odd('ignored'), {
          fieldValidation: 'Ignore',
        });
        expect([status, warnings]).toEqual([201, []]);
        expect(dig(body, 'spec', 'ports', 0, 'nonsense')).toBeUndefined();
      });

      it('refuses a field that stands twice', async () => {
        const body = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice"},"data":{"a":"1"},"data":{}}';
        const { status, body: said } = await subject().api.request('POST', maps(), {
          body,
          query: { fieldValidation: 'Strict' },
        });
        expect(status).toBe(400);
        expect(dig(said, 'message')).toContain('duplicate field "data"');
      });

      it('knows no other way', async () => {
        const { status } = await subject().api.post(maps(), configMap('x'), { fieldValidation: 'Sometimes' });
        expect(status).toBe(422);
      });
    });
  });

  describe('update', () => {
    const namespace = useNamespace(subject);
    const maps = (name?: string): string => core(namespace(), 'configmaps', name);
    const make = async (name: string, data = {}): Promise<Answer> => subject().api.post(maps(), configMap(name, data));

    it('replaces', async () => {
      const { body } = await make('replaced', { a: '1', b: '2' });
      const { status, body: after } = await subject().api.put(maps('replaced'), withFields(body, { data: { c: '3' } }));
      expect(status).toBe(200);
      expect(after.data).toEqual({ c: '3' });
      expect(uidOf(after)).toBe(uidOf(body));
      expect(BigInt(versionOf(after))).toBeGreaterThan(BigInt(versionOf(body)));
    });

    it('409: the version is not the newest', async () => {
      const { body } = await make('stale');
      await subject().api.put(maps('stale'), withFields(body, { data: { a: '1' } }));
      const { status, body: said } = await subject().api.put(maps('stale'), withFields(body, { data: { a: '2' } }));
      expect(status).toBe(409);
      expect(said).toMatchObject({
        ...failure(409, 'Conflict'),
        message:
          'Operation cannot be fulfilled on configmaps "stale": the object has been modified; ' +
          'please apply your changes to the latest version and try again',
        details: { name: 'stale', kind: 'configmaps' },
      });
    });

    it('409: another object was there', async () => {
      const { body } = await make('reborn');
      await subject().api.delete(maps('reborn'));
      await make('reborn');
      const changed = withMetadata(withFields(body, { data: { a: '1' } }), { resourceVersion: undefined });
      const { status, body: said } = await subject().api.put(maps('reborn'), changed);
      expect(status).toBe(409);
      expect(dig(said, 'message')).toContain('Precondition failed: UID in precondition');
    });

    it('needs no version where the kind allows that', async () => {
      await make('unversioned', { a: '1' });
      const { status, body } = await subject().api.put(maps('unversioned'), configMap('unversioned', { a: '2' }));
      expect([status, dig(body, 'data', 'a')]).toEqual([200, '2']);
    });

    it('changes no version where it changes nothing', async () => {
      const { body } = await make('unchanged', { a: '1' });
      const { body: after } = await subject().api.put(maps('unchanged'), body);
      expect(versionOf(after)).toBe(versionOf(body));
    });

    it('404: nothing is there', async () => {
      const { status, body } = await subject().api.put(maps('absent'), configMap('absent'));
      expect(status).toBe(404);
      expect(body).toMatchObject(failure(404, 'NotFound'));
    });

    it('does nothing in a dry run', async () => {
      const { body } = await make('rehearsed', { a: '1' });
      const changed = withFields(body, { data: { a: '2' } });
      const { body: answer } = await subject().api.put(maps('rehearsed'), changed, { dryRun: 'All' });
      expect(dig(answer, 'data', 'a')).toBe('2');
      expect((await subject().api.get(maps('rehearsed'))).body).toEqual(body);
    });

    it('counts generations of what is wanted, not of metadata or status', async () => {
      const path = grouped('apps/v1', namespace(), 'deployments');
      const pod = {
        metadata: { labels: { a: 'b' } },
        spec: { containers: [{ name: 'c', image: 'i' }] },
      };
      const { body } = await subject().api.post(path, {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'generations' },
        spec: { replicas: 0, selector: { matchLabels: { a: 'b' } }, template: pod },
      });
      expect(dig(body, 'metadata', 'generation')).toBe(1);
      const at = `${path}/generations`;
      const labelled = await subject().api.patch('merge', at, { metadata: { labels: { x: 'y' } } });
      expect(dig(labelled.body, 'metadata', 'generation')).toBe(1);
      const reported = await subject().api.patch('merge', `${at}/status`, { status: { observedGeneration: 1 } });
      expect(dig(reported.body, 'metadata', 'generation')).toBe(1);
      const paused = await subject().api.patch('merge', at, { spec: { paused: true } });
      expect(dig(paused.body, 'metadata', 'generation')).toBe(2);
    });

    it('refuses to change what is immutable', async () => {
      await subject().api.post(maps(), { ...configMap('fixed', { a: '1' }), immutable: true });
      const { status, body } = await subject().api.patch('merge', maps('fixed'), { data: { a: '2' } });
      expect(status).toBe(422);
      expect(causesOf(body)).toEqual(['data: FieldValueForbidden']);
    });
  });

  describe('delete', () => {
    const namespace = useNamespace(subject);
    const maps = (name?: string): string => core(namespace(), 'configmaps', name);
    const make = async (name: string, metadata = {}): Promise<Answer> =>
      subject().api.post(maps(), configMap(name, {}, metadata));

    it('removes, and says what', async () => {
      const { body } = await make('gone');
      const { status, body: said } = await subject().api.delete(maps('gone'));
      expect(status).toBe(200);
      expect(said).toMatchObject({
        kind: 'Status',
        status: 'Success',
        details: { name: 'gone', kind: 'configmaps', uid: uidOf(body) },
      });
      expect((await subject().api.get(maps('gone'))).status).toBe(404);
      expect((await subject().api.delete(maps('gone'))).status).toBe(404);
    });

    it.each([
      ['uid', { uid: '00000000-0000-4000-8000-000000000000' }],
      ['resourceVersion', { resourceVersion: '1' }],
    ])('409: another %s than the precondition', async (key, preconditions) => {
      await make(`kept-${key.toLowerCase()}`);
      const { status, body } = await subject().api.delete(maps(`kept-${key.toLowerCase()}`), {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions,
      });
      expect(status).toBe(409);
      expect(body).toMatchObject(failure(409, 'Conflict'));
    });

    it('removes where the preconditions hold', async () => {
      const { body } = await make('meant');
      const preconditions = { uid: uidOf(body), resourceVersion: versionOf(body) };
      const { status } = await subject().api.delete(maps('meant'), { preconditions });
      expect(status).toBe(200);
    });

    it('does nothing in a dry run', async () => {
      await make('spared');
      expect((await subject().api.delete(maps('spared'), undefined, { dryRun: 'All' })).status).toBe(200);
      expect((await subject().api.get(maps('spared'))).status).toBe(200);
    });

    it('waits for finalizers', async () => {
      const { api } = subject();
      const { body } = await make('finalized', { finalizers: ['contract.example.com/hold'] });
      using watch = await api.watch(maps(), { resourceVersion: versionOf(body) });
      const { status, body: said } = await api.delete(maps('finalized'));
      expect(status).toBe(200);
      expect(dig(said, 'metadata', 'deletionTimestamp')).toMatch(/Z$/);
      const waiting = await api.get(maps('finalized'));
      expect(dig(waiting.body, 'metadata', 'deletionTimestamp')).toMatch(/Z$/);
      await api.patch('merge', maps('finalized'), { metadata: { finalizers: null } });
      expect((await api.get(maps('finalized'))).status).toBe(404);
      expect(await watch.take(2)).toEqual(['MODIFIED finalized', 'DELETED finalized']);
    });

    it('does not let new finalizers in when the end has begun', async () => {
      const { api } = subject();
      await make('ending', { finalizers: ['contract.example.com/hold'] });
      await api.delete(maps('ending'));
      const { status } = await api.patch('merge', maps('ending'), {
        metadata: { finalizers: ['contract.example.com/hold', 'contract.example.com/more'] },
      });
      expect(status).toBe(422);
      await api.patch('merge', maps('ending'), { metadata: { finalizers: null } });
    });

    it('removes a selection of a collection', async () => {
      for (const name of ['c1', 'c2']) await make(name, { labels: { sweep: 'yes' } });
      await make('c3');
      const { status, body } = await subject().api.delete(maps(), undefined, { labelSelector: 'sweep=yes' });
      expect(status).toBe(200);
      expect(namesOf(body).toSorted()).toEqual(['c1', 'c2']);
      const left = namesOf((await subject().api.get(maps())).body);
      expect(left).toContain('c3');
      expect(left).not.toContain('c1');
    });
  });

  describe('managed fields', () => {
    const namespace = useNamespace(subject);

    it('say who wrote what by plain writes', async () => {
      const path = core(namespace(), 'configmaps');
      await subject().api.post(path, configMap('managed', { a: '1' }), { fieldManager: 'maker' });
      const { body } = await subject().api.patch(
        'merge',
        `${path}/managed`,
        { data: { b: '2' } },
        { fieldManager: 'mender' },
      );
      const entries = items({ items: dig(body, 'metadata', 'managedFields') });
      expect(entries.map((entry) => [entry.manager, entry.operation, entry.apiVersion])).toEqual([
        ['maker', 'Update', 'v1'],
        ['mender', 'Update', 'v1'],
      ]);
      expect(entries[0]).toMatchObject({ fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:a': {} } } });
      expect(entries[1]).toMatchObject({ fieldsV1: { 'f:data': { 'f:b': {} } } });
      expect(entries[0]?.time).toMatch(/Z$/);
    });
  });
}
