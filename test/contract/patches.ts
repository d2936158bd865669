/** Patches in their three old forms, with preconditions; server-side apply is in `applies.ts`. */
import { describe, expect, it } from 'vitest';
import { type Answer, dig, versionOf } from './client.ts';
import { causesOf, configMap, core, failure, type GetSubject, service, useNamespace } from './subject.ts';

export function patchContract(subject: GetSubject): void {
  describe('patches', () => {
    const namespace = useNamespace(subject);
    const maps = (name?: string): string => core(namespace(), 'configmaps', name);
    const services = (name?: string): string => core(namespace(), 'services', name);
    const make = async (name: string, data = {}, metadata = {}): Promise<Answer> =>
      subject().api.post(maps(), configMap(name, data, metadata));

    it('merge: null removes, objects are merged', async () => {
      await make('merged', { a: '1', b: '2' }, { labels: { x: 'y' } });
      const { status, body } = await subject().api.patch('merge', maps('merged'), {
        metadata: { labels: { z: 'w' } },
        data: { a: null, c: '3' },
      });
      expect(status).toBe(200);
      expect(body).toMatchObject({ metadata: { labels: { x: 'y', z: 'w' } }, data: { b: '2', c: '3' } });
      expect(dig(body, 'data', 'a')).toBeUndefined();
    });

    it('merge: arrays are replaced', async () => {
      await subject().api.post(
        services(),
        service('ports', {
          ports: [
            { name: 'a', port: 1 },
            { name: 'b', port: 2 },
          ],
        }),
      );
      const { body } = await subject().api.patch('merge', services('ports'), { spec: { ports: [{ port: 3 }] } });
      expect(dig(body, 'spec', 'ports')).toEqual([{ port: 3, protocol: 'TCP', targetPort: 3 }]);
    });

    it('json: its operations in order', async () => {
      await make('operated', { a: '1', b: '2' }, { annotations: { x: 'y' } });
      const { status, body } = await subject().api.patch('json', maps('operated'), [
        { op: 'test', path: '/data/a', value: '1' },
        { op: 'replace', path: '/data/a', value: '9' },
        { op: 'remove', path: '/data/b' },
        { op: 'add', path: '/metadata/annotations/c~1d', value: '3' },
        { op: 'copy', from: '/data/a', path: '/data/e' },
        { op: 'move', from: '/data/e', path: '/data/f' },
      ]);
      expect(status).toBe(200);
      expect(body.data).toEqual({ a: '9', f: '9' });
      expect(dig(body, 'metadata', 'annotations')).toEqual({ x: 'y', 'c/d': '3' });
    });

    it.each([
      ['a test that fails', [{ op: 'test', path: '/data/a', value: 'other' }], 422],
      ['a path that is not there', [{ op: 'remove', path: '/data/nope' }], 422],
      ['no such operation', [{ op: 'nonsense', path: '/data/a' }], 422],
      ['no array', { op: 'remove', path: '/data/a' }, 400],
    ])('json: %s is refused, and nothing is done', async (title, operations, code) => {
      const name = `refused-${title.replaceAll(' ', '-')}`;
      const { body } = await make(name, { a: '1' });
      const { status } = await subject().api.patch('json', maps(name), operations);
      expect(status).toBe(code);
      expect((await subject().api.get(maps(name))).body).toEqual(body);
    });

    it('strategic: lists are merged by their key', async () => {
      const ports = [
        { name: 'a', port: 1, targetPort: 10 },
        { name: 'b', port: 2, targetPort: 20 },
      ];
      await subject().api.post(services(), service('strategic', { ports }));
      const { status, body } = await subject().api.patch('strategic', services('strategic'), {
        spec: {
          ports: [
            { port: 2, targetPort: 22 },
            { $patch: 'delete', port: 1 },
            { name: 'c', port: 3 },
          ],
        },
      });
      expect(status).toBe(200);
      const after = dig(body, 'spec', 'ports') as readonly unknown[];
      expect(after).toHaveLength(2);
      expect(after).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ name: 'b', port: 2, targetPort: 22 }),
          expect.objectContaining({ name: 'c', port: 3, targetPort: 3 }),
        ]),
      );
    });

    it('strategic: a map may be replaced whole', async () => {
      await make('replaced', { a: '1' });
      const { body } = await subject().api.patch('strategic', maps('replaced'), {
        data: { $patch: 'replace', b: '2' },
      });
      expect(body.data).toEqual({ b: '2' });
    });

    it('strategic: finalizers and owners are sets', async () => {
      await make('sets', {}, { finalizers: ['contract.example.com/a'] });
      const { body } = await subject().api.patch('strategic', maps('sets'), {
        metadata: { finalizers: ['contract.example.com/b'] },
      });
      expect((dig(body, 'metadata', 'finalizers') as string[]).toSorted()).toEqual([
        'contract.example.com/a',
        'contract.example.com/b',
      ]);
      await subject().api.patch('merge', maps('sets'), { metadata: { finalizers: null } });
    });

    it.each(['merge', 'strategic'] as const)('%s: refused where the uid is another', async (type) => {
      const { body } = await make(`uid-${type}`);
      const { status, body: said } = await subject().api.patch(type, maps(`uid-${type}`), {
        metadata: { uid: '00000000-0000-4000-8000-000000000000' },
        data: { a: '1' },
      });
      // Not as a conflict: a patch that names another uid wants to change it.
      expect(status).toBe(422);
      expect(causesOf(said)).toContain('metadata.uid: FieldValueInvalid');
      expect((await subject().api.get(maps(`uid-${type}`))).body).toEqual(body);
    });

    it('merge: is done where the uid is the same', async () => {
      const { body } = await make('same-uid');
      const { status } = await subject().api.patch('merge', maps('same-uid'), {
        metadata: { uid: dig(body, 'metadata', 'uid') },
        data: { a: '1' },
      });
      expect(status).toBe(200);
    });

    it('merge: 409 where the version is another', async () => {
      const { body } = await make('version');
      await subject().api.patch('merge', maps('version'), { data: { a: '1' } });
      const stale = { metadata: { resourceVersion: versionOf(body) }, data: { a: '2' } };
      const { status, body: said } = await subject().api.patch('merge', maps('version'), stale);
      expect(status).toBe(409);
      expect(said).toMatchObject(failure(409, 'Conflict'));
    });

    it('changes no version where it changes nothing', async () => {
      const { body } = await make('unchanged', { a: '1' });
      for (const type of ['merge', 'strategic'] as const) {
        const { body: after } = await subject().api.patch(type, maps('unchanged'), { data: { a: '1' } });
        expect(versionOf(after)).toBe(versionOf(body));
      }
    });

    it('404: nothing is there', async () => {
      const { status, body } = await subject().api.patch('merge', maps('absent'), { data: {} });
      expect(status).toBe(404);
      expect(body).toMatchObject(failure(404, 'NotFound'));
    });

    it('refuses what makes no object', async () => {
      await make('broken');
      expect((await subject().api.patch('merge', maps('broken'), { data: 'text' })).status).toBe(422);
      expect((await subject().api.patch('merge', maps('broken'), '{"data":')).status).toBe(400);
    });

    it('does nothing in a dry run', async () => {
      const { body } = await make('rehearsed');
      const answer = await subject().api.patch('merge', maps('rehearsed'), { data: { a: '1' } }, { dryRun: 'All' });
      expect(dig(answer.body, 'data', 'a')).toBe('1');
      expect((await subject().api.get(maps('rehearsed'))).body).toEqual(body);
    });

    it('tells unknown fields as a create does', async () => {
      await subject().api.post(services(), service('odd'));
      const odd = { spec: { nonsense: 1 } };
      const strict = await subject().api.patch('merge', services('odd'), odd, { fieldValidation: 'Strict' });
      expect(strict.status).toBe(422);
      expect(dig(strict.body, 'message')).toContain('unknown field "spec.nonsense"');
      const warned = await subject().api.patch('merge', services('odd'), odd, { fieldValidation: 'Warn' });
      expect([warned.status, warned.warnings]).toEqual([200, ['unknown field "spec.nonsense"']]);
    });

    it('applies each of many patches at once', async () => {
      await make('crowded');
      const names = Array.from({ length: 10 }, (_, number) => `k${number}`);
      const answers = await Promise.all(
        names.map((name) => subject().api.patch('merge', maps('crowded'), { data: { [name]: '1' } })),
      );
      expect(answers.map(({ status }) => status)).toEqual(names.map(() => 200));
      const { body } = await subject().api.get(maps('crowded'));
      expect(Object.keys(body.data as object).toSorted()).toEqual(names);
    });
  });
}
