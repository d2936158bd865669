/** A short run of the fuzzer of BFD with a fixed seed; `npm run fuzz -- --protocol bfd` is the long one. */
import { expect, it } from 'vitest';
import { DROP_REASONS } from '../../src/bfd/drop-reason.ts';
import { STATES } from '../../src/bfd/state.ts';
import { bfdCorpusOf } from './bfd-corpus.ts';
import { BfdFuzzRun } from './bfd-run.ts';

const { packets } = bfdCorpusOf('without-vectors');

it('feeds mutated packets in all four states, and every rule holds', () => {
  const run = new BfdFuzzRun(5880, packets);
  run.run(20_000);
  const { fed, outcomes } = run.summary;
  expect(Object.keys(fed).sort()).toEqual([...STATES].sort());
  // Every reason was met that a Control packet can be dropped for.
  expect(DROP_REASONS.filter((reason) => outcomes[reason] === undefined)).toEqual(['unknownEcho']);
  expect(outcomes.taken).toBeGreaterThan(2_000);
});

it('is the same run for the same seed', () => {
  const summaryOf = (seed: number) => {
    const run = new BfdFuzzRun(seed, packets);
    run.run(500);
    return run.summary;
  };
  expect(summaryOf(7)).toEqual(summaryOf(7));
  expect(summaryOf(7)).not.toEqual(summaryOf(8));
});
