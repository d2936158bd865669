/**
 * docs/interop.md has the matrix as its rows are, and every row has the files that it needs.
 *
 * `UPDATE_INTEROP_DOC=1 npx vitest run --project unit test/interop-doc.test.ts` writes the table anew.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONFIG_FILES, MATRIX } from './interop/matrix/harness/bench.ts';
import { inRow } from './interop/matrix/harness/capability.ts';
import { markdownOf } from './interop/matrix/harness/table.ts';
import { ROWS } from './interop/matrix/rows.ts';

const DOC = join(import.meta.dirname, '../docs/interop.md');
const BEGIN = '<!-- matrix: written by test/interop-doc.test.ts -->\n';
const END = '\n<!-- end of matrix -->';

describe('the interoperation matrix', () => {
  it('stands in docs/interop.md as it is', () => {
    const text = readFileSync(DOC, 'utf8');
    const [before, rest = ''] = text.split(BEGIN);
    const [table, after] = rest.split(END);
    const matrix = markdownOf(ROWS);
    if (process.env.UPDATE_INTEROP_DOC === '1') writeFileSync(DOC, `${before}${BEGIN}${matrix}${END}${after}`);
    else expect(table).toBe(matrix);
  });

  it('has every folder as a row', () => {
    const folders = readdirSync(MATRIX, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const names = folders.map(({ name }) => name).filter((name) => name !== 'harness');
    expect([...ROWS.keys()].sort()).toEqual(names.sort());
  });

  it.each([...ROWS])('%s has a configuration for each daemon that is in it, and for no other', (name, capability) => {
    const inIt = inRow(capability);
    const files = readdirSync(join(MATRIX, name)).sort();
    const needed = inIt.length === 0 ? [] : ['speaker.yaml', ...inIt.map((daemon) => CONFIG_FILES[daemon])];
    expect(files).toEqual(['row.ts', ...needed].sort());
    expect(existsSync(join(MATRIX, 'base.yaml'))).toBe(true);
  });
});
