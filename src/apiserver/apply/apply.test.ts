import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUILT_IN } from '../built-in.ts';
import { definitionOf } from '../kinds/crd.ts';
import type { ApiError } from '../status.ts';
import type { ApiObject, Json, ManagedFieldsEntry, RequestContext, ResourceDefinition } from '../types.ts';
import { fieldApplier } from './applier.ts';
import { FieldSet, pathText } from './field-set.ts';
import { decodeOwners, encodeOwners } from './managers.ts';

const THING = definitionOf({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.example.org' },
  spec: {
    group: 'example.org',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  a: { type: 'integer' },
                  b: { type: 'integer' },
                  inner: { type: 'object', properties: { x: { type: 'integer' }, y: { type: 'integer' } } },
                  atomic: { type: 'array', items: { type: 'integer' } },
                  set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
                  map: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['k'],
                    items: {
                      type: 'object',
                      required: ['k'],
                      properties: { k: { type: 'string' }, v: { type: 'integer' }, w: { type: 'integer' } },
                    },
                  },
                  whole: {
                    type: 'object',
                    'x-kubernetes-map-type': 'atomic',
                    additionalProperties: { type: 'integer' },
                  },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
});

const SERVICE = BUILT_IN.find(({ kind }) => kind === 'Service') as ResourceDefinition;

function context(fieldManager: string, more: Partial<RequestContext> = {}): RequestContext {
  const definition = more.definition ?? THING;
  const version = definition.versions[0];
  if (version === undefined) throw new Error('no version');
  return {
    definition,
    version,
    subresource: '',
    fieldManager,
    fieldValidation: 'Warn',
    dryRun: false,
    time: '2026-01-01T00:00:00Z',
    ...more,
  };
}

const thing = (spec: unknown, metadata: Json = {}): ApiObject => ({
  apiVersion: 'example.org/v1',
  kind: 'Thing',
  metadata: { name: 'a', ...metadata },
  ...(spec === undefined ? {} : { spec }),
});

const apply = (manager: string, live: ApiObject | null, spec: unknown, force = false): ApiObject =>
  fieldApplier.apply(context(manager), live, thing(spec), force);

const update = (manager: string, old: ApiObject | null, spec: unknown): ApiObject =>
  fieldApplier.track(context(manager), old, { ...thing(spec), metadata: { ...(old?.metadata ?? { name: 'a' }) } });

const owners = (object: ApiObject): Record<string, Json> =>
  Object.fromEntries(
    (object.metadata.managedFields ?? []).map(({ manager, operation, subresource, fieldsV1 }) => [
      `${manager} ${operation}${subresource === undefined ? '' : ` ${subresource}`}`,
      fieldsV1,
    ]),
  );

