/**
 * What plan and lint say of the guide, chapter by chapter and of all chapters together, against reviewed expectations beside this file.
 *
 * After a change that is meant, `UPDATE_GOLDEN=1 npx vitest run --project unit test/golden/plan` writes them anew; the difference is then
 * reviewed like any other.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { metallb } from '../../cli/fake-io.ts';

const GUIDE = 'examples/guide';
const chapters = readFileSync(`${GUIDE}/ORDER`, 'utf8').trim().split(/\s+/);
const cases = new Map<string, readonly string[]>([
  ...chapters.map((chapter) => [chapter, [chapter]] as const),
  // The chapter that configures everything, with the Service that it is for.
  ['multi-router-and-test-service', ['multi-router', 'test-service']],
  ['all', chapters],
]);

it.each([...cases])('%s', async (name, inputs) => {
  const paths = [...inputs, 'cluster'].map((chapter) => `${GUIDE}/${chapter}`);
  const forms: readonly (readonly [extension: string, args: readonly string[]])[] = [
    ['plan.txt', ['plan', ...paths]],
    ['plan-json.txt', ['plan', '-o', 'json', ...paths]],
    ['lint.txt', ['lint', ...paths]],
  ];
  for (const [extension, args] of forms) {
    const { status, stdout } = await metallb(args);
    const golden = join(import.meta.dirname, `${name}.${extension}`);
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden, stdout);
    expect(stdout).toBe(readFileSync(golden, 'utf8'));
    expect(status).toBe(/"severity":"error"|: error: /.test(stdout) ? 1 : 0);
  }
});
