import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../status.ts';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge.ts';

describe('applyJsonPatch', () => {
  // RFC 6902, appendix A: A.1 to A.16, those that succeed.
  it.each<[string, unknown, unknown[], unknown]>([
    ['A.1', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
    ['A.2', { foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
    ['A.3', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    ['A.4', { foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
    ['A.5', { baz: 'qux', foo: 'bar' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo', foo: 'bar' }],
    [
      'A.6',
      { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
      [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
      { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
    ],
    [
      'A.7',
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
      { foo: ['all', 'cows', 'eat', 'grass'] },
    ],
    [
      'A.10',
      { foo: 'bar' },
      [{ op: 'add', path: '/child', value: { grandchild: {} } }],
      { foo: 'bar', child: { grandchild: {} } },
    ],
    ['A.14', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    [
      'A.16',
      { foo: ['bar'] },
      [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
      { foo: ['bar', ['abc', 'def']] },
    ],
    ['copy', { a: [1] }, [{ op: 'copy', from: '/a/0', path: '/b' }], { a: [1], b: 1 }],
    ['the whole', { a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
  ])('applies %s', (_, document, patch, result) => {
    const before = structuredClone(document);
    expect(applyJsonPatch(document, patch)).toEqual(result);
    expect(document).toEqual(before);
  });

  it.each<[string, unknown, unknown]>([
    ['A.9: a test that fails', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }]],
    ['A.12: no such target', { foo: 'bar' }, [{ op: 'add', path: '/baz/bat', value: 'qux' }]],
    ['A.15: a text is no number', { '~1': 10 }, [{ op: 'test', path: '/~01', value: '10' }]],
    ['an index with a leading zero', { a: [1, 2] }, [{ op: 'remove', path: '/a/01' }]],
    ['a replacement of nothing', {}, [{ op: 'replace', path: '/a', value: 1 }]],
    ['a move into itself', { a: { b: 1 } }, [{ op: 'move', from: '/a', path: '/a/b' }]],
    ['an inherited field', {}, [{ op: 'replace', path: '/constructor', value: 1 }]],
    ['an unknown operation', {}, [{ op: 'spam', path: '/a' }]],
    ['no array', {}, { op: 'add' }],
  ])('refuses %s', (_, document, patch) => {
    expect(() => applyJsonPatch(document, patch)).toThrow(ApiError);
  });

  it('throws nothing but refusals, and touches no prototype', () => {
    const step = fc.constantFrom('', '/a', '/a/0', '/a/-', '/__proto__', '/__proto__/x', '/a/__proto__/y', 'x');
    const operation = fc.record({
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
      path: step,
      from: step,
      value: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(operation, { maxLength: 5 }), (document, patch) => {
        try {
          applyJsonPatch(document, patch);
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError);
        }
        expect(({} as { x?: unknown }).x).toBeUndefined();
      }),
    );
  });
});

describe('applyMergePatch', () => {
  // RFC 7386, appendix A, whole.
  it.each<[unknown, unknown, unknown]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('merges into %j the patch %j', (target, patch, result) => {
    expect(applyMergePatch(target, patch)).toEqual(result);
  });
});

describe('applyStrategicMergePatch', () => {
  const deployment = {
    spec: {
      template: {
        spec: {
          containers: [
            { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
            { name: 'b', image: 'b:1' },
          ],
        },
      },
    },
  };
  const containers = (patch: unknown): unknown =>
    (applyStrategicMergePatch('Deployment', deployment, { spec: { template: { spec: patch } } }) as typeof deployment)
      .spec.template.spec.containers;

  it('merges containers by name, and what is inside of them by its own key', () => {
    expect(containers({ containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }] }] })).toEqual([
      {
        name: 'a',
        image: 'a:1',
        env: [
          { name: 'X', value: '1' },
          { name: 'Y', value: '2' },
        ],
      },
      { name: 'b', image: 'b:1' },
    ]);
  });

  it('deletes an item, replaces a list, and orders it', () => {
    expect(containers({ containers: [{ name: 'a', $patch: 'delete' }] })).toEqual([{ name: 'b', image: 'b:1' }]);
    expect(containers({ containers: [{ name: 'c' }, { $patch: 'replace' }] })).toEqual([{ name: 'c' }]);
    expect(
      containers({
        '$setElementOrder/containers': [{ name: 'b' }, { name: 'c' }, { name: 'a' }],
        containers: [{ name: 'c' }],
      }),
    ).toEqual([
      { name: 'b', image: 'b:1' },
      { name: 'c' },
      { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
    ]);
  });

  it('merges ports of a Service by number, and replaces lists that have no key', () => {
    const service = { spec: { ports: [{ port: 80, nodePort: 30_000 }], externalIPs: ['192.0.2.1'] } };
    expect(
      applyStrategicMergePatch('Service', service, {
        spec: { ports: [{ port: 80, name: 'http' }, { port: 443 }], externalIPs: ['192.0.2.2'] },
      }),
    ).toEqual({
      spec: { ports: [{ port: 80, nodePort: 30_000, name: 'http' }, { port: 443 }], externalIPs: ['192.0.2.2'] },
    });
  });

  it('treats sets of plain values as sets', () => {
    const node = { metadata: { finalizers: ['a', 'b'] } };
    expect(applyStrategicMergePatch('Node', node, { metadata: { finalizers: ['b', 'c'] } })).toEqual({
      metadata: { finalizers: ['a', 'b', 'c'] },
    });
    expect(
      applyStrategicMergePatch('Node', node, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } }),
    ).toEqual({
      metadata: { finalizers: ['b'] },
    });
  });

  it('keeps only the keys that a patch retains', () => {
    const old = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    expect(
      applyStrategicMergePatch('Deployment', old, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }),
    ).toEqual({
      spec: { strategy: { type: 'Recreate' } },
    });
  });

  it('refuses an item without its key', () => {
    expect(() => containers({ containers: [{ image: 'x' }] })).toThrow(/merge key: name/);
  });
});