describe('an apply', () => {
  it('makes the object, and owns what it says', () => {
    const object = apply('one', null, {
      a: 1,
      inner: { x: 1 },
      map: [{ k: 'p', v: 1 }],
      set: ['s'],
      atomic: [1],
      whole: { z: 1 },
    });
    expect(owners(object)).toEqual({
      'one Apply': {
        'f:spec': {
          'f:a': {},
          'f:atomic': {},
          'f:inner': { 'f:x': {} },
          'f:map': { 'k:{"k":"p"}': { '.': {}, 'f:k': {}, 'f:v': {} } },
          'f:set': { 'v:"s"': {} },
          'f:whole': {},
        },
      },
    });
    expect(object.metadata.managedFields?.[0]).toMatchObject({ apiVersion: 'example.org/v1', fieldsType: 'FieldsV1' });
  });

  it('merges with what others applied: fields, items by key, members of sets; lists and maps that are one are replaced', () => {
    const one = apply('one', null, { a: 1, map: [{ k: 'p', v: 1 }], set: ['s'], whole: { z: 1 } });
    const two = apply('two', one, {
      b: 2,
      map: [
        { k: 'q', v: 2 },
        { k: 'p', w: 3 },
      ],
      set: ['t'],
    });
    expect(two.spec).toEqual({
      a: 1,
      b: 2,
      map: [
        { k: 'q', v: 2 },
        { k: 'p', v: 1, w: 3 },
      ],
      set: ['s', 't'],
      whole: { z: 1 },
    });
    expect(Object.keys(owners(two))).toEqual(['one Apply', 'two Apply']);
  });

  it('takes away what it applied before and nobody else owns', () => {
    const one = apply('one', null, {
      a: 1,
      b: 1,
      inner: { x: 1 },
      map: [{ k: 'p', v: 1 }, { k: 'q' }],
      set: ['s', 't'],
    });
    const both = apply('two', one, { b: 1, map: [{ k: 'q' }], set: ['t'] });
    expect(apply('one', both, { a: 1 }).spec).toEqual({ a: 1, b: 1, map: [{ k: 'q' }], set: ['t'] });
  });

  it('leaves what nobody owns inside what others still own', () => {
    const one = apply('one', null, { inner: { x: 1 } });
    const defaulted = { ...one, spec: { inner: { x: 1, y: 9 } } };
    const both = apply('two', defaulted, { inner: { y: 9 } });
    expect(apply('one', both, { a: 1 }).spec).toEqual({ a: 1, inner: { y: 9 } });
    expect(apply('one', defaulted, { a: 1 }).spec).toEqual({ a: 1 });
  });

  it('that says another value than an owner is a conflict', () => {
    const one = apply('one', null, { a: 1, map: [{ k: 'p', v: 1 }] });
    const both = update('editor', one, { a: 2, map: [{ k: 'p', v: 1 }], b: 1 });
    expect(owners(both)).toEqual({
      'one Apply': { 'f:spec': { 'f:map': { 'k:{"k":"p"}': { '.': {}, 'f:k': {}, 'f:v': {} } } } },
      'editor Update': { 'f:spec': { 'f:a': {}, 'f:b': {} } },
    });
    const refusal = refusalOf(() => apply('two', both, { a: 3 }));
    expect(refusal).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "editor" using example.org/v1: .spec.a',
      details: {
        causes: [
          { reason: 'FieldManagerConflict', message: 'conflict with "editor" using example.org/v1', field: '.spec.a' },
        ],
      },
    });
    expect(refusalOf(() => apply('two', both, { a: 3, map: [{ k: 'p', v: 2 }] })).message).toBe(
      [
        'Apply failed with 2 conflicts: conflicts with "editor" using example.org/v1:',
        '- .spec.a',
        'conflicts with "one":',
        '- .spec.map[k="p"].v',
      ].join('\n'),
    );
  });

  it('that is forced takes the field', () => {
    const one = apply('one', null, { a: 1, b: 1 });
    const two = apply('two', one, { a: 2 }, true);
    expect(two.spec).toEqual({ a: 2, b: 1 });
    expect(owners(two)).toEqual({
      'one Apply': { 'f:spec': { 'f:b': {} } },
      'two Apply': { 'f:spec': { 'f:a': {} } },
    });
  });

  it('of the same value shares the field', () => {
    const two = apply('two', apply('one', null, { a: 1 }), { a: 1 });
    expect(Object.keys(owners(two))).toEqual(['one Apply', 'two Apply']);
    expect(apply('one', two, {}).spec).toEqual({ a: 1 });
  });

  it('of a field that does not exist, or of one item twice, is refused', () => {
    const unknown = refusalOf(() =>
      fieldApplier.apply(context('one'), null, thing({ c: 1 }, { namespace: 'n' }), false),
    );
    expect(unknown).toMatchObject({
      code: 500,
      message:
        'failed to create typed patch object (n/a; example.org/v1, Kind=Thing): .spec.c: field not declared in schema',
    });
    expect(refusalOf(() => apply('one', null, { map: [{ k: 'p' }, { k: 'p' }] })).message).toContain(
      '.spec.map: duplicate entries for key [k="p"]',
    );
    expect(refusalOf(() => apply('one', null, { map: ['p'] })).message).toContain('may not have non-map elements');
  });

  it('through status owns status alone, and through the object all but that', () => {
    const status = { state: 'x' };
    const object = fieldApplier.apply(context('one'), null, { ...thing({ a: 1 }), status }, false);
    expect(owners(object)).toEqual({ 'one Apply': { 'f:spec': { 'f:a': {} } } });
    const labelled = { ...thing({ a: 2 }, { labels: { x: 'y' } }), status };
    expect(owners(fieldApplier.apply(context('one', { subresource: 'status' }), object, labelled, false))).toEqual({
      'one Apply': { 'f:spec': { 'f:a': {} } },
      'one Apply status': { 'f:status': { 'f:state': {} } },
    });
  });
});

