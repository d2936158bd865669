/**
 * Property tests draw the same cases at every run, so that a run can be repeated and a failure means a change. `FC_SEED=N` draws others;
 * a failure prints the seed and the path of its counterexample either way.
 */
import fc from 'fast-check';

const FIXED_SEED = 4271;

fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? FIXED_SEED) });
