import { describe, expect, it } from 'vitest';
import { detectionMsOf, expectedFailover, failoverText, promisedFailover } from './failover.ts';

const PROFILE = {
  name: 'production-bfd',
  receiveIntervalMs: 300,
  transmitIntervalMs: 300,
  detectMultiplier: 3,
  echoIntervalMs: null,
  echoMode: false,
  passiveMode: false,
  minimumTtl: 254,
};
const HOLD = { bfdDetectionMs: null, holdTimeSeconds: 90, restartTimeSeconds: null };

describe('expected fail-over', () => {
  it.each([
    ['the hold time alone', HOLD, { ms: 90_000, by: 'holdTime' }],
    ['BFD that is Up', { ...HOLD, bfdDetectionMs: 900 }, { ms: 900, by: 'bfd' }],
    ['BFD that is slower than the hold time', { ...HOLD, bfdDetectionMs: 120_000 }, { ms: 90_000, by: 'holdTime' }],
    ['no hold time', { ...HOLD, holdTimeSeconds: 0 }, { ms: null, by: 'nothing' }],
    ['BFD without a hold time', { ...HOLD, bfdDetectionMs: 900, holdTimeSeconds: 0 }, { ms: 900, by: 'bfd' }],
    ['graceful restart', { ...HOLD, restartTimeSeconds: 120 }, { ms: 210_000, by: 'holdTime' }],
    // The C bit is 0: the router waits for the restart (RFC 5882 section 4.3).
    ['both', { ...HOLD, bfdDetectionMs: 900, restartTimeSeconds: 120 }, { ms: 120_900, by: 'bfd' }],
    ['nothing at all', { ...HOLD, holdTimeSeconds: 0, restartTimeSeconds: 120 }, { ms: null, by: 'nothing' }],
  ] as const)('%s', (_, facts, expected) => expect(expectedFailover(facts)).toEqual(expected));

  it('is what the profile promises, defaults included', () => {
    expect(promisedFailover(90, PROFILE)).toEqual({ ms: 900, by: 'bfd' });
    expect(detectionMsOf({ ...PROFILE, transmitIntervalMs: null, detectMultiplier: null })).toBe(900);
    expect(promisedFailover(90, null)).toEqual({ ms: 90_000, by: 'holdTime' });
  });

  it('has words', () => {
    expect(failoverText({ ms: 900, by: 'bfd' })).toBe('after 900 ms (BFD)');
    expect(failoverText({ ms: 90_000, by: 'holdTime' })).toBe('after 90 s (hold time)');
    expect(failoverText({ ms: null, by: 'nothing' })).toBe('never (hold time 0)');
  });
});