describe('a Service', () => {
  const service = (spec: unknown): ApiObject => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec });
  const of = (manager: string) => context(manager, { definition: SERVICE });

  it('has ports by number and protocol, TCP where none is said', () => {
    const one = fieldApplier.apply(of('one'), null, service({ ports: [{ port: 80 }], selector: { a: 'b' } }), false);
    expect(owners(one)).toEqual({
      'one Apply': {
        'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } }, 'f:selector': {} },
      },
    });
    const given = { ...one, spec: { ports: [{ port: 80, protocol: 'TCP', nodePort: 30001 }], selector: { a: 'b' } } };
    const two = fieldApplier.apply(of('two'), given, service({ ports: [{ port: 80, protocol: 'UDP' }] }), false);
    expect(two.spec).toMatchObject({
      ports: [
        { port: 80, protocol: 'TCP', nodePort: 30001 },
        { port: 80, protocol: 'UDP' },
      ],
    });
    expect(fieldApplier.apply(of('one'), two, service({}), false).spec).toEqual({
      ports: [{ port: 80, protocol: 'UDP' }],
    });
  });
});

describe('another write', () => {
  it('owns what it changes, the containers that it makes among it', () => {
    const made = update('maker', null, { a: 1, inner: { x: 1 } });
    expect(owners(made)).toEqual({
      'maker Update': { 'f:spec': { '.': {}, 'f:a': {}, 'f:inner': { '.': {}, 'f:x': {} } } },
    });
    const changed = update('editor', made, { a: 2, inner: { x: 1 } });
    expect(owners(changed)).toEqual({
      'maker Update': { 'f:spec': { '.': {}, 'f:inner': { '.': {}, 'f:x': {} } } },
      'editor Update': { 'f:spec': { 'f:a': {} } },
    });
    expect(owners(update('maker', changed, { a: 2 }))).toEqual({
      'maker Update': { 'f:spec': {} },
      'editor Update': { 'f:spec': { 'f:a': {} } },
    });
  });

  it('that changes nothing leaves the record as it is', () => {
    const made = apply('one', update('maker', null, { a: 1 }), { b: 1 });
    expect(update('editor', made, made.spec)).toEqual(made);
  });

  it('may say who owned what, and forget it all', () => {
    const made = update('maker', null, { a: 1 });
    const reset = { ...made, metadata: { name: 'a', managedFields: [{} as unknown as ManagedFieldsEntry] } };
    const forgotten = fieldApplier.track(context('editor'), made, reset);
    expect(owners(forgotten)).toEqual({});
    expect(owners(update('editor', forgotten, { a: 2 }))).toEqual({});
    expect(refusalOf(() => apply('one', forgotten, { a: 2 })).message).toContain('conflict with "before-first-apply"');
    expect(Object.keys(owners(apply('one', forgotten, { b: 1 })))).toEqual(['one Apply', 'before-first-apply Update']);
    const renamed = {
      ...made,
      metadata: {
        name: 'a',
        managedFields: (made.metadata.managedFields ?? []).map((entry) => ({
          ...entry,
          manager: 'other',
          operation: 'Apply' as const,
        })),
      },
    };
    expect(Object.keys(owners(fieldApplier.track(context('editor'), made, renamed)))).toEqual(['other Apply']);
    const nonsense = {
      ...made,
      metadata: { name: 'a', managedFields: [{ operation: 'Steal' }] as unknown as ManagedFieldsEntry[] },
    };
    expect(owners(fieldApplier.track(context('editor'), made, nonsense))).toEqual(owners(made));
  });

  it('by ever new managers does not make the record grow', () => {
    let object = update('m0', null, { a: 0 });
    for (let i = 1; i < 30; i++)
      object = fieldApplier.track(
        context(`m${i}`, { time: `2026-01-01T00:00:${String(i).padStart(2, '0')}Z` }),
        object,
        {
          ...object,
          metadata: { ...object.metadata, labels: { ...object.metadata.labels, [`l${i}`]: '' } },
        },
      );
    expect(object.metadata.managedFields).toHaveLength(10);
    expect(Object.keys(owners(object))).toContain('ancient-changes Update');
  });
});

