import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takeApart } from './list-text.ts';

/** What the parts come to: the list as JSON.parse has it. */
function putTogether(text: string): unknown {
  const parts = takeApart(text);
  if (parts === null) return JSON.parse(text);
  return { ...JSON.parse(parts.rest), items: parts.items.map((item) => JSON.parse(item)) };
}

const outcome = (read: (text: string) => unknown, text: string): unknown => {
  try {
    return read(text);
  } catch {
    return 'no JSON';
  }
};

const value = fc.jsonValue({ maxDepth: 4 });
const hostile = fc.constantFrom('"', '\\', '\\"', '[', ']', '{', '}', ',', '],"items":[', '"items":[1]', '\u2028');
const text = fc.array(fc.oneof(fc.string(), hostile)).map((parts) => parts.join(''));
const item = fc.oneof(value, fc.dictionary(text, text), text);
const around = fc.dictionary(text, value, { maxKeys: 3 });

describe('a list taken apart', () => {
  it('is the list that JSON.parse reads, whatever is in it and around it', () => {
    fc.assert(
      fc.property(
        around,
        fc.array(item),
        around,
        fc.constantFrom(undefined, 1, '\t'),
        (before, items, after, space) => {
          // Keys in this order; one of the others that is called items as well would be the same key.
          const list = Object.fromEntries(
            [...Object.entries(before), ['items', items] as const, ...Object.entries(after)].filter(
              ([key], i, all) => all.findLastIndex(([other]) => other === key) === i || key === 'items',
            ),
          );
          const json = JSON.stringify(list, null, space);
          expect(putTogether(json)).toEqual(JSON.parse(json));
        },
      ),
    );
  });

  it('is no JSON where the whole is none', () => {
    const broken = fc.record({ items: fc.array(item), at: fc.nat(), by: fc.oneof(hostile, fc.constant('')) });
    fc.assert(
      fc.property(broken, ({ items, at, by }) => {
        const json = JSON.stringify({ kind: 'List', items, metadata: { resourceVersion: '1' } });
        const cut = at % json.length;
        const mutated = json.slice(0, cut) + by + json.slice(cut + 1);
        const whole = outcome(JSON.parse, mutated);
        // Of two keys of one name JSON.parse takes the last: whoever puts the parts together looks at what is in the place of the items.
        fc.pre(mutated.split('"items"').length === 2);
        expect(outcome(putTogether, mutated)).toEqual(whole);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['no items', '{"kind":"Status"}'],
    ['items that are null', '{"items":null}'],
    ['items of something else', '{"spec":{"items":[1]}}'],
    ['an array', '[{"items":[1]}]'],
    ['a value called items', '{"a":"items","b":[1]}'],
    ['an end in a string', '{"items":["a'],
    ['an end in a key', '{"items'],
    ['an end behind an item', '{"items":[{}'],
  ])('is not one with %s', (_, json) => {
    expect(takeApart(json)).toBeNull();
  });

  it.each([
    ['{"items":[]}', []],
    ['{ "items" : [ ] }', []],
    ['{"items":[1,]}', ['1', '']],
    ['{"items":[{"a":"]\\\\"},{"b":["\\"]"]}]}', ['{"a":"]\\\\"}', '{"b":["\\"]"]}']],
  ])('has the items of %s', (json, items) => {
    expect(takeApart(json)?.items).toEqual(items);
  });
});
