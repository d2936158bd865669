import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContainerLog, selectLog } from './container-log.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'container-log-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

describe('ContainerLog', () => {
  it('writes whole lines with their times, whatever the pieces that they came in', () => {
    const file = join(directory, '0.log');
    let second = 0;
    const log = new ContainerLog(file, () => at(second++));
    log.write('stdout', Buffer.from('one\ntw'));
    log.write('stderr', Buffer.from('bad\n'));
    log.write('stdout', Buffer.from('o\n\nrest'));
    log.close();
    expect(readFileSync(file, 'utf8').split('\n')).toEqual([
      '2026-01-01T00:00:00.000000000Z stdout F one',
      '2026-01-01T00:00:01.000000000Z stderr F bad',
      '2026-01-01T00:00:02.000000000Z stdout F two',
      '2026-01-01T00:00:02.000000000Z stdout F ',
      '2026-01-01T00:00:03.000000000Z stdout F rest',
      '',
    ]);
  });

  it('does not wait for the end of a line without end', () => {
    const file = join(directory, '0.log');
    const log = new ContainerLog(file, () => at(0));
    log.write('stdout', Buffer.from(`${'x'.repeat(40_000)}\n`));
    log.close();
    const content = readFileSync(file, 'utf8');
    expect(content.match(/ [FP] /g)).toEqual([' F ']);
    const slow = new ContainerLog(join(directory, '1.log'), () => at(0));
    slow.write('stdout', Buffer.from('x'.repeat(40_000)));
    slow.write('stdout', Buffer.from('y\n'));
    slow.close();
    const parts = readFileSync(join(directory, '1.log'), 'utf8');
    expect(parts.match(/ [FP] /g)).toEqual([' P ', ' P ', ' F ']);
    expect(selectLog(parts, { timestamps: false })).toBe(`${'x'.repeat(40_000)}y\n`);
  });
});

describe('selectLog', () => {
  const content = [0, 1, 2].map((second) => `${at(second).toISOString()} stdout F line ${second}\n`).join('');

  it.each([
    [{ timestamps: false }, 'line 0\nline 1\nline 2\n'],
    [{ timestamps: false, tailLines: 2 }, 'line 1\nline 2\n'],
    [{ timestamps: false, tailLines: 0 }, ''],
    [{ timestamps: false, tailLines: 9 }, 'line 0\nline 1\nline 2\n'],
    [{ timestamps: false, since: '2026-01-01T00:00:01Z' }, 'line 1\nline 2\n'],
    [{ timestamps: true, tailLines: 1 }, '2026-01-01T00:00:02.000Z line 2\n'],
  ])('%j', (options, expected) => {
    expect(selectLog(content, options)).toBe(expected);
  });
});
