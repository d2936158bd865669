import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDurationMs } from './duration.ts';
import type { Problem } from './problem.ts';
import { problemLines } from './testing.ts';
import { parseConnectTime, parseTimers } from './timers.ts';

describe('parseDurationMs', () => {
  it.each([
    ['90s', 90_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['300ms', 300],
    ['.5s', 500],
    ['2.s', 2_000],
    ['0', 0],
    ['-3s', -3_000],
    ['1us', 0.001],
  ])('reads %s', (text, ms) => {
    expect(parseDurationMs(text)).toBeCloseTo(ms, 9);
  });
  it.each(['', '90', 's', '1 m', '1m 30s', '90sec', '1d', '--1s', 'Inf', '-'])('refuses %j', (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });
  it('never throws, and never gives a number that is none', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseDurationMs(text)).not.toBeNaN();
      }),
    );
  });
});

describe('parseTimers', () => {
  it.each([
    [undefined, undefined, 90, 30],
    ['90s', '30s', 90, 30],
    ['1m', undefined, 60, 20],
    ['4s', undefined, 4, 1],
    [undefined, '10s', 30, 10],
    ['0s', undefined, 0, 0],
    ['0', '0s', 0, 0],
    ['90s', '0s', 90, 30],
    ['3s', '1s', 3, 1],
    ['65535s', undefined, 65_535, 21_845],
  ])('hold %s and keepalive %s are %i s and %i s', (hold, keepalive, holdTimeSeconds, keepaliveSeconds) => {
    const problems: Problem[] = [];
    expect(parseTimers(hold, keepalive, problems)).toEqual({ holdTimeSeconds, keepaliveSeconds });
    expect(problems).toEqual([]);
  });
  it.each([
    ['2s', undefined, 'error bad-timers spec.holdTime'],
    ['500ms', undefined, 'error bad-timers spec.holdTime'],
    ['20h', undefined, 'error bad-timers spec.holdTime'],
    ['90', undefined, 'error bad-duration spec.holdTime'],
    ['-90s', undefined, 'error bad-duration spec.holdTime'],
    ['9s', '10s', 'error bad-timers spec.keepaliveTime'],
    ['0s', '3s', 'error bad-timers spec.keepaliveTime'],
    ['9s', '500ms', 'error bad-timers spec.keepaliveTime'],
    [undefined, '10h', 'error bad-timers spec.keepaliveTime'],
    [undefined, 'soon', 'error bad-duration spec.keepaliveTime'],
  ])('refuses hold %s with keepalive %s', (hold, keepalive, line) => {
    const problems: Problem[] = [];
    parseTimers(hold, keepalive, problems);
    expect(problemLines(problems)).toEqual([line]);
  });
  it('helps with a number that has no unit', () => {
    const problems: Problem[] = [];
    parseTimers('90', undefined, problems);
    expect(problems[0]?.help).toBe('write 90s');
  });
});

describe('parseConnectTime', () => {
  it.each([
    [undefined, null, 0],
    ['1s', 1, 0],
    ['65535s', 65_535, 0],
    ['0s', 0, 1],
    ['1500ms', 1.5, 1],
    ['65536s', 65_536, 1],
  ])('reads %s', (text, seconds, faults) => {
    const problems: Problem[] = [];
    expect(parseConnectTime(text, problems)).toBe(seconds);
    expect(problems).toHaveLength(faults);
  });
});
