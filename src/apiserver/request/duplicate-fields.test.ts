import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duplicateFields } from './duplicate-fields.ts';

describe('duplicateFields', () => {
  it.each([
    ['{"a":1,"b":2}', []],
    ['{"a":1,"a":2,"a":3}', ['a']],
    ['{"spec":{"ports":[{"x":1},{"x":1,"y":{"x":1,"x":2}}]},"spec":{}}', ['spec.ports[1].y.x', 'spec']],
    ['{"a":"a","b":["a","a"],"c":{"a":1}}', []],
    ['{"a\\"{":1,"a\\u0022{":2}', ['a"{']],
    ['[]', []],
    ['', []],
  ])('finds in %s: %j', (text, found) => {
    expect(duplicateFields(text)).toEqual(found);
  });

  it('finds nothing in what was written by JSON.stringify', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(duplicateFields(JSON.stringify(value))).toEqual([]);
      }),
    );
  });

  it('finds whatever is put there twice', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (name, value) => {
        const field = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
        expect(duplicateFields(`{${field},${field}}`)).toEqual([name]);
      }),
    );
  });
});
