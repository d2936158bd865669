import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isObject, listAt, valueAt } from '../json.ts';
import type { ApiObject, Json } from '../types.ts';
import { schemaValidator } from './validator.ts';

const root = (properties: Json, more: Json = {}): Json => ({
  type: 'object',
  properties: { spec: { type: 'object', properties, ...more } },
});

const object = (spec: unknown): ApiObject => ({
  apiVersion: 'example.org/v1',
  kind: 'Thing',
  metadata: { name: 'a', labels: { b: 'c' } },
  spec,
});

const specOf = (schema: Json, spec: unknown): unknown => schemaValidator.prepare(schema, object(spec)).object.spec;
const unknownOf = (schema: Json, spec: unknown): readonly string[] =>
  schemaValidator.prepare(schema, object(spec)).unknown;
const errorsOf = (schema: Json, spec: unknown, old?: unknown): string[] =>
  schemaValidator
    .validate(schema, object(spec), old === undefined ? null : object(old))
    .map(({ field, message }) => `${field}: ${message}`);

describe('defaults', () => {
  const schema = root({
    port: { type: 'integer', default: 179 },
    label: { type: 'string', nullable: true, default: 'x' },
    plain: { type: 'string' },
    inner: { type: 'object', properties: { deep: { type: 'boolean', default: true } } },
    made: { type: 'object', default: {}, properties: { deep: { type: 'boolean', default: true } } },
    list: { type: 'array', items: { type: 'object', properties: { n: { type: 'integer', default: 1 } } } },
    map: {
      type: 'object',
      additionalProperties: { type: 'object', properties: { n: { type: 'integer', default: 1 } } },
    },
  });

  it('are set where a field is absent, also inside what is there or comes by a default itself', () => {
    expect(specOf(schema, { inner: {}, list: [{}, { n: 2 }], map: { a: {} } })).toEqual({
      port: 179,
      label: 'x',
      inner: { deep: true },
      made: { deep: true },
      list: [{ n: 1 }, { n: 2 }],
      map: { a: { n: 1 } },
    });
  });

  it('take the place of a null that is not allowed; one that is allowed stays, one without default goes', () => {
    expect(specOf(schema, { port: null, label: null, plain: null })).toEqual({
      port: 179,
      label: null,
      made: { deep: true },
    });
  });

  it('are copies', () => {
    const spec = specOf(schema, {}) as { made: { deep: boolean } };
    spec.made.deep = false;
    expect(specOf(schema, {})).toMatchObject({ made: { deep: true } });
  });
});

describe('pruning', () => {
  const schema = root({
    known: { type: 'string' },
    list: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: { type: 'object' } } },
    template: {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      properties: { spec: { type: 'object', properties: { x: { type: 'string' } } } },
    },
    map: { type: 'object', additionalProperties: { type: 'string' } },
  });

  it('drops what the schema does not know, and says what', () => {
    const spec = {
      known: 'a',
      adresses: [],
      list: [{ a: 'x', b: 'y' }],
      free: { z: 1, a: { y: 2 } },
      template: { apiVersion: 'v1', kind: 'K', metadata: { name: 'n' }, spec: { x: '', y: '' }, status: {} },
      map: { anything: 'x' },
    };
    expect(unknownOf(schema, spec)).toEqual([
      'spec.adresses',
      'spec.free.a.y',
      'spec.list[0].b',
      'spec.template.spec.y',
      'spec.template.status',
    ]);
    expect(specOf(schema, spec)).toEqual({
      known: 'a',
      list: [{ a: 'x' }],
      free: { z: 1, a: {} },
      template: { apiVersion: 'v1', kind: 'K', metadata: { name: 'n' }, spec: { x: '' } },
      map: { anything: 'x' },
    });
  });

  it('leaves the object that it was given as it is', () => {
    const given = object({ gone: 1 });
    const { object: pruned } = schemaValidator.prepare(schema, given);
    expect(given.spec).toEqual({ gone: 1 });
    expect(pruned.metadata).toEqual(given.metadata);
  });
});

