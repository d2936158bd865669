/** How a server says no: with a Status that has a code, a reason and details, never with a bare page. */
import { describe, expect, it } from 'vitest';
import { dig } from './client.ts';
import { causesOf, configMap, core, failure, type GetSubject, service, useNamespace } from './subject.ts';

export function refusalContract(subject: GetSubject): void {
  describe('refusals', () => {
    const namespace = useNamespace(subject);

    it('401: a token that it does not know', async () => {
      const { status, body } = await subject().api.request('GET', '/api/v1/services', { token: 'nonsense' });
      expect(status).toBe(401);
      expect(body).toMatchObject(failure(401, 'Unauthorized'));
    });

    it('401 or 403: no token', async () => {
      const { status, body } = await subject().api.request('GET', '/api/v1/services', { token: null });
      expect([401, 403]).toContain(status);
      expect(body).toMatchObject({ kind: 'Status', status: 'Failure', code: status });
    });

    it('404: no such object', async () => {
      const { status, body } = await subject().api.get(core(namespace(), 'services', 'nope'));
      expect(status).toBe(404);
      expect(body).toMatchObject({
        ...failure(404, 'NotFound'),
        message: 'services "nope" not found',
        details: { name: 'nope', kind: 'services' },
      });
    });

    it('404: the group is in the message of a kind that has one', async () => {
      const { body } = await subject().api.get('/apis/apps/v1/namespaces/default/deployments/nope');
      expect(body).toMatchObject({
        message: 'deployments.apps "nope" not found',
        details: { name: 'nope', group: 'apps', kind: 'deployments' },
      });
    });

    it.each(['/api/v1/nonsense', '/apis/nonsense.example/v1', '/apis/apps/v9/deployments', '/nonsense'])(
      '404: nothing is served under %s',
      async (path) => {
        expect((await subject().api.get(path)).status).toBe(404);
      },
    );

    it('404: create in a namespace that is not there', async () => {
      const { status, body } = await subject().api.post(core('not-there', 'configmaps'), configMap('x'));
      expect(status).toBe(404);
      expect(body).toMatchObject({ reason: 'NotFound', message: 'namespaces "not-there" not found' });
    });

    it.each([
      ['POST', 'services', 'x'],
      ['PUT', 'services', undefined],
      ['PATCH', 'services', undefined],
    ])('405: %s where it has no meaning', async (method, plural, name) => {
      const { status, body } = await subject().api.request(method, core(namespace(), plural, name), {
        body: {},
        contentType: method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      });
      expect(status).toBe(405);
      expect(body).toMatchObject(failure(405, 'MethodNotAllowed'));
    });

    it('406: a media type that it cannot write', async () => {
      const { status, body } = await subject().api.get('/api/v1/namespaces', {}, { accept: 'application/xml' });
      expect(status).toBe(406);
      expect(body).toMatchObject(failure(406, 'NotAcceptable'));
    });

    it('415: a patch in no known form', async () => {
      await subject().api.post(core(namespace(), 'configmaps'), configMap('patched'));
      const { status, body } = await subject().api.request('PATCH', core(namespace(), 'configmaps', 'patched'), {
        body: { data: { a: 'b' } },
        contentType: 'application/json',
      });
      expect(status).toBe(415);
      expect(body).toMatchObject(failure(415, 'UnsupportedMediaType'));
    });

    it('413: more than an object may have', async () => {
      const large = configMap('large', { text: 'x'.repeat(4 * 1024 * 1024) });
      const { status, body } = await subject().api.post(core(namespace(), 'configmaps'), large);
      expect(status).toBe(413);
      expect(body).toMatchObject({ kind: 'Status', reason: 'RequestEntityTooLarge', code: 413 });
    });

    it.each([
      ['what is no JSON', '{"kind": '],
      ['a list for an object', '[]'],
      ['a wrong type', { ...configMap('x'), data: 'text' }],
      ['another kind', { ...configMap('x'), kind: 'Secret' }],
      ['another version', { ...configMap('x'), apiVersion: 'v2' }],
    ])('400: %s', async (_, body) => {
      const answer = await subject().api.request('POST', core(namespace(), 'configmaps'), { body });
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject(failure(400, 'BadRequest'));
    });

    it('400: an object of another namespace than the path', async () => {
      const { status, body } = await subject().api.post(
        core(namespace(), 'configmaps'),
        configMap('x', {}, { namespace: 'default' }),
      );
      expect(status).toBe(400);
      expect(dig(body, 'message')).toContain('does not match the namespace');
    });

    it('400: an object of another name than the path', async () => {
      await subject().api.post(core(namespace(), 'configmaps'), configMap('one'));
      const { status, body } = await subject().api.put(core(namespace(), 'configmaps', 'one'), configMap('two'));
      expect(status).toBe(400);
      expect(dig(body, 'message')).toContain('does not match the name');
    });

    it.each([
      ['labelSelector', 'a=='],
      ['labelSelector', 'a in b'],
      ['labelSelector', '!!!'],
      ['fieldSelector', 'spec.nonsense=1'],
      ['fieldSelector', 'metadata.name'],
    ])('400: a %s that cannot be read: %s', async (key, value) => {
      const path = core(namespace(), 'configmaps');
      const { status, body } = await subject().api.get(path, { [key]: value });
      // "a==" is fine: the value is empty.
      expect(status).toBe(value === 'a==' ? 200 : 400);
      if (status !== 200) expect(body).toMatchObject(failure(400, 'BadRequest'));
    });

    it('422: a name that is none', async () => {
      const { status, body } = await subject().api.post(core(namespace(), 'configmaps'), configMap('Not_A_Name'));
      expect(status).toBe(422);
      expect(body).toMatchObject({
        ...failure(422, 'Invalid'),
        message: expect.stringContaining(
          'ConfigMap "Not_A_Name" is invalid: metadata.name: Invalid value: "Not_A_Name"',
        ),
        details: { name: 'Not_A_Name', kind: 'ConfigMap' },
      });
      expect(causesOf(body)).toEqual(['metadata.name: FieldValueInvalid']);
    });

    it('422: no name at all', async () => {
      const { status, body } = await subject().api.post(core(namespace(), 'configmaps'), {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {},
      });
      expect(status).toBe(422);
      expect(causesOf(body)).toEqual(['metadata.name: FieldValueRequired']);
    });

    it.each([
      ['a label', { labels: { a: 'not a value' } }, 'metadata.labels: FieldValueInvalid'],
      ['an annotation', { annotations: { 'not a key': '' } }, 'metadata.annotations: FieldValueInvalid'],
      ['a finalizer', { finalizers: ['no slash or so'] }, 'metadata.finalizers[0]: FieldValueInvalid'],
    ])('422: %s that is none', async (_, metadata, cause) => {
      const answer = await subject().api.post(core(namespace(), 'services'), service('meta', {}, metadata));
      expect(answer.status).toBe(422);
      expect(causesOf(answer.body)).toContain(cause);
    });

    it('422: metadata that owners cannot have', async () => {
      const owner = { apiVersion: 'v1', kind: 'Service', name: 'x' };
      const owned = configMap('owned', {}, { ownerReferences: [owner] });
      const { status, body } = await subject().api.post(core(namespace(), 'configmaps'), owned);
      expect(status).toBe(422);
      expect(causesOf(body)).toEqual(['metadata.ownerReferences.uid: FieldValueInvalid']);
    });
  });
}
