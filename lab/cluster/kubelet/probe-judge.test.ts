import { expect, it } from 'vitest';
import { ProbeJudge } from './probe-judge.ts';

const verdicts = (judge: ProbeJudge, results: string): string =>
  [...results].map((result) => (judge.take(result === '+') ? (judge.verdict ? 'Y' : 'N') : '.')).join('');

it.each([
  // results, thresholds of success and failure, where the verdict changes and to what
  ['+', 1, 3, 'Y'],
  ['---', 1, 3, '..N'],
  ['--+--+', 1, 3, '..Y...'],
  ['+--+---+', 1, 3, 'Y.....NY'],
  ['-++-++', 2, 1, 'N.YN.Y'],
])('%s with thresholds %i and %i', (results, successThreshold, failureThreshold, expected) => {
  expect(verdicts(new ProbeJudge({ successThreshold, failureThreshold }), results)).toBe(expected);
});
