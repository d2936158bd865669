/** Server-side apply: who owns which field, what happens when two say it, and when one says it no more. */
import { describe, expect, it } from 'vitest';
import { type Answer, dig, type Json, uidOf, versionOf } from './client.ts';
import { causesOf, configMap, core, failure, type GetSubject, service, useNamespace } from './subject.ts';

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1: Json;
}

const entriesOf = (object: Json): readonly Entry[] =>
  (dig(object, 'metadata', 'managedFields') ?? []) as readonly Entry[];

const entryOf = (object: Json, manager: string): Entry | undefined =>
  entriesOf(object).find((entry) => entry.manager === manager);

export function applyContract(subject: GetSubject): void {
  describe('apply', () => {
    const namespace = useNamespace(subject);
    const maps = (name: string): string => core(namespace(), 'configmaps', name);
    const apply = (name: string, data: Json, fieldManager: string, query: Json = {}): Promise<Answer> =>
      subject().api.patch('apply', maps(name), configMap(name, data), {
        fieldManager,
        ...(query as { force: boolean }),
      });

    it('creates, and then changes', async () => {
      const { status, body } = await apply('made', { a: '1' }, 'one');
      expect(status).toBe(201);
      expect(entriesOf(body)).toEqual([
        {
          manager: 'one',
          operation: 'Apply',
          apiVersion: 'v1',
          time: expect.stringMatching(/Z$/),
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:data': { 'f:a': {} } },
        },
      ]);
      const again = await apply('made', { a: '2' }, 'one');
      expect([again.status, dig(again.body, 'data', 'a')]).toEqual([200, '2']);
    });

    it('changes nothing, not even the version, where nothing is new', async () => {
      const { body } = await apply('same', { a: '1' }, 'one');
      const again = await apply('same', { a: '1' }, 'one');
      expect(again.body).toEqual(body);
    });

    it('needs to know who applies', async () => {
      const { status, body } = await subject().api.patch('apply', maps('anonymous'), configMap('anonymous'));
      expect(status).toBe(422);
      expect(dig(body, 'message')).toContain('fieldManager: Required value');
    });

    it('409: another manager says otherwise', async () => {
      await apply('contested', { a: '1', b: '1' }, 'one');
      const { status, body } = await apply('contested', { a: '2', c: '1' }, 'two');
      expect(status).toBe(409);
      expect(body).toMatchObject({
        ...failure(409, 'Conflict'),
        message: expect.stringContaining('Apply failed with 1 conflict: conflict with "one": .data.a'),
      });
      expect(dig(body, 'details', 'causes')).toEqual([
        { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' },
      ]);
    });

    it('takes fields over by force', async () => {
      await apply('forced', { a: '1', b: '1' }, 'one');
      const { status, body } = await apply('forced', { a: '2' }, 'two', { force: true });
      expect([status, body.data]).toEqual([200, { a: '2', b: '1' }]);
      expect(entryOf(body, 'one')?.fieldsV1).toEqual({ 'f:data': { 'f:b': {} } });
      expect(entryOf(body, 'two')?.fieldsV1).toEqual({ 'f:data': { 'f:a': {} } });
    });

    it('shares a field on which both agree', async () => {
      await apply('shared', { a: '1' }, 'one');
      const { status, body } = await apply('shared', { a: '1' }, 'two');
      expect(status).toBe(200);
      for (const manager of ['one', 'two'])
        expect(entryOf(body, manager)?.fieldsV1).toEqual({ 'f:data': { 'f:a': {} } });
      // The one lets go, the other keeps it.
      const left = await apply('shared', {}, 'one');
      expect(dig(left.body, 'data', 'a')).toBe('1');
      const gone = await apply('shared', {}, 'two');
      expect(dig(gone.body, 'data', 'a')).toBeUndefined();
    });

    it('removes what is applied no more', async () => {
      await apply('shrunk', { a: '1', b: '1' }, 'one');
      await apply('shrunk', { c: '1' }, 'two');
      const { body } = await apply('shrunk', { a: '1' }, 'one');
      expect(body.data).toEqual({ a: '1', c: '1' });
    });

    it('leaves what others have written by plain writes', async () => {
      await subject().api.post(core(namespace(), 'configmaps'), configMap('plain', { a: '1' }));
      const { body } = await apply('plain', { b: '1' }, 'one');
      expect(body.data).toEqual({ a: '1', b: '1' });
      const conflict = await apply('plain', { a: '2' }, 'one');
      expect(conflict.status).toBe(409);
      expect(causesOf(conflict.body)).toEqual(['.data.a: FieldManagerConflict']);
    });

    it('loses a field to a plain write that changes it', async () => {
      await apply('overwritten', { a: '1' }, 'one');
      await subject().api.patch('merge', maps('overwritten'), { data: { a: '2' } }, { fieldManager: 'hand' });
      const { status, body } = await apply('overwritten', { a: '1' }, 'one');
      expect(status).toBe(409);
      expect(dig(body, 'message')).toContain('conflict with "hand"');
    });

    it('reads YAML', async () => {
      const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: "1" # a comment\n';
      const { status, body } = await subject().api.patch('apply', maps('yaml'), yaml, { fieldManager: 'one' });
      expect([status, body.data]).toEqual([201, { a: '1' }]);
    });

    it('owns labels and annotations one by one', async () => {
      const apply = (manager: string, labels: Json) =>
        subject().api.patch(
          'apply',
          maps('labelled'),
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'labelled', labels } },
          {
            fieldManager: manager,
          },
        );
      await apply('one', { a: '1' });
      const { body } = await apply('two', { b: '1' });
      expect(dig(body, 'metadata', 'labels')).toEqual({ a: '1', b: '1' });
      expect(entryOf(body, 'two')?.fieldsV1).toMatchObject({ 'f:metadata': { 'f:labels': { 'f:b': {} } } });
      const { body: after } = await apply('one', {});
      expect(dig(after, 'metadata', 'labels')).toEqual({ b: '1' });
    });

    it('merges lists by their keys', async () => {
      const path = core(namespace(), 'services', 'ports');
      const apply = (manager: string, port: number) =>
        subject().api.patch('apply', path, service('ports', { ports: [{ name: `p${port}`, port }] }), {
          fieldManager: manager,
        });
      await apply('one', 1);
      const { body } = await apply('two', 2);
      expect((dig(body, 'spec', 'ports') as readonly Json[]).map((port) => port.port)).toEqual([1, 2]);
      expect(dig(entryOf(body, 'two')?.fieldsV1, 'f:spec', 'f:ports')).toEqual({
        'k:{"port":2,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} },
      });
    });

    it('defaults, and owns no default', async () => {
      const path = core(namespace(), 'services', 'defaulted');
      const { body } = await subject().api.patch('apply', path, service('defaulted'), { fieldManager: 'one' });
      expect(dig(body, 'spec', 'type')).toBe('ClusterIP');
      expect(dig(entryOf(body, 'one')?.fieldsV1, 'f:spec', 'f:type')).toBeUndefined();
    });

    it('keeps status apart, as a subresource', async () => {
      const path = core(namespace(), 'services', 'reported');
      await subject().api.patch('apply', path, service('reported', { type: 'LoadBalancer' }), { fieldManager: 'one' });
      const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] } };
      const { body } = await subject().api.patch(
        'apply',
        `${path}/status`,
        { apiVersion: 'v1', kind: 'Service', metadata: { name: 'reported' }, status },
        { fieldManager: 'one' },
      );
      expect(body.status).toEqual(status);
      expect(entriesOf(body).map(({ manager, subresource }) => [manager, subresource])).toEqual(
        expect.arrayContaining([
          ['one', undefined],
          ['one', 'status'],
        ]),
      );
      // The main resource goes on not saying anything about status.
      const again = await subject().api.patch('apply', path, service('reported', { type: 'LoadBalancer' }), {
        fieldManager: 'one',
      });
      expect(again.body).toEqual(body);
    });

    it('422: another uid than the applied one', async () => {
      await apply('other', { a: '1' }, 'one');
      const metadata = { uid: '00000000-0000-4000-8000-000000000000' };
      const { status } = await subject().api.patch('apply', maps('other'), configMap('other', {}, metadata), {
        fieldManager: 'one',
      });
      expect(status).toBe(422);
    });

    it('409: another version than the applied one', async () => {
      const { body } = await apply('moved', { a: '1' }, 'one');
      await apply('moved', { a: '2' }, 'one');
      const metadata = { resourceVersion: versionOf(body), uid: uidOf(body) };
      const { status } = await subject().api.patch('apply', maps('moved'), configMap('moved', { a: '3' }, metadata), {
        fieldManager: 'one',
      });
      expect(status).toBe(409);
    });

    it.each([
      ['managed fields', { metadata: { name: 'bad', managedFields: [{ manager: 'x' }] } }],
      ['another name than the path', { metadata: { name: 'good' } }],
    ])('400: %s in what is applied', async (_, fields) => {
      const { status, body } = await subject().api.patch(
        'apply',
        maps('bad'),
        { ...configMap('bad'), ...fields },
        { fieldManager: 'one' },
      );
      expect(status).toBe(400);
      expect(body).toMatchObject(failure(400, 'BadRequest'));
    });

    it('does nothing in a dry run', async () => {
      const { status } = await apply('rehearsed', { a: '1' }, 'one', { dryRun: 'All' });
      expect(status).toBe(201);
      expect((await subject().api.get(maps('rehearsed'))).status).toBe(404);
    });

    it('forgets who owned what where a client says so', async () => {
      await apply('forgotten', { a: '1' }, 'one');
      const { body } = await subject().api.patch('merge', maps('forgotten'), { metadata: { managedFields: [{}] } });
      expect(entriesOf(body)).toEqual([]);
      // What nobody owns is as if it had been written before anybody applied anything.
      const { status, body: said } = await apply('forgotten', { a: '2' }, 'two');
      expect(status).toBe(409);
      expect(dig(said, 'message')).toContain('conflict with "before-first-apply"');
    });
  });
}
