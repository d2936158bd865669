/**
 * `npm run soak`: what takes longer than CI may, one module of test/soak/ each.
 *
 *     npm run soak               # lists them
 *     npm run soak -- NAME…      # runs these, one after the other
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, install, ROOT, runNode } from './bootstrap.mjs';

const FOLDER = join(ROOT, 'test/soak');
const SUFFIX = '.test.ts';

const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length))
  .sort();
/** The first sentence of its head. */
const about = (name) =>
  /^\/\*\*\s*(?:\*\s*)?(.*?)(?:\s*\*\/)?$/m.exec(readFileSync(join(FOLDER, name + SUFFIX), 'utf8'))?.[1];

const wanted = process.argv.slice(2);
for (const name of wanted) if (!names.includes(name)) fail(`no soak ${name}: there are ${names.join(', ')}`);

if (wanted.length === 0) {
  const width = Math.max(...names.map((name) => name.length));
  process.stdout.write(
    `npm run soak -- NAME\n\n${names.map((name) => `  ${name.padEnd(width)}  ${about(name)}\n`).join('')}`,
  );
} else {
  install({ dev: true });
  const files = wanted.map((name) => join('test/soak', name + SUFFIX));
  process.exitCode = await runNode([
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--project',
    'soak',
    ...files,
  ]);
}
