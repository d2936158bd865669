import { describe, expect, it } from 'vitest';
import { isThrough, type Probe, passageOf } from './passage.ts';

/** Two flows in turn, a probe every 10 ms; the number of a probe tells by whom it was answered. */
const probes = (routerOf: (number: number) => string | null): readonly Probe[] =>
  Array.from({ length: 40 }, (_, number) => {
    const router = routerOf(number);
    return {
      number,
      flow: number % 2,
      sentMs: 1_000 + number * 10,
      answer: router === null ? null : { router, node: 'node1' },
    };
  });

describe('the passage of probes', () => {
  it('counts what was sent in the span, by the router that it went through', () => {
    const all = probes((number) => (number < 10 ? 'primary' : 'backup'));
    expect(passageOf(all, 1_050, 1_200)).toEqual({
      sent: 15,
      lost: 0,
      through: { primary: 5, backup: 10 },
      longestGapMs: 0,
    });
  });

  it('has the gap of the flow that waited longest, though the other one went on', () => {
    const all = probes((number) => (number % 2 === 1 && number > 10 && number < 30 ? null : 'primary'));
    // Flow 1 was answered with probes 9 and 31, and not between them.
    expect(passageOf(all, 1_000, 1_400)).toMatchObject({ sent: 40, lost: 10, longestGapMs: 220 });
  });

  it('has a gap until the end where no answer came any more', () => {
    const all = probes((number) => (number < 20 ? 'primary' : null));
    expect(passageOf(all, 1_000, 1_400)).toMatchObject({ lost: 20, longestGapMs: 220 });
  });

  it('has the whole span as a gap where no answer came at all', () => {
    expect(
      passageOf(
        probes(() => null),
        1_000,
        1_400,
      ),
    ).toEqual({ sent: 40, lost: 40, through: {}, longestGapMs: 400 });
  });

  it('is through one router only when every probe was', () => {
    const all = probes((number) => (number === 20 ? null : number < 20 ? 'primary' : 'backup'));
    expect(isThrough(all, 'backup', 1_210, 1_400)).toBe(true);
    expect(isThrough(all, 'backup', 1_200, 1_400)).toBe(false);
    expect(isThrough(all, 'backup', 1_190, 1_400)).toBe(false);
    expect(isThrough(all, 'backup', 1_400, 1_500)).toBe(false);
  });
});