describe('as a law', () => {
  const number = fc.integer({ min: 0, max: 2 });
  const spec = fc.record(
    {
      a: number,
      b: number,
      inner: fc.record({ x: number, y: number }, { requiredKeys: [] }),
      atomic: fc.array(number, { maxLength: 2 }),
      set: fc.uniqueArray(fc.constantFrom('s', 't', 'u')),
      map: fc.uniqueArray(fc.record({ k: fc.constantFrom('p', 'q', 'r'), v: number }, { requiredKeys: ['k'] }), {
        selector: ({ k }) => k,
      }),
      whole: fc.dictionary(fc.constantFrom('z', 'y'), number),
    },
    { requiredKeys: [] },
  );

  it('an apply that is repeated changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('one', 'two'), spec), { minLength: 1, maxLength: 5 }), (steps) => {
        let live: ApiObject | null = null;
        for (const [manager, wanted] of steps) {
          const next: ApiObject = apply(manager, live, wanted, true);
          expect(apply(manager, next, wanted, false)).toEqual(next);
          live = next;
        }
      }),
    );
  });

  it('managers of different fields never meet, in any order', () => {
    fc.assert(
      fc.property(spec, spec, (one, two) => {
        const { a, inner, set, atomic } = one;
        const { b, map, whole } = two;
        const first = pick({ a, inner, set, atomic });
        const second = pick({ b, map, whole });
        const forth = apply('two', apply('one', null, first), second);
        const back = apply('one', apply('two', null, second), first);
        expect(forth.spec).toEqual(back.spec);
        expect(owners(forth)).toEqual(owners(back));
      }),
    );
  });

  it('who applies nothing takes only its own away', () => {
    fc.assert(
      fc.property(spec, spec, (one, two) => {
        const alone = apply('one', null, one);
        const both = apply('two', alone, two, true);
        const left = apply('two', both, undefined);
        expect(Object.keys(owners(left)).filter((owner) => owner !== 'one Apply')).toEqual([]);
        // What is left is what the first one still owns: of what it applied, all that the second one did not take.
        const kept = owners(left)['one Apply'] ?? {};
        expect(kept).toEqual(owners(both)['one Apply'] ?? {});
        expect(apply('one', left, one).spec ?? {}).toEqual(alone.spec ?? {});
      }),
    );
  });

  it('a set of fields is what its text says', () => {
    const element = fc.constantFrom('f:a', 'f:b', 'k:{"k":"p"}', 'v:"s"');
    const paths = fc.array(fc.array(element, { minLength: 1, maxLength: 4 }), { maxLength: 8 });
    const texts = (set: FieldSet): string[] => [...set.paths()].map(pathText).sort();
    fc.assert(
      fc.property(paths, paths, (one, two) => {
        const [a, b] = [FieldSet.of(one), FieldSet.of(two)];
        expect(texts(FieldSet.decode(JSON.parse(JSON.stringify(a.encode()))) as FieldSet)).toEqual(texts(a));
        const [left, right] = [new Set(texts(a)), new Set(texts(b))];
        expect(texts(a.union(b))).toEqual([...new Set([...left, ...right])].sort());
        expect(texts(a.intersection(b))).toEqual([...left].filter((path) => right.has(path)).sort());
        expect(texts(a.difference(b))).toEqual([...left].filter((path) => !right.has(path)).sort());
      }),
    );
  });

  it('any managedFields are read or passed over', () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), (entries, fields) => {
        decodeOwners(JSON.parse(entries));
        const owners = decodeOwners([
          { manager: 'm', operation: 'Apply', apiVersion: 'v1', fieldsV1: JSON.parse(fields) },
        ]);
        if (owners !== undefined) encodeOwners(owners);
        const odd = thing({ a: 1 }, { managedFields: JSON.parse(entries) });
        expect(apply('one', odd, { b: 1 }).spec).toEqual({ a: 1, b: 1 });
      }),
    );
  });
});

const pick = (fields: Json): Json =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

function refusalOf(run: () => unknown): ApiError {
  try {
    run();
  } catch (error) {
    return error as ApiError;
  }
  throw new Error('it was not refused');
}
