/** The events of the speaker's log: each named in one place of the source, and all of them in the manual. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
/** Says what happened too, but in the state, not in the log; and what another process logs. */
const OTHER = ['speaker/flight-recorder.ts', 'cli/commands/controller.ts'];

const sources = ['speaker', 'daemon', 'io', 'cli/commands']
  .flatMap((folder) =>
    readdirSync(join(ROOT, 'src', folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  )
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !OTHER.includes(file));

const logged = sources.flatMap((file) =>
  [...readFileSync(join(ROOT, 'src', file), 'utf8').matchAll(/\bevent: '(\w+)'/g)].map((match) => match[1]),
);

const documented = readFileSync(join(ROOT, 'docs/speaker.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| `\w+`(, `\w+`)* \| (?:debug|info|warn|error|by severity)/.test(line))
  .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1]));

it('names each event once', () => {
  expect([...logged].sort()).toEqual([...new Set(logged)].sort());
});

it('lists every event in docs/speaker.md, and none that there is not', () => {
  expect([...documented].sort()).toEqual([...new Set(logged)].sort());
});
