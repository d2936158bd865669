/** The events of the speaker's log: each named in one place of the source, and all of them in the manual. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
/** Says what happened too, but in the state, not in the log; and what another process logs. */
const OTHER = ['speaker/flight-recorder.ts', 'cli/commands/controller.ts'];

const sources = ['speaker', 'follow', 'daemon', 'io', 'cli/commands']
  .flatMap((folder) =>
    readdirSync(join(ROOT, 'src', folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  )
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !OTHER.includes(file));

const eventsOf = (files: readonly string[]) =>
  files.flatMap((file) =>
    [...readFileSync(join(ROOT, 'src', file), 'utf8').matchAll(/[{,]\s*event: '(\w+)'/g)].map((match) => match[1]),
  );

const logged = new Set(eventsOf(sources));
/** A speaker of a cluster and one of a folder are two, of which a process runs one. */
const isOfCluster = (file: string): boolean => file.startsWith('speaker/cluster/');

const documented = readFileSync(join(ROOT, 'docs/speaker.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| `\w+`(, `\w+`)* \| (?:debug|info|warn|error|by severity)/.test(line))
  .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1]));

it.each([
  ['cluster', sources.filter(isOfCluster)],
  ['all else', sources.filter((file) => !isOfCluster(file))],
])('names each event once: %s', (_, files) => {
  const events = eventsOf(files);
  expect([...events].sort()).toEqual([...new Set(events)].sort());
});

it('lists every event in docs/speaker.md, and none that there is not', () => {
  expect([...documented].sort()).toEqual([...logged].sort());
});
