import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { schemaNode } from '../schema-node.ts';
import { compileCel } from './program.ts';
import { fromJson, type Value } from './values.ts';

const run = (text: string, self: Value = null): unknown => {
  const program = compileCel(text, ['self', 'oldSelf']);
  if (!program.ok) return `no expression: ${program.error}`;
  const result = program.value.run({ self });
  return result.ok ? result.value : `error: ${result.error}`;
};

describe('an expression', () => {
  it.each<[string, unknown]>([
    ['1 + 2 * 3 - 4', 3n],
    ['-7 / 2', -3n],
    ['-7 % 3', -1n],
    ['7.0 / 2.0', 3.5],
    ['\'a\' + "b"', 'ab'],
    ["r'\\d' == '\\\\d'", true],
    ["'\\u00b5' == 'µ'", true],
    ['1 == 1.0', true],
    ['1 < 1.5', true],
    ["'1' == 1", false],
    ['1 in [3, 2, 1]', true],
    ["'a' in {'a': 1}", true],
    ['true || 1 / 0 == 1', true],
    ['1 / 0 == 1 || true', true],
    ['1 / 0 == 1 && false', false],
    ['1 / 0 == 1', 'error: division by zero'],
    ['9223372036854775807 + 1', 'error: integer overflow'],
    ['1 + 1.0', 'error: no such overload: int + double'],
    ["type(1) == int ? 'int' : 'other'", 'int'],
    ["type('x') == string", true],
    ["size('äöü') == 3 && 'abc'.size() == 3 && size([1]) == 1 && size({}) == 0", true],
    ["'10.0.0.1'.matches('^[0-9.]+$')", true],
    ["'abcd'.matches('bc')", true],
    ["duration('1h30m').getSeconds()", 5400n],
    ["duration('1500ms').getMilliseconds() % 1000", 500n],
    ["duration('90')", 'error: type conversion error: "90" is no duration'],
    ["timestamp('2026-01-01T00:00:00Z') + duration('1h') > timestamp('2026-01-01T00:59:59Z')", true],
    ['[1, 2, 3].all(x, x > 0)', true],
    ['[1, 2, 3].exists(x, x == 2) && ![1].exists(x, x == 2)', true],
    ['[1, 2, 2].exists_one(x, x == 2)', false],
    ['[1, 2, 3].filter(x, x > 1).map(x, x * 2)', [4n, 6n]],
    ['[1, 2, 3].map(x, x > 1, x * 2)', [4n, 6n]],
    ["{'a': 1}.all(k, k == 'a')", true],
    ["'a,b'.split(',').join('-').upperAscii()", 'A-B'],
    ["'tacocat'.substring(4) + 'x'.replace('x', 'y')", 'caty'],
    ["'tacocat'.substring(2, 4).charAt(0)", 'c'],
    ["isIP('::1') && !isIP('010.0.0.1') && isCIDR('10.0.0.0/8')", true],
    ['[3, 1, 2].max() - [3, 1, 2].min() + [1, 2].sum()', 5n],
    ["int('12') + int(3.9) == 15 && string(1) == '1' && double('0.5') == 0.5", true],
    ['!true', false],
    ['--1', 1n],
    ['[[1, 2], [3]][0][1]', 2n],
    ['[1][5]', 'error: index out of bounds: 5'],
  ])('%s', (text, value) => {
    expect(run(text)).toEqual(value);
  });

  it.each([
    ['1 +', /^no expression: expected a name, found the end/],
    ['self.a.b(', /^no expression/],
    ['unknown', /^no expression: undeclared reference to 'unknown'/],
    ['self.frobnicate()', /^no expression: undeclared reference to 'frobnicate'/],
    ['has(self)', /^no expression: invalid argument to has/],
    ['[1].all(1, true)', /^no expression: the first argument of all/],
    ["'abc", /^no expression: unexpected/],
    ['1u', /^no expression: unsigned/],
    ['1 2', /^no expression: expected the end/],
    [`${'('.repeat(5000)}1`, /^no expression: is nested deeper/],
    [`${'!'.repeat(5000)}true`, /^no expression: is nested deeper/],
    [`self${'.a'.repeat(5000)}`, /^no expression: has more than/],
  ])('is refused: %s', (text, why) => {
    expect(run(text)).toMatch(why);
  });

  it('sees an object through its schema', () => {
    const schema = schemaNode({
      type: 'object',
      properties: {
        count: { type: 'integer' },
        ratio: { type: 'number' },
        at: { type: 'string', format: 'date-time' },
        port: { 'x-kubernetes-int-or-string': true },
        'a-b': { type: 'string' },
        namespace: { type: 'string' },
      },
    });
    const json = { count: 2, ratio: 2, at: '2026-01-01T00:00:00Z', port: 80, 'a-b': 'x', namespace: 'y' };
    const self = fromJson(json, schema);
    expect(run('type(self.count) == int && type(self.ratio) == double && self.count == self.ratio', self)).toBe(true);
    expect(run('self.at.getFullYear()', self)).toBe(2026n);
    expect(run("type(self.port) == int ? self.port == 80 : self.port == 'http'", self)).toBe(true);
    expect(run("self.a__dash__b == 'x' && self.__namespace__ == 'y' && has(self.a__dash__b)", self)).toBe(true);
    expect(run('has(self.absent)', self)).toBe(false);
    expect(run('self.absent == 1', self)).toBe('error: no such key: absent');
    expect(run('has(self.count.deeper)', self)).toBe('error: no such key: deeper');
  });

  it('ends, however much it is asked to do', () => {
    const self = Array.from({ length: 300 }, (_, i) => BigInt(i));
    expect(run('self.all(a, self.all(b, self.all(c, true)))', self)).toBe('error: the expression costs too much');
  });
});

describe('any text', () => {
  const words = fc.constantFrom(
    ...['self', 'oldSelf', '.', '(', ')', '[', ']', '{', '}', ',', ':', '?', '+', '-', '*', '/', '%', '!', '&&', '||'],
    ...['==', '<', 'in', 'has', 'all', 'exists', 'map', 'size', 'matches', 'x', '1', '0', '2.5', "'a'", 'true', 'null'],
    ...['duration', 'string', 'int', '"', '\\', 'min', 'split', 'replace', 'value', "'('"],
  );

  it('is compiled or refused, evaluated or failed: never thrown at', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words, { maxLength: 14 }).map((parts) => parts.join('')),
        ),
        (text) => {
          expect(() => run(text, new Map<Value, Value>([['a', [1n, 'x']]]))).not.toThrow();
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('of integers gives what integers give', () => {
    const small = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(small, small, small, (a, b, c) => {
        expect(run(`(${a}) + (${b}) * (${c})`)).toBe(BigInt(a + b * c));
        expect(run(`(${a}) < (${b}) ? (${a}) : (${b})`)).toBe(BigInt(Math.min(a, b)));
        expect(run(`[${a}, ${b}].exists(x, x == ${c})`)).toBe(a === c || b === c);
        expect(run(`[${a}, ${b}].all(x, x == ${c})`)).toBe(a === c && b === c);
      }),
    );
  });
});
