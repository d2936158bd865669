/**
 * Transcripts of `plan --explain` and `plan --diff` on the guide's multi-router configuration, against reviewed expectations beside this
 * file. `UPDATE_GOLDEN=1 npx vitest run --project unit test/golden/explain` writes them anew; the difference is then reviewed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { metallb } from '../../cli/fake-io.ts';

const INPUTS = 'test/golden/explain/inputs';
const GUIDE = ['multi-router', 'test-service', 'cluster'].map((chapter) => `examples/guide/${chapter}`);
const OURS = ['examples/guide/multi-router', 'examples/guide/cluster/secrets.yaml', `${INPUTS}/cluster.yaml`];

it.each([
  ['announced.txt', ['plan', ...GUIDE, '--explain', 'default/nginx-lb']],
  ['announced-json.txt', ['plan', ...GUIDE, '--explain', 'default/nginx-lb', '-o', 'json']],
  ['local-and-layer2.txt', ['plan', ...OURS, '--explain', 'default/shop']],
  ['waiting.txt', ['plan', ...OURS, '--explain', 'default/waiting']],
  ['plan-with-layer2.txt', ['plan', ...OURS]],
  ['diff.txt', ['plan', '--diff', `${INPUTS}/before.yaml`, `${INPUTS}/after.yaml`, ...GUIDE.slice(1)]],
  [
    'diff-json.txt',
    ['plan', '--diff', `${INPUTS}/before.yaml`, `${INPUTS}/after.yaml`, ...GUIDE.slice(1), '-o', 'json'],
  ],
])('%s', async (name, args) => {
  const { status, stdout: all, stderr } = await metallb(args);
  // Findings are not what this is about, and change with each new lint rule.
  const stdout = all.replace(/\nFindings [\s\S]*$|,\n {2}"diagnostics": [\s\S]*$/, '\n');
  const golden = join(import.meta.dirname, name);
  if (process.env.UPDATE_GOLDEN) writeFileSync(golden, stdout);
  expect(stdout).toBe(readFileSync(golden, 'utf8'));
  expect([status, stderr.replace(/^rows: .*\n/, '')]).toEqual([0, '']);
});
