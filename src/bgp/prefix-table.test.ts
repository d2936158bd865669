import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPrefix, type Prefix, prefixOf } from '../net/prefix.ts';
import { ByteWriter } from '../wire/writer.ts';
import { encodePrefix } from './packet/nlri.ts';
import { NO_PREFIX, PrefixTable } from './prefix-table.ts';

const anyPrefix = (family: 4 | 6): fc.Arbitrary<Prefix> => {
  const bits = family === 4 ? 32 : 128;
  return fc
    .tuple(fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }), fc.nat(bits))
    .map(([value, length]) => prefixOf({ family, value }, length));
};

function onWire(table: PrefixTable, id: number): Uint8Array {
  const bytes = new Uint8Array(32);
  return bytes.slice(3, table.write(id, bytes, 3));
}

describe.each([4, 6] as const)('PrefixTable of IPv%i', (family) => {
  it('gives a prefix back as it came, as a value and as NLRI', () => {
    fc.assert(
      fc.property(anyPrefix(family), (prefix) => {
        const table = new PrefixTable(family);
        const id = table.intern(prefix);
        table.retain(id);
        expect(table.prefix(id)).toEqual(prefix);
        const w = new ByteWriter(32);
        encodePrefix(w, prefix);
        expect(onWire(table, id)).toEqual(w.toBytes());
        expect(table.octets(id)).toBe(w.length);
      }),
    );
  });

  it('gives each prefix one number while it is referred to, over any comings and goings', () => {
    // Few different ones, so that numbers are freed and given out again, and chains of the hash table are cut in the middle.
    const some = fc.array(anyPrefix(family), { minLength: 1, maxLength: 60 });
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(59)), { maxLength: 400 });
    fc.assert(
      fc.property(some, steps, (prefixes, changes) => {
        const table = new PrefixTable(family);
        const model = new Map<string, { id: number; references: number }>();
        for (const [come, n] of changes) {
          const prefix = prefixes[n % prefixes.length] as Prefix;
          const text = formatPrefix(prefix);
          const known = model.get(text);
          expect(table.find(prefix)).toBe(known?.id ?? NO_PREFIX);
          if (come) {
            const id = table.intern(prefix);
            table.retain(id);
            if (known === undefined) {
              expect([...model.values()].some((entry) => entry.id === id)).toBe(false);
              model.set(text, { id, references: 1 });
            } else {
              expect(id).toBe(known.id);
              known.references++;
            }
          } else if (known !== undefined) {
            table.release(known.id);
            if (--known.references === 0) model.delete(text);
          }
          expect(table.size).toBe(model.size);
        }
        for (const prefix of prefixes)
          expect(table.find(prefix)).toBe(model.get(formatPrefix(prefix))?.id ?? NO_PREFIX);
      }),
    );
  });

  it('keeps its numbers few: what was freed is given out again', () => {
    const table = new PrefixTable(family);
    for (let n = 0; n < 10_000; n++) {
      const id = table.intern(
        prefixOf({ family, value: BigInt(n) << BigInt(family === 4 ? 8 : 64) }, family === 4 ? 24 : 64),
      );
      table.retain(id);
      if (n >= 10) table.release(id);
    }
    expect([table.size, table.limit]).toEqual([10, 12]);
  });
});
