import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AtomicDirectory } from './atomic-directory.ts';

let path = '';
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'atomic-directory-'));
});
afterEach(() => rmSync(path, { recursive: true }));

const bytes = (files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));

it('changes all files by one link, and leaves nothing of the version before', () => {
  const directory = new AtomicDirectory(path);
  directory.write(bytes({ token: 'one', 'sub/ca.crt': 'ca' }));
  expect(readlinkSync(join(path, 'token'))).toBe('..data/token');
  directory.write(bytes({ token: 'two' }));
  expect(readdirSync(path).sort()).toEqual(['..data', '..version-2', 'token']);
  expect(readFileSync(join(path, 'token'), 'utf8')).toBe('two');
});

it('does not touch what did not change', () => {
  const directory = new AtomicDirectory(path);
  expect(directory.write(bytes({ a: '1', b: '2' }))).toBe(true);
  expect(directory.write(bytes({ b: '2', a: '1' }))).toBe(false);
  expect(directory.write(bytes({ a: '1', c: '2' }))).toBe(true);
  expect(readdirSync(path).sort()).toEqual(['..data', '..version-2', 'a', 'c']);
});

it('has files where there are none yet', () => {
  expect(new AtomicDirectory(path).write({})).toBe(true);
  expect(readdirSync(join(path, '..data'))).toEqual([]);
});
