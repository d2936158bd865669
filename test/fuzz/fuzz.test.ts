/** A short run of the fuzzer with a fixed seed, so that a broken rule shows at once; `npm run fuzz` is the long one. */
import { expect, it } from 'vitest';
import { STATES } from '../../src/bgp/fsm.ts';
import { corpusOf } from './corpus.ts';
import { FuzzRun } from './run.ts';

const own = corpusOf('without-vectors').messages;

it('feeds mutated messages in all six states, and every rule holds', () => {
  const run = new FuzzRun(4271, own);
  run.run(4_000);
  const { fed, ends, errors } = run.summary;
  expect(Object.keys(fed).sort()).toEqual([...STATES].sort());
  // The mutations reach what they are for: header, OPEN, UPDATE and FSM errors, and every class of RFC 7606 that we have.
  const codes = new Set(Object.keys(ends).map((end) => end.split('/')[0]));
  for (const code of ['sent 1', 'sent 2', 'sent 3', 'sent 5', 'notificationReceived']) expect(codes).toContain(code);
  expect(Object.keys(errors).sort()).toEqual(['attribute-discard', 'session-reset', 'treat-as-withdraw']);
});

it('is the same run for the same seed', () => {
  const summaryOf = (seed: number) => {
    const run = new FuzzRun(seed, own);
    run.run(300);
    return run.summary;
  };
  expect(summaryOf(7)).toEqual(summaryOf(7));
  expect(summaryOf(7)).not.toEqual(summaryOf(8));
});