describe('validation', () => {
  it.each<[string, Json, unknown, string[]]>([
    [
      'a bound',
      { port: { type: 'integer', maximum: 16384, minimum: 0 } },
      { port: 70000 },
      ['spec.port: Invalid value: 70000: spec.port in body should be less than or equal to 16384'],
    ],
    [
      'a type',
      { port: { type: 'integer' } },
      { port: 'x' },
      ['spec.port: Invalid value: "string": spec.port in body must be of type integer: "string"'],
    ],
    [
      'a fraction',
      { port: { type: 'integer' } },
      { port: 1.5 },
      ['spec.port: Invalid value: "number": spec.port in body must be of type integer: "number"'],
    ],
    [
      'an enum',
      { type: { type: 'string', enum: ['b', 'a'] } },
      { type: 'x' },
      ['spec.type: Unsupported value: "x": supported values: "b", "a"'],
    ],
    [
      'a pattern',
      { name: { type: 'string', pattern: '^a+$' } },
      { name: 'b' },
      ['spec.name: Invalid value: "b": spec.name in body should match \'^a+$\''],
    ],
    [
      'lengths',
      { short: { type: 'string', minLength: 2 }, long: { type: 'string', maxLength: 2 } },
      { short: 'a', long: 'abc' },
      [
        'spec.short: Invalid value: "a": spec.short in body should be at least 2 chars long',
        'spec.long: Too long: may not be more than 2 bytes',
      ],
    ],
    [
      'counts',
      {
        few: { type: 'array', minItems: 1, items: { type: 'string' } },
        many: { type: 'array', maxItems: 1, items: {} },
      },
      { few: [], many: [1, 2] },
      [
        'spec.few: Invalid value: 0: spec.few in body should have at least 1 items',
        'spec.many: Too many: 2: must have at most 1 item',
      ],
    ],
    [
      'a format',
      { at: { type: 'string', format: 'date-time' } },
      { at: '2026-02-30T00:00:00Z' },
      [
        'spec.at: Invalid value: "2026-02-30T00:00:00Z": spec.at in body must be of type date-time: "2026-02-30T00:00:00Z"',
      ],
    ],
    [
      'the range of int32',
      { n: { type: 'integer', format: 'int32' } },
      { n: 2147483648 },
      ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.n'],
    ],
    ['a number that is whole', { n: { type: 'integer' } }, { n: 2.0 }, []],
    ['int-or-string', { n: { 'x-kubernetes-int-or-string': true } }, { n: 'http' }, []],
    [
      'neither int nor string',
      { n: { 'x-kubernetes-int-or-string': true } },
      { n: true },
      ['spec.n: Invalid value: "boolean": spec.n in body must be of type integer,string: "boolean"'],
    ],
    [
      'a set',
      { s: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } } },
      { s: ['a', 'b', 'a', 'a'] },
      ['spec.s[2]: Duplicate value: "a"'],
    ],
    [
      'a map of items',
      {
        m: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k', 'p'],
          items: { type: 'object', properties: { k: { type: 'string' }, p: { type: 'string', default: 'TCP' } } },
        },
      },
      { m: [{ k: 'a' }, { k: 'a', p: 'UDP' }, { k: 'a', p: 'TCP' }] },
      ['spec.m[2]: Duplicate value: {"k":"a","p":"TCP"}'],
    ],
    [
      'anyOf',
      { v: { type: 'object', properties: { a: {}, b: {} }, anyOf: [{ required: ['a'] }, { required: ['b'] }] } },
      { v: {} },
      ['<nil>: Invalid value: "": "spec.v" must validate at least one schema (anyOf)'],
    ],
    [
      'oneOf',
      { v: { type: 'object', properties: { a: {}, b: {} }, oneOf: [{ required: ['a'] }, { required: ['b'] }] } },
      { v: { a: 1, b: 1 } },
      ['<nil>: Invalid value: "": "spec.v" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
    ],
  ])('of %s', (_, properties, spec, errors) => {
    expect(errorsOf(root(properties), spec)).toEqual(errors);
  });

  it('finds what is required, and everything at once', () => {
    const schema = root(
      { a: { type: 'string' }, list: { type: 'array', items: { type: 'object', required: ['x'] } } },
      { required: ['a'] },
    );
    expect(errorsOf(schema, { list: [{}] })).toEqual(['spec.a: Required value', 'spec.list[0].x: Required value']);
  });

  it('lets what was there before stay, and what changes not', () => {
    const schema = root({ a: { type: 'integer', maximum: 1 }, b: { type: 'integer', maximum: 1 } });
    expect(errorsOf(schema, { a: 5, b: 5 }, { a: 5, b: 1 })).toEqual([
      'spec.b: Invalid value: 5: spec.b in body should be less than or equal to 1',
    ]);
  });
});

