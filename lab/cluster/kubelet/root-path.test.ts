import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram, resolveInRoot } from './root-path.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'root-path-'));
  for (const directory of ['run', 'usr/bin', 'var', 'a']) mkdirSync(join(root, directory), { recursive: true });
  symlinkSync('/run', join(root, 'var/run'));
  symlinkSync('usr/bin', join(root, 'bin'));
  symlinkSync('../../..', join(root, 'a/up'));
  symlinkSync('circle', join(root, 'circle'));
  writeFileSync(join(root, 'usr/bin/tool'), '#!');
  chmodSync(join(root, 'usr/bin/tool'), 0o755);
  writeFileSync(join(root, 'usr/bin/text'), '');
  symlinkSync('/usr/bin/tool', join(root, 'usr/bin/link'));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('resolveInRoot', () => {
  it.each([
    ['/var/run/secrets/x', '/run/secrets/x'],
    ['/bin/tool', '/usr/bin/tool'],
    ['/a/up/up/run', '/up/run'],
    ['/../../etc', '/etc'],
    ['/not/there', '/not/there'],
  ])('%s is %s', (path, expected) => {
    expect(resolveInRoot(root, path)).toBe(expected);
  });

  it('ends where links lead in a circle', () => {
    expect(() => resolveInRoot(root, '/circle')).toThrow('too many links');
  });
});

describe('findProgram', () => {
  it.each([
    ['tool', '/bin/tool'],
    ['link', '/bin/link'],
    ['/no/such', '/no/such'],
    ['text', undefined],
    ['nothing', undefined],
  ])('%s is %s', (name, expected) => {
    expect(findProgram(root, name, '/sbin:/bin:relative')).toBe(expected);
  });
});
