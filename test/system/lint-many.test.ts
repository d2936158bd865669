/** `metallb lint` on inputs that are large, or wrong throughout: every object is judged. How long it takes is measured by `npm run bench`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLUSTER, documentsOf, FAULTY, yamlOf } from '../../bench/lint-objects.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'metallb-lint-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The last line. */
function lint(file: string, text: string): string {
  const path = join(folder, file);
  writeFileSync(path, text);
  const args = ['bin/metallb.js', 'lint', path];
  let output = '';
  try {
    output = execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  } catch (error) {
    const { status, stdout } = error as { readonly status: number; readonly stdout: string };
    expect(status).toBe(1);
    output = stdout;
  }
  return output.trimEnd().split('\n').at(-1) ?? '';
}

it('finds no error in a large cluster that has none', () => {
  expect(CLUSTER).toHaveLength(500);
  expect(lint('cluster.yaml', documentsOf(CLUSTER))).toMatch(/^0 errors, [1-9]\d* warnings/);
});

it.each([
  ['faulty.yaml', documentsOf(FAULTY)],
  ['faulty-list.yaml', yamlOf({ apiVersion: 'v1', kind: 'List', items: FAULTY })],
  ['faulty-list.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: FAULTY }, null, 1)],
])('reports 10,000 faulty objects: %s', (file, text) => {
  expect(FAULTY).toHaveLength(10_000);
  expect(Number(lint(file, text).split(' ')[0])).toBeGreaterThanOrEqual(20_000);
});
