import { describe, expect, it } from 'vitest';
import { CommunityDirectory, formatCommunity, parseCommunity, parseCommunityValue } from './community.ts';
import { problemLines, resourceOf } from './testing.ts';

describe('parseCommunityValue', () => {
  it.each([
    ['64512:100', '64512:100'],
    ['0:0', '0:0'],
    ['65535:65535', '65535:65535'],
    ['00064:01', '64:1'],
    ['large:4294967295:1:2', '4294967295:1:2'],
    ['no-export', '65535:65281'],
    ['no-advertise', '65535:65282'],
    ['no-export-subconfed', '65535:65283'],
    ['no-peer', '65535:65284'],
    ['blackhole', '65535:666'],
    ['graceful-shutdown', '65535:0'],
    ['accept-own', '65535:1'],
    ['llgr-stale', '65535:6'],
    ['no-llgr', '65535:7'],
  ])('reads %s', (text, printed) => {
    const value = parseCommunityValue(text);
    expect(value.ok && formatCommunity(value.value)).toBe(printed);
  });
  it.each([
    '65536:1',
    '1:65536',
    'large:1:2:4294967296',
    '1',
    '1:2:3',
    'LARGE:1:2:3',
    '0x1:2',
    '+1:2',
    ' 1:2',
    'no-exprot',
    '',
  ])('refuses %j', (text) => {
    expect(parseCommunityValue(text).ok).toBe(false);
  });
  it('says which word was meant', () => {
    expect(parseCommunityValue('no-exprot')).toMatchObject({
      error: expect.stringContaining('did you mean "no-export"'),
    });
  });
});

describe('CommunityDirectory', () => {
  const community = (name: string, ...aliases: [string, string][]) => {
    const spec = { communities: aliases.map(([alias, value]) => ({ name: alias, value })) };
    const parsed = parseCommunity(resourceOf('Community', name, spec));
    if (parsed.value === null) throw new Error(problemLines(parsed.problems).join());
    return parsed.value;
  };
  const resolve = (directory: CommunityDirectory, name: string) => {
    const found = directory.resolve(name);
    return found.ok ? [...found.value.values.map(formatCommunity), found.value.ambiguous] : found.error;
  };

  it('looks for an alias, then a literal, then a word, then a Community with all its values', () => {
    const directory = new CommunityDirectory();
    directory.add(community('blackhole', ['no-peer', '1:1'], ['x', '2:2'], ['64512:7', '3:3']));
    directory.add(community('both', ['p', '4:4'], ['q', '5:5']));
    directory.add(community('other', ['both', '6:6']));
    expect(resolve(directory, 'no-peer')).toEqual(['1:1', false]);
    expect(resolve(directory, '64512:7')).toEqual(['3:3', false]);
    expect(resolve(directory, '64512:8')).toEqual(['64512:8', false]);
    expect(resolve(directory, 'no-export')).toEqual(['65535:65281', false]);
    expect(resolve(directory, 'blackhole')).toEqual(['65535:666', false]);
    expect(resolve(directory, 'both')).toEqual(['6:6', true]);
    expect(resolve(directory, 'other')).toEqual(['6:6', false]);
    expect(resolve(directory, 'bohh')).toContain('did you mean "both"');
  });

  it('refuses the whole Community that defines an alias again', () => {
    const directory = new CommunityDirectory();
    directory.add(community('a', ['x', '1:1']));
    expect(problemLines(directory.add(community('b', ['y1', '2:2'], ['x', '3:3'])))).toEqual([
      'error duplicate-alias spec.communities[1].name',
    ]);
    expect(resolve(directory, 'x')).toEqual(['1:1', false]);
    expect(resolve(directory, 'y1')).toContain('no alias');
    expect(problemLines(directory.add(community('c', ['z', '1:1'], ['z', '1:1'])))).toEqual([
      'error duplicate-alias spec.communities[1].name',
    ]);
  });

  it('reads a Community with every problem at once', () => {
    const spec = {
      communities: [{ name: '', value: '1:1' }, null, { name: 'x', value: 'y' }, { value: '1:1', nmae: 'z' }],
    };
    expect(problemLines(parseCommunity(resourceOf('Community', 'c', spec)).problems)).toEqual([
      'warning unknown-field spec.communities[3].nmae',
      'error missing-field spec.communities[3].name',
      'error missing-field spec.communities[0].name',
      'error bad-community spec.communities[2].value',
    ]);
  });
});
