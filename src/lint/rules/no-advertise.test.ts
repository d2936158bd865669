import { expect, it } from 'vitest';
import { advertisement } from '../../plan/testing/fixture.ts';
import { check } from '../testing/check.ts';
import { noAdvertise } from './no-advertise.ts';

it('warns of no-advertise, and of nothing near it', () => {
  const of = (community: number) =>
    check(noAdvertise, { config: { bgpAdvertisements: [advertisement('backup-path', { communities: [community] })] } });
  expect(of(0xffffff02)).toMatchObject([{ severity: 'warning', path: ['spec', 'communities'] }]);
  expect([...of(0xffffff01), ...of(0xffffff03), ...of(0x0000ff02)]).toEqual([]);
});
