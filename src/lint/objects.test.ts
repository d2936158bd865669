import { describe, expect, it } from 'vitest';
import { listAt, pathAsWritten, textAt, valueAt } from './objects.ts';

describe('reading an object as it was written', () => {
  const body = { spec: { list: ['a', null, { text: 'b' }], text: 7 } };

  it('finds what is there, and nothing that the object only inherits', () => {
    expect(valueAt(body, 'spec', 'list', 2, 'text')).toBe('b');
    expect(valueAt(body, 'spec', 'constructor')).toBeUndefined();
    expect(valueAt(body, 'spec', 'text', 'length')).toBeUndefined();
    expect(valueAt(null, 'spec')).toBeUndefined();
  });

  it('has the type that was asked for, or nothing', () => {
    expect(textAt(body, 'spec', 'text')).toBeUndefined();
    expect(listAt(body, 'spec', 'text')).toEqual([]);
    expect(listAt(body, 'spec', 'list')).toHaveLength(3);
  });

  it('counts null entries where others have left them out', () => {
    expect(pathAsWritten(body, ['spec', 'list', 1, 'text'])).toEqual(['spec', 'list', 2, 'text']);
    expect(pathAsWritten(body, ['spec', 'list', 0])).toEqual(['spec', 'list', 0]);
    expect(pathAsWritten(body, ['spec', 'list', 9])).toEqual(['spec', 'list', 9]);
    expect(pathAsWritten(body, ['nowhere', 1])).toEqual(['nowhere', 1]);
  });
});
