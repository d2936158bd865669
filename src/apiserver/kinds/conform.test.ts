import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiObject } from '../types.ts';
import { conform } from './conform.ts';
import { MESSAGES } from './messages.ts';

const service = (spec: unknown): ApiObject => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec });

describe('conform', () => {
  it('drops what the kind has not, and says where it was', () => {
    const { object, unknown } = conform(service({ nonsense: 1, ports: [{ port: 80, adress: 2 }], type: null }));
    expect(object.spec).toEqual({ ports: [{ port: 80 }] });
    expect(unknown).toEqual(['spec.nonsense', 'spec.ports[0].adress']);
  });

  it.each<[unknown, string]>([
    ['text', 'spec must be an object'],
    [{ ports: {} }, 'spec.ports must be a list'],
    [{ ports: [{ port: '80' }] }, 'spec.ports[0].port must be an integer'],
    [{ ports: [{ port: 80, targetPort: 1.5 }] }, 'spec.ports[0].targetPort must be an integer or a string'],
    [{ selector: { a: 1 } }, 'spec.selector.a must be a string'],
    [{ publishNotReadyAddresses: 'yes' }, 'spec.publishNotReadyAddresses must be a boolean'],
  ])('names the first value of a wrong type in %j', (spec, wrong) => {
    expect(conform(service(spec)).wrongType).toBe(wrong);
  });

  it('lets through what is not listed of a kind, and kinds that are not listed', () => {
    const pod: ApiObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { affinity: { x: 1 } } };
    expect(conform(pod)).toEqual({ object: pod, unknown: [], wrongType: undefined });
    const other: ApiObject = { apiVersion: 'v1', kind: 'Other', metadata: { name: 'p' }, x: 1 };
    expect(conform(other).object).toBe(other);
  });

  it('takes any JSON', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MESSAGES.keys()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.jsonValue(),
        (kind, fields, spec) => {
          conform({ apiVersion: 'v1', kind, metadata: { name: 'a' }, ...fields, spec });
        },
      ),
    );
  });
});

it('messages name only messages that are listed', () => {
  const own = ['s', 'i', 'b', 'y', 'Time', 'MicroTime', 'IntOrString', 'Quantity', 'FieldsV1'];
  const missing = [...MESSAGES.values()].flatMap(({ byName }) =>
    [...byName.values()].map(({ type }) => type).filter((type) => !own.includes(type) && !MESSAGES.has(type)),
  );
  expect(missing).toEqual([]);
});
