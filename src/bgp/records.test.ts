import { describe, expect, it } from 'vitest';
import { PAGE_SIZE, Records } from './records.ts';

describe('Records', () => {
  it('are zero until they are written, and keep each field of each record apart', () => {
    const records = new Records();
    const ids = [0, 1, PAGE_SIZE - 1, PAGE_SIZE, 5 * PAGE_SIZE + 3];
    expect(ids.map((id) => records.get(id, 2))).toEqual([0, 0, 0, 0, 0]);
    for (const id of ids) for (const field of [0, 1, 2, 3] as const) records.set(id, field, 4 * id + field + 1);
    for (const id of ids)
      for (const field of [0, 1, 2, 3] as const) expect(records.get(id, field)).toBe(4 * id + field + 1);
    expect(records.get(2 * PAGE_SIZE, 0)).toBe(0);
  });

  it('names only those that can have been written', () => {
    const records = new Records();
    records.set(3 * PAGE_SIZE + 1, 0, 1);
    const ids = [...records.ids()];
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([PAGE_SIZE, 3 * PAGE_SIZE, 4 * PAGE_SIZE - 1]);
  });
});
