import { describe, expect, it } from 'vitest';
import type { Problem } from './problem.ts';
import { nodeSelectorsMatch, parseSelector, parseSelectors, type SelectorSource, selectorMatches } from './selector.ts';
import { problemLines } from './testing.ts';

const parse = (source: SelectorSource) => {
  const problems: Problem[] = [];
  return { selector: parseSelector(source, [], problems), problems };
};
const matches = (source: SelectorSource, labels: Record<string, string>) =>
  selectorMatches(parse(source).selector, labels);
const expression = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', ...values: string[]): SelectorSource => ({
  matchExpressions: [{ key: 'os', operator, values }],
});

describe('selectorMatches', () => {
  it.each([
    [{}, {}, true],
    [{ matchLabels: { os: 'linux' } }, { os: 'linux' }, true],
    [{ matchLabels: { os: 'linux', arch: 'arm' } }, { os: 'linux' }, false],
    [expression('In', 'linux', 'bsd'), { os: 'bsd' }, true],
    [expression('In', 'linux'), {}, false],
    [expression('NotIn', 'linux'), { os: 'linux' }, false],
    [expression('NotIn', 'linux'), {}, true],
    [expression('Exists'), { os: '' }, true],
    [expression('Exists'), {}, false],
    [expression('DoesNotExist'), {}, true],
    [{ matchLabels: { constructor: 'x' } }, {}, false],
  ] as const)('%j on %j is %s', (source, labels, result) => {
    expect(matches(source, labels)).toBe(result);
  });
});

describe('nodeSelectorsMatch', () => {
  const selectors = parseSelectors([{ matchLabels: { a: '1' } }, { matchLabels: { b: '2' } }], [], []);
  it.each([
    ['All', { a: '1', b: '2' }, true],
    ['All', { a: '1' }, false],
    ['Any', { a: '1' }, true],
    ['Any', {}, false],
  ] as const)('%s of two selectors on %j is %s', (policy, labels, result) => {
    expect(nodeSelectorsMatch(selectors, policy, labels)).toBe(result);
  });
  it('selects every node where the list is empty, under both policies', () => {
    expect(nodeSelectorsMatch([], 'All', {}) && nodeSelectorsMatch([], 'Any', {})).toBe(true);
  });
});

describe('parseSelector', () => {
  it.each([
    [expression('In'), 'error bad-selector matchExpressions[0]'],
    [expression('Exists', 'x'), 'error bad-selector matchExpressions[0].values'],
    [expression('In', 'a', 'a'), 'error duplicate-entry matchExpressions[0].values[1]'],
    [{ matchLabels: { 'no key!': 'x' } }, 'error bad-selector matchLabels["no key!"]'],
    [{ matchLabels: { 'Bad_Prefix/x': 'x' } }, 'error bad-selector matchLabels["Bad_Prefix/x"]'],
    [{ matchLabels: { a: 'no value!' } }, 'error bad-selector matchLabels.a'],
  ])('refuses %j', (source, line) => {
    expect(problemLines(parse(source).problems)).toEqual([line]);
  });

  it('refuses the same selector twice, in whatever order it is written', () => {
    const problems: Problem[] = [];
    parseSelectors([{ matchLabels: { a: '1', b: '2' } }, { matchLabels: { b: '2', a: '1' } }], ['s'], problems);
    expect(problemLines(problems)).toEqual(['error duplicate-entry s[1]']);
  });
});
