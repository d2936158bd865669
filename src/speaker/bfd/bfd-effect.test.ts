import { describe, expect, it } from 'vitest';
import type { State } from '../../bfd/state.ts';
import { BfdWatch } from './bfd-effect.ts';

/** Feeds changes, each with its time, our new state and the router's. */
const effects = (...changes: readonly (readonly [at: number, to: State, remote: State])[]): string[] => {
  const watch = new BfdWatch();
  return changes.map(([at, to, remoteSessionState]) => watch.changed({ to, remoteSessionState }, at));
};

describe('what BFD does to a BGP session', () => {
  it('ends it where it goes down after it was Up, whoever noticed', () => {
    expect(effects([0, 'Init', 'Down'], [1, 'Up', 'Init'], [60_000, 'Down', 'Up'])).toEqual([
      'nothing',
      'retrySession',
      'endSession',
    ]);
    expect(effects([1, 'Up', 'Up'], [60_000, 'Down', 'Down'])).toEqual(['retrySession', 'endSession']);
  });

  it('does nothing where it never was Up', () => {
    expect(effects([0, 'Init', 'Down'], [5_000, 'Down', 'Init'], [6_000, 'Init', 'Down'])).toEqual(
      Array(3).fill('nothing'),
    );
  });

  it('does nothing where the router, or we, shut it down on purpose', () => {
    expect(effects([1, 'Up', 'Up'], [60_000, 'Down', 'AdminDown'])).toEqual(['retrySession', 'nothing']);
    expect(effects([1, 'Up', 'Up'], [60_000, 'AdminDown', 'Up'])).toEqual(['retrySession', 'nothing']);
  });

  it('does nothing when the router comes and goes while it is shut down', () => {
    expect(effects([1, 'Up', 'Up'], [2, 'Down', 'AdminDown'], [3, 'Init', 'Down'], [4, 'Down', 'AdminDown'])).toEqual([
      'retrySession',
      'nothing',
      'nothing',
      'nothing',
    ]);
  });

  it('cuts no pause short where BFD goes up and down, until it was Up for half a minute', () => {
    expect(
      effects(
        [0, 'Up', 'Up'],
        [60_000, 'Down', 'Up'],
        [62_000, 'Up', 'Up'], // the first failure after a steady time: at once
        [64_000, 'Down', 'Up'],
        [66_000, 'Up', 'Up'], // it flaps
        [70_000, 'Down', 'Up'],
        [72_000, 'Up', 'Up'],
        [102_000, 'Down', 'Up'], // thirty seconds: steady again
        [104_000, 'Up', 'Up'],
      ),
    ).toEqual([
      'retrySession',
      'endSession',
      'retrySession',
      'endSession',
      'nothing',
      'endSession',
      'nothing',
      'endSession',
      'retrySession',
    ]);
  });
});