describe('rules', () => {
  const rules = (...entries: Json[]): Json => ({ 'x-kubernetes-validations': entries });

  it('say their message, at their place', () => {
    const schema = root(
      { min: { type: 'integer' }, max: { type: 'integer' } },
      rules({ rule: 'self.min <= self.max', message: 'min is above max' }, { rule: 'self.min > 5', fieldPath: '.min' }),
    );
    expect(errorsOf(schema, { min: 3, max: 2 })).toEqual([
      'spec: Invalid value: min is above max',
      'spec.min: Invalid value: failed rule: self.min > 5',
    ]);
  });

  it('of a plain value show it; a messageExpression says what it makes', () => {
    const schema = root({
      n: { type: 'integer', ...rules({ rule: 'self != 0', messageExpression: "'not ' + string(self)" }) },
    });
    expect(errorsOf(schema, { n: 0 })).toEqual(['spec.n: Invalid value: 0: not 0']);
  });

  it('of a transition are asked where there is an old value', () => {
    const schema = root({
      n: { type: 'integer', ...rules({ rule: 'self == oldSelf', message: 'cannot be changed' }) },
    });
    expect(errorsOf(schema, { n: 1 })).toEqual([]);
    expect(errorsOf(schema, { n: 1 }, { n: 1 })).toEqual([]);
    expect(errorsOf(schema, { n: 1 }, {})).toEqual([]);
    expect(errorsOf(schema, { n: 2 }, { n: 1 })).toEqual(['spec.n: Invalid value: 2: cannot be changed']);
  });

  it('are not asked of a value that is none', () => {
    const schema = root({ n: { type: 'integer', ...rules({ rule: 'self != 0' }) } });
    expect(errorsOf(schema, { n: 'x' })).toEqual([
      'spec.n: Invalid value: "string": spec.n in body must be of type integer: "string"',
      '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ]);
  });

  it('say where they cannot be answered', () => {
    const schema = root({ a: { type: 'string' } }, rules({ rule: "self.a == 'x'" }));
    expect(errorsOf(schema, {})).toEqual([
      "spec: Invalid value: no such key: a evaluating rule: failed rule: self.a == 'x'",
    ]);
  });
});

describe('a schema', () => {
  const problems = (schema: Json): string[] =>
    schemaValidator.checkSchema(schema, 'schema').map(({ field, message }) => `${field}: ${message}`);

  it.each<[Json, string]>([
    [{}, 'schema.type: Required value: must not be empty at the root'],
    [{ type: 'string' }, 'schema.type: Invalid value: "string": must be object at the root'],
    [
      root({ a: {} }),
      'schema.properties[spec].properties[a].type: Required value: must not be empty for specified object fields',
    ],
    [root({ a: { type: 'array' } }), 'schema.properties[spec].properties[a].items: Required value: must be specified'],
    [root({ a: { type: 'text' } }), 'Unsupported value: "text"'],
    [root({ a: { type: 'string', pattern: '(' } }), 'must be a valid regular expression'],
    [root({ a: { type: 'integer', maximum: 1, default: 2 } }), 'properties[a].default: Invalid value: 2'],
    [root({ a: { type: 'object', anyOf: [{ properties: { x: {} } }] } }), 'anyOf[0].properties[x]: Required value'],
    [
      root({ a: { type: 'string', anyOf: [{ type: 'string' }] } }),
      'anyOf[0].type: Forbidden: must be empty to be structural',
    ],
    [
      root({ a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self ==' }] } }),
      'rule: Invalid value: "self ==": compilation failed',
    ],
    [
      root({ a: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' } }),
      'must not be empty if x-kubernetes-list-type is map',
    ],
    [
      { type: 'object', properties: { metadata: { type: 'object', properties: { labels: {} } } } },
      'must not specify anything other than name and generateName',
    ],
  ])('that is not structural is refused: %j', (schema, problem) => {
    expect(problems(schema).join('\n')).toContain(problem);
  });

  it('that spells int-or-string out is one', () => {
    const both = { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] };
    expect(problems(root({ a: both }))).toEqual([]);
    expect(errorsOf(root({ a: both }), { a: 'x' })).toEqual([]);
  });
});

describe('our own definitions', () => {
  const directory = new URL('../../../deploy/crds/', import.meta.url);
  const versions = readdirSync(directory)
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => {
      const crd = parse(readFileSync(new URL(file, directory), 'utf8'));
      return listAt(crd, 'spec', 'versions').map((version) => ({
        name: `${valueAt(crd, 'spec', 'names', 'kind')} ${valueAt(version, 'name')}`,
        schema: valueAt(version, 'schema', 'openAPIV3Schema') as Json,
      }));
    });

  it.each(versions)('$name has a structural schema whose rules compile', ({ schema }) => {
    expect(schemaValidator.checkSchema(schema, 'schema')).toEqual([]);
  });

  it('judge a BGPPeer', () => {
    const peer = versions.find(({ name }) => name === 'BGPPeer v1beta2')?.schema as Json;
    const spec = { myASN: 64500, peerASN: 64501, peerAddress: '10.0.0.1', holdTime: '90s' };
    expect(errorsOf(peer, specOf(peer, spec))).toEqual([]);
    expect(specOf(peer, spec)).toMatchObject({ peerPort: 179 });
    expect(errorsOf(peer, { ...spec, peerPort: 70000, holdTime: '1s', dynamicASN: 'internal' })).toEqual([
      'spec.peerPort: Invalid value: 70000: spec.peerPort in body should be less than or equal to 16384',
      'spec: Invalid value: peerASN and dynamicASN exclude each other: remove one of them',
      'spec.holdTime: Invalid value: "1s": a hold time is 0s or at least 3s (RFC 4271): write 3s or more, or leave the field out for 90s',
    ]);
  });

  it('bear any object', () => {
    fc.assert(
      fc.property(fc.constantFrom(...versions), fc.json(), ({ schema }, text) => {
        const given = object(JSON.parse(text));
        const { object: prepared } = schemaValidator.prepare(schema, given);
        expect(schemaValidator.prepare(schema, prepared)).toEqual({ object: prepared, unknown: [] });
        for (const { field, message } of schemaValidator.validate(schema, prepared, null))
          expect(`${field}: ${message}`).not.toContain('undefined');
        expect(schemaValidator.validate(schema, prepared, prepared).filter(({ field }) => field !== '<nil>')).toEqual(
          [],
        );
        expect(isObject(prepared)).toBe(true);
      }),
    );
  });
});
