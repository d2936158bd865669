/** One measurement of the allocator in a process of its own: a pool of 50,000 Services in which a million times one goes and one comes. */
import { Allocator } from '../src/allocator/allocator.ts';
import { pool, service } from '../src/plan/testing/fixture.ts';

const range = process.argv[2] ?? '10.16.0.0/12';
const family = range.includes(':') ? 6 : 4;
const IN_USE = 50_000;
const TENTH = 100_000;

const allocator = new Allocator([pool('p', [range])], new Map());
const services = Array.from({ length: IN_USE }, (_, i) => service(`x/s${i}`, { ipFamilies: [family] }));
for (const one of services) allocator.serve(one);

const microseconds: number[] = [];
let random = 1;
for (let tenth = 0; tenth < 10; tenth++) {
  const from = performance.now();
  for (let i = 0; i < TENTH; i++) {
    // A linear congruential generator (Numerical Recipes): which one goes is scattered, and the same at every run.
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    const one = services[random % IN_USE];
    if (one === undefined) continue;
    allocator.release(one.key);
    if (allocator.serve(one).state !== 'Assigned') throw new Error('an address was free');
  }
  microseconds.push(((performance.now() - from) * 1000) / TENTH);
}
process.stdout.write(`${JSON.stringify({ pool: range, microseconds })}\n`);
