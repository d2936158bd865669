/** What `npm run …` starts has the packages that it needs: a fresh clone gets those of `dependencies` alone, unless the launcher asks for more. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const SCRIPTS = join(ROOT, 'scripts');
const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

/** Entries that are started without the packages of development. */
const ENTRIES = readdirSync(SCRIPTS).flatMap((file) => {
  const text = readFileSync(join(SCRIPTS, file), 'utf8');
  return [...text.matchAll(/launch\('([^']+)', \{ dev: false \}/g)].map(([, entry = '']) => entry);
});

/** The packages that a file imports, and those of the files that it imports; of types nothing is left when it runs. */
function packagesOf(file: string, seen: Set<string>): readonly string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  const imported = [...text.matchAll(/^(?:import|export)(?! type\b)[^;]*?from '([^']+)'|\bimport\('([^']+)'\)/gm)];
  return imported.flatMap(([, from, dynamic]) => {
    const specifier = from ?? dynamic ?? '';
    if (specifier.startsWith('node:')) return [];
    if (specifier.startsWith('.')) return packagesOf(resolve(dirname(file), specifier), seen);
    return [specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] ?? '')];
  });
}

it('finds the launchers', () => expect(ENTRIES).toContain('src/demo/main.ts'));

it.each(ENTRIES)('%s needs no package of development', (entry) => {
  const needed = new Set(packagesOf(join(ROOT, entry), new Set()));
  expect([...needed].filter((name) => !(name in dependencies))).toEqual([]);
});
