import { describe, expect, it } from 'vitest';
import { resolvePlain } from './scalar.ts';

describe('resolvePlain', () => {
  it.each([
    ['yes', true],
    ['On', true],
    ['no', false],
    ['OFF', false],
    ['true', true],
    ['~', null],
    ['', null],
    ['Null', null],
    ['64513', 64513],
    ['-7', -7],
    ['1_000', 1000],
    ['0x1F', 31],
    ['0b101', 5],
    ['0777', 511],
    ['0o17', 15],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['.5', 0.5],
    ['64512:100', '64512:100'],
    ['12:30:45', '12:30:45'],
    ['2026-01-02', '2026-01-02'],
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
    ['192.168.1.1', '192.168.1.1'],
    ['10.0.0.0/24', '10.0.0.0/24'],
    ['90s', '90s'],
    ['yEs', 'yEs'],
    ['-', '-'],
    ['_1', '_1'],
  ])('reads %s as kubectl does', (text, value) => {
    expect(resolvePlain(text)).toBe(value);
  });
});
