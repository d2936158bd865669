import { expect, it } from 'vitest';
import { advertisement } from '../../plan/testing/fixture.ts';
import { check } from '../testing/check.ts';
import { noExport } from './no-export.ts';

it('mentions no-export, and nothing near it', () => {
  const of = (community: number) =>
    check(noExport, { config: { bgpAdvertisements: [advertisement('a', { communities: [community] })] } });
  expect(of(0xffffff01)).toMatchObject([{ severity: 'info', path: ['spec', 'communities'] }]);
  expect([...of(0xffffff02), ...of(0xff01)]).toEqual([]);
});

it('names the alias by which it came along', () => {
  const communities = [{ name: 'high-priority', aliases: [{ name: 'local-only', value: 0xffffff01 }] }];
  const bgpAdvertisements = [advertisement('a', { communities: [0xffffff01] })];
  expect(check(noExport, { config: { bgpAdvertisements }, communities })[0]?.message).toContain(
    '(alias "local-only" of Community "high-priority")',
  );
});
