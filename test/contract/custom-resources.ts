/** Custom resources, by a definition made for this: schema, defaults, pruning, rules, versions, status, columns. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, dig, eventually, type Json, namesOf, TABLE, versionOf } from './client.ts';
import {
  causesOf,
  eventuallyGone,
  failure,
  type GetSubject,
  grouped,
  useNamespace,
  withFields,
  withMetadata,
} from './subject.ts';
import { GROUP, widgetDefinition } from './widget-definition.ts';

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Waits until objects of the kind can be made: a server may take a moment between Established and that. */
export async function establish(subject: GetSubject, definition: Json, collection: string): Promise<void> {
  const name = String(dig(definition, 'metadata', 'name'));
  const { status, text } = await subject().api.post(DEFINITIONS, definition);
  if (status !== 201) throw new Error(`${name}: ${status} ${text}`);
  await eventually(
    () => subject().api.get(`${DEFINITIONS}/${name}`),
    ({ body }) =>
      ((dig(body, 'status', 'conditions') ?? []) as readonly Json[]).some(
        (condition) => condition.type === 'Established' && condition.status === 'True',
      ),
  );
  await eventually(
    () => subject().api.get(collection),
    ({ status }) => status === 200,
  );
}

export function customResourceContract(subject: GetSubject): void {
  describe('custom resources', () => {
    const namespace = useNamespace(subject);
    const definition = widgetDefinition();
    const definitionPath = `${DEFINITIONS}/${definition.metadata.name}`;
    const path = (name?: string, version = 'v1'): string =>
      grouped(`${GROUP}/${version}`, namespace(), 'widgets', name);
    const widget = (name: string, spec: Json, version = 'v1'): Json => ({
      apiVersion: `${GROUP}/${version}`,
      kind: 'Widget',
      metadata: { name },
      spec,
    });
    const create = (name: string, spec: Json, query = {}): Promise<Answer> =>
      subject().api.post(path(), widget(name, spec), query);

    beforeAll(() => establish(subject, definition, `/apis/${GROUP}/v1/widgets`));
    afterAll(async () => {
      await subject().api.delete(definitionPath);
    });

    it('the definition says what it is called and what it stores', async () => {
      const { body } = await subject().api.get(definitionPath);
      expect(body.status).toMatchObject({
        acceptedNames: {
          plural: 'widgets',
          singular: 'widget',
          kind: 'Widget',
          listKind: 'WidgetList',
          shortNames: ['wd'],
        },
        storedVersions: ['v1'],
        conditions: expect.arrayContaining([
          expect.objectContaining({ type: 'NamesAccepted', status: 'True' }),
          expect.objectContaining({ type: 'Established', status: 'True' }),
        ]),
      });
    });

    it('are discovered', async () => {
      const { body } = await eventually(
        () => subject().api.get(`/apis/${GROUP}/v1`),
        ({ status }) => status === 200,
      );
      const resources = body.resources as readonly Json[];
      expect(resources.find((entry) => entry.name === 'widgets')).toMatchObject({
        singularName: 'widget',
        namespaced: true,
        kind: 'Widget',
        shortNames: ['wd'],
        categories: ['things'],
      });
      expect(resources.map((entry) => entry.name)).toContain('widgets/status');
      const group = await subject().api.get(`/apis/${GROUP}`);
      expect(group.body).toMatchObject({ preferredVersion: { version: 'v1' } });
    });

    it('are described', async () => {
      const { body } = await eventually(
        () => subject().api.get('/openapi/v3'),
        (answer) => dig(answer.body, 'paths', `apis/${GROUP}/v1`) !== undefined,
      );
      const document = await subject().api.get(String(dig(body, 'paths', `apis/${GROUP}/v1`, 'serverRelativeURL')));
      const schemas = Object.values(dig(document.body, 'components', 'schemas') as Json);
      expect(schemas.find((schema) => dig(schema, 'properties', 'spec', 'properties', 'size'))).toMatchObject({
        properties: { spec: { properties: { size: { type: 'integer', description: 'How large it is.' } } } },
        'x-kubernetes-group-version-kind': [{ group: GROUP, version: 'v1', kind: 'Widget' }],
      });
    });

    it('get their defaults', async () => {
      const { status, body } = await create('defaulted', { size: 1, parts: [{ name: 'a' }], box: {} });
      expect(status).toBe(201);
      expect(body.spec).toEqual({ size: 1, color: 'red', parts: [{ name: 'a', count: 1 }], box: { lid: true } });
      expect(dig(body, 'metadata', 'generation')).toBe(1);
      const list = await subject().api.get(path());
      expect(list.body).toMatchObject({ kind: 'WidgetList', apiVersion: `${GROUP}/v1` });
    });

    it('lose what the schema does not have, and keep what it lets through', async () => {
      const { status, body } = await create('pruned', {
        size: 1,
        nonsense: 1,
        extra: { any: { thing: 1 } },
        box: { odd: 1 },
      });
      expect(status).toBe(201);
      expect(body.spec).toEqual({ size: 1, color: 'red', extra: { any: { thing: 1 } }, box: { lid: true } });
    });

    it('warn of what they lose, or refuse', async () => {
      const odd = { size: 1, nonsense: 1, box: { odd: 1 } };
      const warned = await create('warned', odd, { fieldValidation: 'Warn' });
      expect(warned.warnings.toSorted()).toEqual(['unknown field "spec.box.odd"', 'unknown field "spec.nonsense"']);
      const refused = await create('refused', odd, { fieldValidation: 'Strict' });
      expect(refused.status).toBe(400);
      expect(dig(refused.body, 'message')).toContain('strict decoding error: unknown field "spec.');
      const silent = await create('silent', odd, { fieldValidation: 'Ignore' });
      expect([silent.status, silent.warnings]).toEqual([201, []]);
    });

    it.each([
      ['a missing field', {}, ['spec.size: FieldValueRequired'], 'Required value'],
      ['too little', { size: 0 }, ['spec.size: FieldValueInvalid'], 'should be greater than or equal to 1'],
      ['too much', { size: 11 }, ['spec.size: FieldValueInvalid'], 'should be less than or equal to 10'],
      [
        'a value of another list',
        { size: 1, color: 'blue' },
        ['spec.color: FieldValueNotSupported'],
        'Unsupported value: "blue": supported values: "red", "green"',
      ],
      ['a text for a number', { size: 'x' }, ['spec.size: FieldValueTypeInvalid'], 'must be of type integer: "string"'],
      ['a number for a text', { size: 1, label: 7 }, ['spec.label: FieldValueTypeInvalid'], 'must be of type string'],
      ['a fraction', { size: 1.5 }, ['spec.size: FieldValueTypeInvalid'], 'must be of type integer'],
      ['a text of another form', { size: 1, label: 'A' }, ['spec.label: FieldValueInvalid'], "should match '^[a-z]+$'"],
      ['a text too long', { size: 1, label: 'abcdefgh' }, ['spec.label: FieldValueTooLong'], 'Too long'],
      ['too many', { size: 1, tags: ['a', 'b', 'c'] }, ['spec.tags: FieldValueTooMany'], 'must have at most 2 items'],
      [
        'the same twice in a set',
        { size: 1, tags: ['a', 'a'] },
        ['spec.tags[1]: FieldValueDuplicate'],
        'Duplicate value: "a"',
      ],
      [
        'a key twice in a map',
        { size: 1, parts: [{ name: 'a' }, { name: 'a' }] },
        ['spec.parts[1]: FieldValueDuplicate'],
        'Duplicate value',
      ],
      [
        'something inside a list',
        { size: 1, parts: [{ name: 'a', count: -1 }] },
        ['spec.parts[0].count: FieldValueInvalid'],
        'greater',
      ],
      [
        'a time that is none',
        { size: 1, since: 'today' },
        ['spec.since: FieldValueTypeInvalid'],
        'must be of type date-time',
      ],
    ])('422: %s', async (_, spec, causes, message) => {
      const { status, body } = await create('refused', spec);
      expect(status).toBe(422);
      expect(body).toMatchObject({
        ...failure(422, 'Invalid'),
        message: expect.stringContaining('Widget.contract.example.com "refused" is invalid'),
        details: { name: 'refused', group: GROUP, kind: 'Widget' },
      });
      expect(causesOf(body)).toEqual(causes);
      expect(dig(body, 'message')).toContain(message);
    });

    it('422: all that is wrong, not only the first', async () => {
      const { body } = await create('refused', { size: 0, color: 'blue', label: 'A' });
      expect(causesOf(body).toSorted()).toEqual([
        'spec.color: FieldValueNotSupported',
        'spec.label: FieldValueInvalid',
        'spec.size: FieldValueInvalid',
      ]);
    });

    it.each(['1', 1, '50%'])('take a number or a text where the schema says so: %o', async (amount) => {
      const { status, body } = await create(`amount-${typeof amount}-${String(amount).length}`, { size: 1, amount });
      expect([status, dig(body, 'spec', 'amount')]).toEqual([201, amount]);
    });

    it('drop a null where the schema has a default, and keep it where null is a value', async () => {
      const { body } = await create('null', { size: 1, color: null, note: null });
      expect(body.spec).toEqual({ size: 1, color: 'red', note: null });
    });

    it('422: a rule of the schema is broken', async () => {
      const { status, body } = await create('ruled', { size: 3, label: 'small' });
      expect(status).toBe(422);
      expect(causesOf(body)).toEqual(['spec: FieldValueInvalid']);
      expect(dig(body, 'message')).toContain('what is called small has at most size 2');
      const named = await create('ruled', { size: 1, box: { lid: false, lock: true } });
      expect(named.status).toBe(422);
      expect(causesOf(named.body)).toEqual(['spec.box.lock: FieldValueForbidden']);
      expect(dig(named.body, 'message')).toContain('no lid to lock on this box');
    });

    it('422: a rule of change is broken', async () => {
      await create('changing', { size: 1, serial: 'a' });
      const { status, body } = await subject().api.patch('merge', path('changing'), { spec: { serial: 'b' } });
      expect(status).toBe(422);
      expect(causesOf(body)).toEqual(['spec.serial: FieldValueInvalid']);
      expect(dig(body, 'message')).toContain('a serial stays');
      expect((await subject().api.patch('merge', path('changing'), { spec: { size: 2 } })).status).toBe(200);
    });

    it('are one object in all their versions', async () => {
      const old = await subject().api.post(path(undefined, 'v1alpha1'), widget('both', { size: 2 }, 'v1alpha1'));
      expect(old.status).toBe(201);
      expect(old.warnings).toEqual([
        'contract.example.com/v1alpha1 Widget is deprecated; use contract.example.com/v1 Widget',
      ]);
      expect(old.body).toMatchObject({ apiVersion: `${GROUP}/v1alpha1` });
      const { body, warnings } = await subject().api.get(path('both'));
      expect(body).toMatchObject({ apiVersion: `${GROUP}/v1`, spec: { size: 2, color: 'red' } });
      expect(warnings).toEqual([]);
      expect(versionOf(body)).toBe(versionOf(old.body));
      // What only the new version has is not shown by the old one, and not lost by it either where it does not write.
      await subject().api.patch('merge', path('both'), { spec: { label: 'x' } });
      const again = await subject().api.get(path('both', 'v1alpha1'));
      expect(dig(again.body, 'spec', 'label')).toBeUndefined();
    });

    it('415: have no strategic patch', async () => {
      await create('unstrategic', { size: 1 });
      const { status } = await subject().api.patch('strategic', path('unstrategic'), { spec: { size: 2 } });
      expect(status).toBe(415);
    });

    it('422: are not updated without a version', async () => {
      await create('versioned', { size: 1 });
      const { status, body } = await subject().api.put(path('versioned'), widget('versioned', { size: 2 }));
      expect(status).toBe(422);
      expect(causesOf(body)).toEqual(['metadata.resourceVersion: FieldValueInvalid']);
    });

    it('keep status and the rest apart', async () => {
      const made = await subject().api.post(path(), { ...widget('apart', { size: 1 }), status: { phase: 'X' } });
      expect(made.body.status).toBeUndefined();
      const reported = await subject().api.put(
        `${path('apart')}/status`,
        withMetadata(withFields(made.body, { spec: { size: 9 }, status: { phase: 'Up', nonsense: 1 } }), {
          name: 'apart',
          namespace: namespace(),
          resourceVersion: versionOf(made.body),
          labels: { a: 'b' },
          annotations: { c: 'd' },
        }),
      );
      expect(reported.status).toBe(200);
      expect(reported.body).toMatchObject({ spec: { size: 1 }, status: { phase: 'Up' }, metadata: { generation: 1 } });
      expect(dig(reported.body, 'status', 'nonsense')).toBeUndefined();
      // Unlike those of a Service, metadata of a custom resource are not written through its status.
      expect(dig(reported.body, 'metadata', 'labels')).toBeUndefined();
      expect(dig(reported.body, 'metadata', 'annotations')).toBeUndefined();
      const wanted = await subject().api.put(
        path('apart'),
        withFields(reported.body, { spec: { size: 2 }, status: { phase: 'Down' } }),
      );
      expect(wanted.body).toMatchObject({ spec: { size: 2 }, status: { phase: 'Up' }, metadata: { generation: 2 } });
    });

    it('422: a status that is against the schema', async () => {
      await create('status', { size: 1 });
      const { status, body } = await subject().api.patch('merge', `${path('status')}/status`, {
        status: { phase: 1 },
      });
      expect(status).toBe(422);
      expect(causesOf(body)).toEqual(['status.phase: FieldValueTypeInvalid']);
    });

    it('merge conditions by type when they are applied', async () => {
      const condition = (type: string) => ({
        type,
        status: 'True',
        reason: 'R',
        message: '',
        lastTransitionTime: '2026-01-02T03:04:05Z',
      });
      const apply = (manager: string, type: string) =>
        subject().api.patch(
          'apply',
          `${path('conditions')}/status`,
          {
            apiVersion: `${GROUP}/v1`,
            kind: 'Widget',
            metadata: { name: 'conditions' },
            status: { conditions: [condition(type)] },
          },
          { fieldManager: manager },
        );
      await create('conditions', { size: 1 });
      await apply('one', 'Accepted');
      const { status, body } = await apply('two', 'Warnings');
      expect(status).toBe(200);
      expect(dig(body, 'status', 'conditions')).toEqual([condition('Accepted'), condition('Warnings')]);
      const again = await apply('two', 'Warnings');
      expect(again.body).toEqual(body);
      const entries = dig(body, 'metadata', 'managedFields') as readonly Json[];
      expect(entries.find((entry) => entry.manager === 'two')).toMatchObject({
        subresource: 'status',
        fieldsV1: { 'f:status': { 'f:conditions': { 'k:{"type":"Warnings"}': { '.': {}, 'f:reason': {} } } } },
      });
    });

    it('are applied as other kinds are: conflicts, force, removal', async () => {
      const apply = (fieldManager: string, spec: Json, query = {}) =>
        subject().api.patch('apply', path('applied'), widget('applied', spec), { fieldManager, ...query });
      const made = await apply('one', { size: 1, label: 'x', tags: ['a'] });
      expect(made.status).toBe(201);
      expect(dig(made.body, 'spec', 'color')).toBe('red');
      const conflict = await apply('two', { size: 2 });
      expect(causesOf(conflict.body)).toEqual(['.spec.size: FieldManagerConflict']);
      const forced = await apply('two', { size: 2, tags: ['b'] }, { force: true });
      expect(forced.body.spec).toEqual({ size: 2, color: 'red', label: 'x', tags: ['a', 'b'] });
      const left = await apply('one', { label: 'y', size: 2 });
      expect(left.body.spec).toEqual({ size: 2, color: 'red', label: 'y', tags: ['b'] });
    });

    it('are watched', async () => {
      const { api } = subject();
      const resourceVersion = versionOf((await api.get(path())).body);
      using watch = await api.watch(path(), { resourceVersion });
      await create('watched', { size: 1 });
      await api.patch('merge', path('watched'), { spec: { size: 2 } });
      await api.delete(path('watched'));
      expect(await watch.take(3)).toEqual(['ADDED watched', 'MODIFIED watched', 'DELETED watched']);
    });

    it('410: a watch from a version that is forgotten', async () => {
      const { api } = subject();
      await subject().expireHistory();
      // Older than the definition itself.
      using watch = await api.watch(path(), { resourceVersion: '1' });
      // Refused at once, or as an event: a client must know both.
      if (watch.status === 200) {
        const event = await watch.next();
        expect(event?.type).toBe('ERROR');
        expect(event?.object).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 });
      } else expect(watch.status).toBe(410);
    });

    it('are selected by the fields that the definition names', async () => {
      await create('green', { size: 1, color: 'green' });
      const { status, body } = await subject().api.get(path(), { fieldSelector: 'spec.color=green' });
      expect([status, namesOf(body)]).toEqual([200, ['green']]);
      expect((await subject().api.get(path(), { fieldSelector: 'spec.size=1' })).status).toBe(400);
    });

    it('print the columns of their definition', async () => {
      await create('printed', { size: 4, parts: [{ name: 'a' }, { name: 'b' }] });
      await subject().api.patch('merge', `${path('printed')}/status`, { status: { phase: 'Up' } });
      const { body } = await subject().api.get(path('printed'), {}, { accept: TABLE });
      const columns = body.columnDefinitions as readonly Json[];
      expect(columns.map((column) => [column.name, column.type, column.priority])).toEqual([
        ['Name', 'string', 0],
        ['Size', 'integer', 0],
        ['Phase', 'string', 0],
        ['Parts', 'string', 1],
        ['Age', 'date', 0],
      ]);
      expect(dig(body, 'rows', 0, 'cells')).toEqual(['printed', 4, 'Up', 'a', expect.stringMatching(/^\d+s$/)]);
      const old = await subject().api.get(path('printed', 'v1alpha1'), {}, { accept: TABLE });
      expect((old.body.columnDefinitions as readonly Json[]).map((column) => column.name)).toEqual(['Name', 'Age']);
    });

    it('print an empty cell as null where nothing is', async () => {
      await create('unprinted', { size: 4 });
      const { body } = await subject().api.get(path('unprinted'), {}, { accept: TABLE });
      expect(dig(body, 'rows', 0, 'cells', 2) ?? null).toBeNull();
    });
  });

  describe('definitions', () => {
    it.each([
      ['a name that is not its plural and group', { metadata: { name: 'x.contract.example.com' } }, 'metadata.name'],
      ['a scope that is none', { spec: { scope: 'Galaxy' } }, 'spec.scope'],
    ])('422: %s', async (_, change, field) => {
      const definition = widgetDefinition('others');
      const spec = { ...(definition.spec as Json), ...((change as Json).spec as Json) };
      const { status, body } = await subject().api.post(DEFINITIONS, { ...definition, ...change, spec });
      expect(status).toBe(422);
      expect(causesOf(body).map((cause) => cause.split(':')[0])).toContain(field);
    });

    it('422: a schema that is not structural', async () => {
      const definition = widgetDefinition('others');
      const spec = definition.spec as Json;
      const [version] = spec.versions as readonly Json[];
      const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { properties: {} } } } };
      const { status, body } = await subject().api.post(DEFINITIONS, {
        ...definition,
        spec: { ...spec, versions: [{ ...version, schema, additionalPrinterColumns: [], selectableFields: [] }] },
      });
      expect(status).toBe(422);
      expect(dig(body, 'message')).toContain('properties[spec].type: Required value');
    });

    it('take their objects along', async () => {
      const { api } = subject();
      const definition = widgetDefinition('gadgets');
      const collection = `/apis/${GROUP}/v1/gadgets`;
      await establish(subject, definition, collection);
      const path = grouped(`${GROUP}/v1`, 'default', 'gadgets');
      const kind = String(dig(definition, 'spec', 'names', 'kind'));
      await api.post(path, { apiVersion: `${GROUP}/v1`, kind, metadata: { name: 'x' }, spec: { size: 1 } });
      expect((await api.delete(`${DEFINITIONS}/gadgets.${GROUP}`)).status).toBe(200);
      await eventuallyGone(api, `${DEFINITIONS}/gadgets.${GROUP}`);
      await eventuallyGone(api, collection);
      await establish(subject, definition, collection);
      expect(namesOf((await api.get(collection)).body)).toEqual([]);
      await api.delete(`${DEFINITIONS}/gadgets.${GROUP}`);
    });

    it('grow: a field that is added is there from then on', async () => {
      const { api } = subject();
      const definition = widgetDefinition('growers');
      await establish(subject, definition, `/apis/${GROUP}/v1/growers`);
      const at = `${DEFINITIONS}/growers.${GROUP}`;
      const field = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/added';
      await api.patch('json', at, [{ op: 'add', path: field, value: { type: 'string', default: 'new' } }]);
      const kind = String(dig(definition, 'spec', 'names', 'kind'));
      const path = grouped(`${GROUP}/v1`, 'default', 'growers');
      const grower = { apiVersion: `${GROUP}/v1`, kind, metadata: { name: 'x' }, spec: { size: 1 } };
      // While a definition changes, a server may refuse for a moment.
      await eventually(
        () => api.post(path, grower),
        ({ status }) => status === 201,
      );
      await eventually(
        () => api.get(`${path}/x`),
        ({ body }) => dig(body, 'spec', 'added') === 'new',
      );
      await api.delete(at);
    });
  });
}
